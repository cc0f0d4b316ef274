/** The one predicate: what may be stored, shared with followers and advertised as stored. */
import { forbidsStoring, parseCacheControl } from './cache-control.ts'
import type { ResponseHead } from './exchange.ts'
import { fieldLines, fieldValue } from './headers.ts'
import { uncoveredVary } from './vary.ts'

/** What a route allows to be stored. */
export interface StoringRules {
  /** Life in ms that the route gives an answer of this status, or undefined when it must not be stored. */
  lifeOf(status: number): number | undefined
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
  const lines = (name: string) => fieldLines(head.headers, name)
  if (lines('set-cookie').length > 0) return 'set-cookie'
  // Trailers come after the body, where a replay has nothing to send.
  if (lines('trailer').length > 0) return 'trailer'
  if (lines('content-range').length > 0) return 'content-range'
  if (/^\s*text\/event-stream\b/i.test(fieldValue(head.headers, 'content-type') ?? '')) return 'event-stream'
  const forbidden = forbidsStoring(parseCacheControl(fieldValue(head.headers, 'cache-control')))
  if (forbidden !== undefined) return forbidden
  if (forbidsByLegacyField(head)) return 'expires'
  const uncovered = uncoveredVary(head.headers, rules.vary)
  if (uncovered !== undefined) return `vary-${uncovered === '*' ? 'any' : uncovered}`
  return (length ?? Number(lines('content-length')[0])) > rules.maxBodyBytes ? 'too-large' : undefined
}

/** `Pragma: no-cache`, or `Expires` already past without a `Cache-Control` that overrides it (RFC 9111 §5.3, §5.4). */
function forbidsByLegacyField(head: ResponseHead): boolean {
  const directives = parseCacheControl(fieldValue(head.headers, 'cache-control'))
  if (directives.has('max-age') || directives.has('s-maxage')) return false
  if (/\bno-cache\b/i.test(fieldValue(head.headers, 'pragma') ?? '')) return true
  const expires = fieldValue(head.headers, 'expires')
  if (expires === undefined) return false
  const date = Date.parse(fieldValue(head.headers, 'date') ?? '')
  const until = Date.parse(expires)
  // An Expires that is no date, "0" above all, means already past.
  return Number.isNaN(until) || until <= (Number.isNaN(date) ? Date.now() : date)
}
