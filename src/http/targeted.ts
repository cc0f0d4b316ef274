/** Targeted cache control (RFC 9213): fields for caches of one kind, which then look at nothing else. */
import type { Directives } from './cache-control.ts'
import { fieldValue, type HeaderField, listMembers } from './headers.ts'
import { surrogateDirectives } from './surrogate-control.ts'

/** The fields we are a target of, the more special one first, and how each is read. */
const targets = [
  ['tiercache-cache-control', dictionary],
  ['cdn-cache-control', dictionary],
  ['surrogate-control', surrogateDirectives],
] as const

/** The directives of the first of our fields that is there and is well formed; undefined where none is. */
export function targetedDirectives(headers: readonly HeaderField[]): Directives | undefined {
  for (const [name, read] of targets) {
    const value = fieldValue(headers, name)
    const directives = value === undefined ? undefined : read(value)
    if (directives !== undefined && directives.size > 0) return directives
  }
  return undefined
}

const key = '[a-z*][a-z0-9_.*-]*'
const text = '"(?:[ !#-[\\]-~]|\\\\["\\\\])*"'
/** Integers and decimals, strings, tokens, byte sequences, booleans, dates (RFC 9651 §3.3). */
const bareItem = `-?\\d{1,12}\\.\\d{1,3}|@?-?\\d{1,15}|${text}|[A-Za-z*][\\w!#$%&'*+.^\`|~:/-]*|:[A-Za-z0-9+/=]*:|\\?[01]`
const parameters = `(?:; *${key}(?:=(?:${bareItem}))?)*`
const innerList = `\\( *(?:(?:${bareItem})${parameters}(?: +|(?=\\))))*\\)`
/** A member of a dictionary (RFC 9651 §3.2); parameters are of no meaning. */
const member = new RegExp(`^(${key})(?:=(${bareItem}|${innerList}))?${parameters}$`)

/** A dictionary, or undefined where any of it is malformed: such a field is ignored whole (RFC 9213 §2.1). The last of equal names counts. */
function dictionary(value: string): Directives | undefined {
  const directives = new Map<string, readonly (string | true)[]>()
  if (/,\s*$|^\s*,|,\s*,/.test(value)) return undefined
  for (const one of listMembers(value)) {
    const [, name, argument] = member.exec(one) ?? []
    if (name === undefined) return undefined
    directives.delete(name)
    // What is said to be false is not said.
    if (argument !== '?0') directives.set(name, [argument === undefined || argument === '?1' ? true : argument])
  }
  return directives
}
