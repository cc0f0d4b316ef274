/** Whether a stored answer may be used for a request, where both say so by their header fields (RFC 9111 §4). */
import type { Instant } from './clock.ts'
import type { Entry, StoredPolicy } from './entry.ts'
import { type Directives, parseCacheControl, seconds } from './http/cache-control.ts'
import type { CacheRequest } from './http/exchange.ts'

/** What to do with a stored answer whose versions are the present ones: `renew` = use it, and ask the handler meanwhile. */
export type Reuse = 'use' | 'renew' | 'validate'

/** What a request's own `Cache-Control` asks for (RFC 9111 §5.2.1); `Pragma` where there is none (§5.4). */
export function requestDirectives({ headers }: Pick<CacheRequest, 'headers'>): Directives {
  const field = headers['cache-control']
  return parseCacheControl(field ?? (/\bno-cache\b/i.test(headers.pragma ?? '') ? 'no-cache' : undefined))
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
  const oldest = limit(asked, 'max-age')
  if (oldest !== undefined && now - storedAt > oldest) return 'validate'
  if (stale < 0) return -stale < (limit(asked, 'min-fresh') ?? 0) ? 'validate' : 'use'
  if (policy.mustRevalidate || asked.has('min-fresh')) return 'validate'
  if (asked.has('max-stale') && stale <= mostStale(asked)) return 'use'
  return stale <= policy.staleWhileRevalidate ? 'renew' : 'validate'
}

/** Whether it may stand in for a handler that failed (RFC 5861 §4). */
export function mayRescue({ policy, staleAt }: Entry, asked: Directives, now: Instant): boolean {
  if (policy === undefined || policy.mustRevalidate || policy.alwaysRevalidate) return false
  const own = limit(asked, 'stale-if-error') ?? 0
  return now - staleAt <= Math.max(own, policy.staleIfError)
}

function limit(asked: Directives, name: string): number | undefined {
  const found = seconds(asked, name)
  return found === undefined ? undefined : found * 1_000
}

/** Without an argument, however stale (RFC 9111 §5.2.1.2). */
function mostStale(asked: Directives): number {
  const [argument] = asked.get('max-stale') ?? []
  return argument === true ? Number.POSITIVE_INFINITY : (limit(asked, 'max-stale') ?? 0)
}
