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

function selected(name: string, headers: IncomingHttpHeaders): readonly string[] | null {
  if (!Object.hasOwn(headers, name)) return null
  const value = String(headers[name])
  if (name === 'accept-encoding') return acceptedCodings(value)
  // Of a field that need not be a list, nothing but blanks may be left out: to its handler an empty member may be one.
  return value.split(',').map((member) => member.trim())
}

/** What `Accept-Encoding` says, in one spelling: requests for which it is equal may share an answer. */
export function acceptedCodings(value: string): readonly string[] {
  return listMembers(value).map(coding).sort()
}

/** A `Vary` field that names `name` too, once. */
export function addVary(lines: number | string | readonly string[] | undefined, name: string): string {
  const field = (typeof lines === 'object' ? lines.join(', ') : String(lines ?? '')).trim()
  if (field === '') return name
  const names = listMembers(field.toLowerCase())
  return names.includes('*') || names.includes(name.toLowerCase()) ? field : `${field}, ${name}`
}

/** A coding and its weight as everyone reads them (RFC 9110 §12.4.2); whatever is malformed may be read in more than one way, and stands for itself. */
function coding(member: string): string {
  const [, name, weight = '1'] = codingMember.exec(member) ?? []
  return name === undefined ? member : `${name.toLowerCase()};q=${Number(weight)}`
}

const codingMember = /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

const none: readonly string[] = Object.freeze([])
