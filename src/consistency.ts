/** What a reader may see after a write, and while Redis is away: the options of it, and the terms they come to. */
import { type Duration, duration } from './duration.ts'
import { CacheConfigError, expected } from './errors.ts'
import type { Terms } from './versions/versions.ts'

/** What a route does while Redis is unreachable: answer from L1, run its handler, or answer 503. */
export type Degrade = 'l1' | 'bypass' | 'error'

/** How far an answer may lag behind a write; for a whole cache or one route. */
export interface ConsistencyOptions {
  /** `strong`: never; a duration: at most so long, on any process. Within the writing process no answer ever lags. @default '1s' */
  readonly consistency?: 'strong' | Duration | undefined
  /** While Redis is unreachable: `l1` answers from memory, `bypass` runs the handler, `error` answers 503. @default 'l1'; 'bypass' where `consistency` is 'strong' */
  readonly degrade?: Degrade | undefined
  /** How long after its last validation an entry may answer without Redis. @default '30s', at most the ttl */
  readonly maxStale?: Duration | undefined
}

/** The options, decided. */
export interface Consistency {
  readonly strong: boolean
  readonly degrade: Degrade
  readonly terms: Terms
}

const DEFAULT_BOUND: Duration = '1s'
const DEFAULT_MAX_STALE: Duration = '30s'

/**
 * Checks the options of a cache or a route by themselves.
 *
 * @throws CacheConfigError for what is wrong
 */
export function checkConsistency({ consistency, degrade, maxStale }: ConsistencyOptions): void {
  if (consistency !== undefined && consistency !== 'strong') {
    duration(consistency, 'consistency', 'invalid-option', "'strong' or ")
  }
  if (degrade !== undefined && !['l1', 'bypass', 'error'].includes(degrade)) {
    throw expected('invalid-option', 'degrade', "'l1', 'bypass' or 'error'", degrade)
  }
  if (maxStale !== undefined) duration(maxStale, 'maxStale', 'invalid-option')
  if (consistency === 'strong' && degrade === 'l1') {
    throw new CacheConfigError(
      'invalid-option',
      "Expected `degrade` to be 'bypass' or 'error' with strong consistency, got \"l1\": memory alone cannot know of writes elsewhere",
    )
  }
}

/**
 * Joins a route's options with those of its cache, which are its defaults.
 *
 * @param life milliseconds that answers of the route are fresh at most
 * @param kept milliseconds that they are kept at most
 * @throws CacheConfigError for what is wrong
 */
export function consistencyOf(
  own: ConsistencyOptions,
  cache: ConsistencyOptions,
  life: number,
  kept = life,
): Consistency {
  checkConsistency(own)
  const consistency = own.consistency ?? cache.consistency ?? DEFAULT_BOUND
  const strong = consistency === 'strong'
  const degrade = degradeOf(own, cache, strong)
  if (own.maxStale !== undefined && duration(own.maxStale, 'maxStale') > life) {
    throw expected('invalid-option', 'maxStale', 'at most the ttl', own.maxStale)
  }
  const maxStale = Math.min(life, duration(own.maxStale ?? cache.maxStale ?? DEFAULT_MAX_STALE, 'maxStale'))
  const bound = strong ? Number.POSITIVE_INFINITY : duration(consistency, 'consistency')
  // A route that wants nothing from memory without Redis wants nothing of what was under way either.
  const trusted = degrade === 'l1' ? maxStale : 0
  return {
    strong,
    degrade,
    terms: Object.freeze({ bound, maxStale: trusted, since: Number.NEGATIVE_INFINITY, life: kept }),
  }
}

/** What the cache says of routes in general does not hold for one that asks for more. */
function degradeOf(own: ConsistencyOptions, cache: ConsistencyOptions, strong: boolean): Degrade {
  if (strong && own.degrade === 'l1') checkConsistency({ consistency: 'strong', degrade: own.degrade })
  const given = own.degrade ?? cache.degrade ?? 'l1'
  return strong && given === 'l1' ? 'bypass' : given
}
