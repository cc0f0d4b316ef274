/** Counts by route and by tier, taken from events; read as immutable snapshots. */
import type { CacheEvent, Listener, RequestEvent, RunEvent, TierName } from './events.ts'

/** What a route (or all of them) has done so far. Times in ms; a rate of nothing is 0. */
export interface RouteStats {
  readonly requestCount: number
  /** Answered from an entry that was not aged. */
  readonly hitCount: number
  readonly staleCount: number
  readonly missCount: number
  readonly bypassCount: number
  /** Answered by another request's run. */
  readonly collapsedCount: number
  /** Requests that met the cache and were answered without a run of their own. */
  readonly hitRate: number
  readonly missRate: number
  /** Handler runs that could have filled the cache. */
  readonly loadCount: number
  /** Those that answered in full, below status 500. */
  readonly loadSuccessCount: number
  readonly loadFailureCount: number
  readonly loadFailureRate: number
  readonly totalLoadTime: number
  readonly averageLoadTime: number
}

/** What a tier holds and did. */
export interface TierStats {
  readonly hitCount: number
  readonly missCount: number
  /** Entries, bytes and evictions: 0 where the tier does not know. */
  readonly entries: number
  readonly bytes: number
  /** Those of its entries that say that there is nothing. */
  readonly negativeEntries: number
  readonly evictions: number
  /** Failures by kind. */
  readonly errors: Readonly<Record<string, number>>
}

/** A snapshot: it does not change any more. */
export interface CacheStats {
  readonly total: RouteStats
  readonly routes: Readonly<Record<string, RouteStats>>
  readonly tiers: Readonly<Partial<Record<TierName, TierStats>>>
}

/** What the stores tell of themselves at the time of a snapshot. */
export type TierReport = Partial<Record<TierName, Omit<TierStats, 'hitCount' | 'missCount'>>>

/** Routes counted by name; names beyond that (a mount path with parameters makes many) are counted together. */
const MOST_ROUTES = 1_000
const OTHER_ROUTES = '(other)'

type Counts = {
  -readonly [Name in Exclude<keyof RouteStats, 'hitRate' | 'missRate' | 'loadFailureRate' | 'averageLoadTime'>]: number
}

/** Counts what it is told. */
export class Stats {
  readonly #total = zero()
  readonly #routes = new Map<string, Counts>()
  readonly #tiers: Record<TierName, { hits: number; misses: number }> = {
    l1: { hits: 0, misses: 0 },
    l2: { hits: 0, misses: 0 },
  }

  readonly listener: Listener = (event: CacheEvent) => {
    if (event.type !== 'request' && event.type !== 'run') return
    const route = this.#of(event.route)
    if (event.type === 'request' && event.background === true) return
    if (event.type === 'run') {
      countRun(this.#total, event)
      countRun(route, event)
      return
    }
    countRequest(this.#total, event)
    countRequest(route, event)
    this.#countTier(event)
  }

  snapshot(report: TierReport): CacheStats {
    const routes = Object.fromEntries([...this.#routes].map(([name, counts]) => [name, finished(counts)]))
    const tiers = Object.entries(report).map(([name, usage]) => {
      const { hits, misses } = this.#tiers[name as TierName]
      return [
        name,
        Object.freeze({ hitCount: hits, missCount: misses, ...usage, errors: Object.freeze({ ...usage.errors }) }),
      ]
    })
    return Object.freeze({
      total: finished(this.#total),
      routes: Object.freeze(routes),
      tiers: Object.freeze(Object.fromEntries(tiers)),
    })
  }

  #of(route: string): Counts {
    const known = this.#routes.get(route)
    if (known !== undefined) return known
    const name = this.#routes.size < MOST_ROUTES ? route : OTHER_ROUTES
    const counts = this.#routes.get(name) ?? zero()
    this.#routes.set(name, counts)
    return counts
  }

  #countTier({ outcome, tier, key }: RequestEvent): void {
    if (key === undefined || outcome === 'bypass') return
    if (tier === 'l1') this.#tiers.l1.hits++
    else this.#tiers.l1.misses++
    if (tier === 'l2') this.#tiers.l2.hits++
    else if (outcome === 'miss') this.#tiers.l2.misses++
  }
}

const countOf = {
  hit: 'hitCount',
  stale: 'staleCount',
  miss: 'missCount',
  bypass: 'bypassCount',
  collapsed: 'collapsedCount',
} as const

function countRequest(counts: Counts, { outcome }: RequestEvent): void {
  counts.requestCount++
  counts[countOf[outcome]]++
}

/** What kept a run from answering in full. */
const incomplete = new Set(['client-left', 'truncated', 'failed', 'detached'])

function countRun(counts: Counts, { status, ms, reason = '' }: RunEvent): void {
  counts.loadCount++
  if (status !== undefined && status < 500 && !incomplete.has(reason)) counts.loadSuccessCount++
  else counts.loadFailureCount++
  counts.totalLoadTime += ms
}

function finished(counts: Counts): RouteStats {
  const { hitCount, staleCount, missCount, collapsedCount, loadCount, loadFailureCount, totalLoadTime } = counts
  const met = hitCount + staleCount + missCount + collapsedCount
  return Object.freeze({
    ...counts,
    hitRate: ratio(met - missCount, met),
    missRate: ratio(missCount, met),
    loadFailureRate: ratio(loadFailureCount, loadCount),
    averageLoadTime: ratio(totalLoadTime, loadCount),
  })
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function zero(): Counts {
  return {
    requestCount: 0,
    hitCount: 0,
    staleCount: 0,
    missCount: 0,
    bypassCount: 0,
    collapsedCount: 0,
    loadCount: 0,
    loadSuccessCount: 0,
    loadFailureCount: 0,
    totalLoadTime: 0,
  }
}
