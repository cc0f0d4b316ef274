/** Targeted cache control (RFC 9213): fields for caches of one kind, which then look at nothing else. */
import type { Directives } from './cache-control.ts'
import { fieldValue, type HeaderField, listMembers } from './headers.ts'

/** The fields we are a target of, the more special one first. */
const targets = ['tiercache-cache-control', 'cdn-cache-control'] as const

/** The directives of the first of our fields that is there and is well formed; undefined where none is. */
export function targetedDirectives(headers: readonly HeaderField[]): Directives | undefined {
  for (const name of targets) {
    const value = fieldValue(headers, name)
    const directives = value === undefined ? undefined : dictionary(value)
    if (directives !== undefined && directives.size > 0) return directives
  }
  return undefined
}

/** A member of a dictionary (RFC 9651 §3.2) whose value is of a type that directives have; parameters are of no meaning. */
const member =
  /^([a-z*][a-z0-9_.*-]*)(?:=(\?[01]|-?\d{1,15}|"(?:[^"\\]|\\["\\])*"|[A-Za-z*][\w!#$%&'*+.^`|~:/-]*))?(?:;.*)?$/

/** A dictionary, or undefined where any of it is malformed: such a field is ignored whole. The last of equal names counts. */
function dictionary(value: string): Directives | undefined {
  const directives = new Map<string, readonly (string | true)[]>()
  if (/,\s*$|^\s*,|,\s*,/.test(value)) return undefined
  for (const text of listMembers(value)) {
    const [, name, argument] = member.exec(text) ?? []
    if (name === undefined) return undefined
    directives.delete(name)
    // What is said to be false is not said.
    if (argument !== '?0')
      directives.set(name, [argument === undefined || argument === '?1' ? true : unquoted(argument)])
  }
  return directives
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}
