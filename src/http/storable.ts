/** The one predicate: what may be stored, shared with followers and advertised as stored. */
import { forbidsStoring, parseCacheControl } from './cache-control.ts'
import type { ResponseHead } from './exchange.ts'
import { fieldLines, fieldValue, listMembers } from './headers.ts'
import { httpDate } from './http-date.ts'
import { uncoveredVary } from './vary.ts'

/** What a route allows to be stored. */
export interface StoringRules {
  /**
   * Life in ms that the route gives an answer of this status, or undefined when it must not be stored.
   *
   * @param isNegative whether the answer says that there is nothing; left out while its body is not known: the shortest life it may have
   */
  lifeOf(status: number, isNegative?: boolean): number | undefined
  /** Lower-case names of the request headers that the fingerprint covers. */
  readonly vary: readonly string[]
  readonly maxBodyBytes: number
}

/**
 * Why this answer may not be stored nor given to anyone else, or undefined when it may.
 *
 * @param length bytes of the body, where they are known before it is sent
 */
export function unstorableBecause(head: ResponseHead, rules: StoringRules, length?: number): string | undefined {
  if (rules.lifeOf(head.status) === undefined) return `status-${head.status}`
  return forbiddenByField(head) ?? unkeepableBecause(head, rules, length) ?? codedForSome(head, rules)
}

/** Why this answer can be kept for nobody, whatever its freshness. */
export function unkeepableBecause(head: ResponseHead, rules: StoringRules, length?: number): string | undefined {
  if (uncoveredVary(head.headers, rules.vary) === '*') return 'vary-any'
  return unrepeatable(head) ?? tooLarge(head, rules, length)
}

function unrepeatable(head: ResponseHead): string | undefined {
  const has = (name: string) => fieldLines(head.headers, name).length > 0
  // Trailers come after the body, where a replay has nothing to send.
  if (has('trailer')) return 'trailer'
  return /^\s*text\/event-stream\b/i.test(fieldValue(head.headers, 'content-type') ?? '') ? 'event-stream' : undefined
}

function forbiddenByField(head: ResponseHead): string | undefined {
  if (fieldLines(head.headers, 'set-cookie').length > 0) return 'set-cookie'
  if (fieldLines(head.headers, 'content-range').length > 0) return 'content-range'
  const directives = parseCacheControl(fieldValue(head.headers, 'cache-control'))
  return forbidsStoring(directives) ?? (forbidsByLegacyField(head) ? 'expires' : undefined)
}

/** A coding nobody asked for by name still is one that not every client reads, where the answer does not say that it may go to all. */
function codedForSome(head: ResponseHead, rules: StoringRules): string | undefined {
  const uncovered = uncoveredVary(head.headers, rules.vary)
  const codings = listMembers((fieldValue(head.headers, 'content-encoding') ?? '').toLowerCase())
  const coded = codings.some((coding) => coding !== 'identity')
  const covered = rules.vary.includes('accept-encoding') || uncovered.includes('accept-encoding')
  return coded && !covered ? 'content-encoding' : undefined
}

function tooLarge(head: ResponseHead, { maxBodyBytes }: StoringRules, length?: number): string | undefined {
  return (length ?? Number(fieldLines(head.headers, 'content-length')[0])) > maxBodyBytes ? 'too-large' : undefined
}

/** `Pragma: no-cache`, or `Expires` already past without a `Cache-Control` that overrides it (RFC 9111 §5.3, §5.4). */
function forbidsByLegacyField(head: ResponseHead): boolean {
  const directives = parseCacheControl(fieldValue(head.headers, 'cache-control'))
  if (directives.has('max-age') || directives.has('s-maxage')) return false
  if (/\bno-cache\b/i.test(fieldValue(head.headers, 'pragma') ?? '')) return true
  const expires = fieldValue(head.headers, 'expires')
  if (expires === undefined) return false
  // An Expires that is no date, "0" above all, means already past.
  const until = httpDate(expires)
  return until === undefined || until <= (httpDate(fieldValue(head.headers, 'date')) ?? Date.now())
}
