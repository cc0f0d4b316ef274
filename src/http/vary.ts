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
  const value = String(headers[name])
  if (name === 'accept-encoding') return listMembers(value).map(coding).sort().join()
  // Of a field that need not be a list, nothing but blanks may be left out: to its handler an empty member may be one.
  return value
    .split(',')
    .map((member) => member.trim())
    .join()
}

const coding = (member: string) =>
  member
    .toLowerCase()
    .replace(/\s/g, '')
    .replace(/;q=1(?:\.0*)?$/, '')

const none: readonly string[] = Object.freeze([])
