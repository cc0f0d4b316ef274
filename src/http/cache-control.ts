/** Reads `Cache-Control` the safe way: what cannot be understood never makes an answer more cacheable. */
import { listMembers } from './headers.ts'

/** Directives by lower-case name; `true` when without argument. Duplicates keep every argument. */
export type Directives = ReadonlyMap<string, readonly (string | true)[]>

/** Parses one or more `Cache-Control` lines, already joined (RFC 9111 §5.2). Never throws. */
export function parseCacheControl(value: string | undefined): Directives {
  const directives = new Map<string, (string | true)[]>()
  if (value === undefined) return directives
  for (const member of members(value)) {
    const equals = member.indexOf('=')
    const name = (equals === -1 ? member : member.slice(0, equals)).trim().toLowerCase()
    const argument = equals === -1 ? true : unquote(member.slice(equals + 1).trim())
    const known = directives.get(name)
    if (known === undefined) directives.set(name, [argument])
    else known.push(argument)
  }
  return directives
}

/** Nothing was said. */
export const noDirectives: Directives = parseCacheControl(undefined)

/** Seconds of a delta-seconds directive; the smallest of several, 0 for one that is no number, undefined when absent. */
export function seconds(directives: Directives, name: string): number | undefined {
  const found = directives.get(name)
  if (found === undefined) return undefined
  const amounts = found.map((argument) => (argument === true ? 0 : (deltaSeconds(argument) ?? 0)))
  return amounts.reduce((least, amount) => Math.min(least, amount))
}

/** What a larger number of seconds counts as (RFC 9111 §1.2.2). */
export const LONGEST_SECONDS = 2 ** 31

/** Digits as seconds; undefined for any other text. */
export function deltaSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(LONGEST_SECONDS, Number(text)) : undefined
}

/**
 * Why the handler's own `Cache-Control` forbids a shared cache to keep the answer, or undefined.
 *
 * `private` and `no-cache` forbid with field lists too: leaving single fields out of an entry would hand others a torn answer.
 */
export function forbidsStoring(directives: Directives): string | undefined {
  for (const name of ['no-store', 'private', 'no-cache']) if (directives.has(name)) return name
  const shared = seconds(directives, 's-maxage')
  if (shared !== undefined) return shared === 0 ? 's-maxage-0' : undefined
  return seconds(directives, 'max-age') === 0 ? 'max-age-0' : undefined
}

/** A directive: a token, and perhaps a token or a quoted string behind `=`. */
const directive = /^[!#$%&'*+.^_`|~\w-]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+.^_`|~\w-]*|"(?:[^"\\]|\\.)*"))?$/

/** Where quotes are not where they belong every comma separates: else a stray one would hide the `no-store` behind it. */
function members(value: string): readonly string[] {
  const listed = listMembers(value)
  return listed.every((member) => directive.test(member)) ? listed : value.split(',').map((member) => member.trim())
}

/** A quoted string's content; whatever else there is stays as it is, and so is no number. */
function unquote(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}
