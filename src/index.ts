/** The public names that need no framework. */
export type { AgingOptions, RetryOptions, StaleIfErrorOptions, TimeoutOptions } from './aging-option.ts'
export { type Core, createCore } from './cache.ts'
export type { CacheOptions } from './cache-options.ts'
export type { Consistency, ConsistencyOptions } from './consistency.ts'
export type { Degrade, DegradeOptions } from './degrade-option.ts'
export type { Duration, Size } from './duration.ts'
export { type CacheConfigCode, CacheConfigError } from './errors.ts'
export { type FallbackAnswer, HandlerFailedError, HandlerTimeoutError } from './fallback.ts'
export { type BloomFilter, bloomFilter, type FilterInfo, FilterMissingError } from './guard/bloom/filter.ts'
export type { BloomFilterOptions } from './guard/bloom/filter-options.ts'
export type { IdOf, IdsOf } from './guard/bloom/guarding.ts'
export type { FilterId, Ids } from './guard/bloom/ids.ts'
export {
  type Breaker,
  type BreakerListener,
  BreakerOpenError,
  type BreakerOptions,
  type BreakerStateName,
  breaker,
} from './guard/breaker.ts'
export type { LockHandle } from './guard/lease.ts'
export { type Locks, lock, locks, withLock } from './guard/lock.ts'
export { LockError, type LockErrorCode } from './guard/lock-error.ts'
export type { LockOptions, LocksOptions } from './guard/lock-options.ts'
export type {
  CacheRequest,
  Delivery,
  Exchange,
  HeadDecision,
  Incomplete,
  ResponseHead,
  RunObserver,
  StoredResponse,
} from './http/exchange.ts'
export type { HeaderField } from './http/headers.ts'
export type { InvalidateArguments, InvalidateOptions, Target } from './invalidation.ts'
export type { NegativeOptions, WholeAnswer } from './negative-option.ts'
export type * from './observe/events.ts'
export type { CacheStats, RouteStats, TierStats } from './observe/stats.ts'
export { type Timing, type TimingEntry, type TimingOptions, timing } from './observe/timing.ts'
export { placeOf } from './place.ts'
export type { QueryRule } from './query.ts'
export type { BypassOptions, CacheRouteOptions, Route } from './route.ts'
export type { BumpResult } from './versions/versions.ts'
export type { Place } from './visit.ts'
export type { WarmRequests } from './warm/warm.ts'
export type { WarmHeaders, WarmOptions } from './warm/warm-options.ts'
export type { WarmRequest } from './warm/warm-request.ts'
export type * from './warm/warm-result.ts'
