/** Runs of which nothing is kept: all that is said is what the cache did. */
import { type Forwarded, joinMembers, tierMember } from './http/cache-status.ts'
import type { CacheRequest, HeadDecision, RunObserver } from './http/exchange.ts'
import { type CodingRules, negotiated } from './http/representation.ts'
import { type Tiers, tierNames } from './store/tiers.ts'

/** Watches such a run. `claims`: no other cache on the way may take the request. */
export function watcher(tiers: Tiers, fwd: 'miss' | 'bypass', detail?: string, claims = true): RunObserver {
  const cacheStatus = passedBy(tiers, fwd, detail)
  const decision: HeadDecision = { keep: false, maxBodyBytes: 0, cacheStatus, conditional: false }
  return { fills: false, claims, head: () => decision, stalled: () => undefined, done: () => undefined }
}

/** Lets a run's answer say that others of its kind are coded, where the route codes. */
export function coding(
  observer: RunObserver,
  rules: CodingRules | undefined,
  { headers }: Pick<CacheRequest, 'headers'>,
): RunObserver {
  if (rules === undefined) return observer
  const head: RunObserver['head'] = (head, length) => ({
    ...observer.head(head, length),
    negotiated: negotiated(rules, head, headers),
  })
  return { ...observer, head }
}

/** What `Cache-Status` says where nothing is stored; `collapsed`: another request was forwarded in this one's place. */
export function passedBy(tiers: Tiers, fwd: Exclude<Forwarded, 'request'>, detail?: string, collapsed = false): string {
  const [nearest, ...upper] = tierNames(tiers).slice().reverse()
  const own = tierMember(nearest!, { fwd }, { collapsed, detail })
  return upper.reduce((nearer, tier) => joinMembers(tierMember(tier, { fwd }), nearer), own)
}
