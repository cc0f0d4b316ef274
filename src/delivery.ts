/** What an answer from an entry says of itself: `Cache-Status` and `Age`. */
import type { Instant } from './clock.ts'
import type { Entry } from './entry.ts'
import type { Advertised } from './http/advertised.ts'
import { joinMembers, tierMember } from './http/cache-status.ts'
import type { Delivery } from './http/exchange.ts'
import type { TierName } from './observe/events.ts'
import type { Route } from './route.ts'

/** Where an answer comes from: a tier, another request's run, or another process's. */
export type Source = TierName | 'flight' | 'fleet'

/** What else an answer says of itself. */
export interface Remarks {
  /** Why the answer is not as usual. */
  readonly detail?: string | undefined
  readonly serverTiming?: string | undefined
  readonly advertised?: Advertised | undefined
}

/** Composes the fields of one answer. */
export function deliveryOf(entry: Entry, source: Source, now: Instant, remarks: Remarks = {}): Delivery {
  const { detail, advertised, serverTiming } = remarks
  const cacheStatus = joinMembers(entry.via, ownMembers(entry, source, now, detail))
  return { cacheStatus, age: ageOf(entry, now), advertised, serverTiming }
}

/** Whole seconds since the answer was made. */
export function ageOf({ storedAt }: Pick<Entry, 'storedAt'>, now: Instant): number {
  return Math.max(0, Math.floor((now - storedAt) / 1_000))
}

/** What clients are told of a life. What depends on more than the URL is for them alone. */
export function lifeToTell(
  { storedAt, staleAt }: Pick<Entry, 'storedAt' | 'staleAt'>,
  { varyBy, vary, body }: Route,
  now: Instant,
): Advertised {
  const isPrivate = varyBy !== undefined || body || vary.includes('cookie') || vary.includes('authorization')
  return { maxAge: Math.floor(Math.round(staleAt - storedAt) / 1_000), isPrivate, left: Math.max(0, staleAt - now) }
}

function ownMembers(entry: Entry, source: Source, now: Instant, remark: string | undefined): string {
  const detail = remark ?? (entry.negative === true ? 'negative' : undefined)
  const hit = { hit: true, ttl: entry.staleAt - now } as const
  if (source === 'l1') return tierMember('l1', hit, { detail })
  if (source === 'fleet') {
    const shared = tierMember('l2', { fwd: 'miss' }, { collapsed: true })
    return joinMembers(shared, tierMember('l1', { fwd: 'miss', stored: true }, { detail }))
  }
  if (source === 'l2')
    return joinMembers(tierMember('l2', hit), tierMember('l1', { fwd: 'miss', stored: true }, { detail }))
  return tierMember('l1', { fwd: now < entry.staleAt ? 'miss' : 'stale' }, { collapsed: true, detail })
}
