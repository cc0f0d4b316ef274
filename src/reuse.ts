/** Whether a stored answer may be used for a request, where both say so by their header fields (RFC 9111 §4). */
import type { Instant } from './clock.ts'
import type { Entry, StoredPolicy } from './entry.ts'
import { type Directives, deltaSeconds, noDirectives, parseCacheControl, seconds } from './http/cache-control.ts'
import type { CacheRequest } from './http/exchange.ts'

/** What to do with a stored answer whose versions are the present ones: `renew` = use it, and ask the handler meanwhile. */
export type Reuse = 'use' | 'renew' | 'validate'

/** What a request's own `Cache-Control` asks for (RFC 9111 §5.2.1); `Pragma` where there is none (§5.4). */
export function requestDirectives({ headers }: Pick<CacheRequest, 'headers'>): Directives {
  const field = headers['cache-control']
  if (field !== undefined) return parseCacheControl(field)
  return parseCacheControl(headers.pragma).has('no-cache') ? parseCacheControl('no-cache') : noDirectives
}

/** Whether nobody else's answer will do, whatever it says. */
export function wantsOwn(asked: Directives): boolean {
  return asked.size > 0 && ['no-cache', 'no-store', 'only-if-cached'].some((name) => asked.has(name))
}

/**
 * Decides by the ages alone.
 *
 * @param authorized the request has `Authorization`: only what says that it is for everybody will do
 */
export function reuse(entry: Entry, asked: Directives, now: Instant, authorized = false): Reuse {
  const { policy, staleAt } = entry
  if (policy === undefined) return now < staleAt ? 'use' : 'validate'
  if (policy.alwaysRevalidate || asked.has('no-cache') || (authorized && !policy.forAll)) return 'validate'
  return byAge(entry, policy, asked, now)
}

function byAge({ storedAt, staleAt }: Entry, policy: StoredPolicy, asked: Directives, now: Instant): Reuse {
  const stale = now - staleAt
  if (now - storedAt > (limit(asked, 'max-age') ?? Number.POSITIVE_INFINITY)) return 'validate'
  if (stale < 0) return asked.has('min-fresh') && -stale < leastFresh(asked) ? 'validate' : 'use'
  if (policy.mustRevalidate || asked.has('min-fresh')) return 'validate'
  if (stale <= mostStale(asked)) return 'use'
  return stale < policy.staleWhileRevalidate ? 'renew' : 'validate'
}

/** Whether it may stand in for a handler that failed (RFC 5861 §4): only where a directive, or the route, gives it time for that. */
export function mayRescue({ policy, staleAt }: Entry, asked: Directives, now: Instant, authorized = false): boolean {
  if (policy === undefined || policy.mustRevalidate || policy.alwaysRevalidate) return false
  if (authorized && !policy.forAll) return false
  const window = Math.max(limit(asked, 'stale-if-error') ?? 0, policy.staleIfError)
  return window > 0 && now - staleAt <= window
}

/** Milliseconds; a number that is none is 0. */
function limit(asked: Directives, name: string): number | undefined {
  const found = seconds(asked, name)
  return found === undefined ? undefined : found * 1_000
}

/** How long it must still be fresh (RFC 9111 §5.2.1.3); what is no number asks for more than anything has. */
function leastFresh(asked: Directives): number {
  const amounts = (asked.get('min-fresh') ?? []).map((text) => (text === true ? undefined : deltaSeconds(text)))
  return Math.max(0, ...amounts.map((amount) => (amount ?? Number.POSITIVE_INFINITY) * 1_000))
}

/** How stale it may be; without an argument, however stale (RFC 9111 §5.2.1.2). */
function mostStale(asked: Directives): number {
  const found = asked.get('max-stale')
  if (found === undefined) return Number.NEGATIVE_INFINITY
  return found.every((argument) => argument === true) ? Number.POSITIVE_INFINITY : limit(asked, 'max-stale')!
}
