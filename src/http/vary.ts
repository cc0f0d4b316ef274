/** Which request headers an answer was chosen by (RFC 9110 §12.5.5), and what they said. */
import type { IncomingHttpHeaders } from 'node:http'
import { fieldLines, type HeaderField, listMembers } from './headers.ts'

/** The lower-case names in `Vary` that the fingerprint does not cover, sorted, or `*` where nothing can. */
export function uncoveredVary(headers: readonly HeaderField[], covered: readonly string[]): readonly string[] | '*' {
  const names = new Set<string>()
  for (const line of fieldLines(headers, 'vary')) {
    for (const name of listMembers(line.toLowerCase())) {
      if (name === '*') return '*'
      if (!covered.includes(name)) names.add(name)
    }
  }
  return names.size === 0 ? none : [...names].sort()
}

/**
 * What a request says in these headers, as text that is equal for requests that may share an answer (RFC 9111 §4.1): blanks around commas,
 * and the order and case of codings, make no difference.
 */
export function selection(names: readonly string[], headers: IncomingHttpHeaders): string {
  return JSON.stringify(names.map((name) => selected(name, headers)))
}

function selected(name: string, headers: IncomingHttpHeaders): string | null {
  if (!Object.hasOwn(headers, name)) return null
  const members = listMembers(String(headers[name]))
  return name === 'accept-encoding' ? members.map(coding).sort().join() : members.join()
}

/** A `Vary` field that names `name` too, once. */
export function addVary(lines: number | string | readonly string[] | undefined, name: string): string {
  const field = (typeof lines === 'object' ? lines.join(', ') : String(lines ?? '')).trim()
  if (field === '') return name
  const names = listMembers(field.toLowerCase())
  return names.includes('*') || names.includes(name.toLowerCase()) ? field : `${field}, ${name}`
}

const coding = (member: string) =>
  member
    .toLowerCase()
    .replace(/\s/g, '')
    .replace(/;q=1(?:\.0*)?$/, '')

const none: readonly string[] = Object.freeze([])
