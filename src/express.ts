/** Express 5 (and plain `node:http`): the same words, as middleware. */
import { createCore } from './cache.ts'
import type { CacheOptions } from './cache-options.ts'
import { type ExpressCache, expressCache } from './express/cache.ts'
import { type ExpressSubject, expressRoots } from './express/exchange.ts'
import { expressGuard, type Guard } from './express/guard.ts'
import { requireRoots } from './http/watch-plan.ts'

export type { ExpressCache } from './express/cache.ts'
export type { ExpressSubject } from './express/exchange.ts'
export type { Guard } from './express/guard.ts'

/**
 * Creates a cache for Express 5. It also serves plain `node:http`: call the middleware with a `next` of your own.
 *
 * @throws CacheConfigError
 */
export function createCache(options?: CacheOptions): ExpressCache {
  const core = createCore<ExpressSubject>(options)
  requireRoots(options?.privateReads, expressRoots)
  return expressCache(core)
}

/** Answers 404 for what a Bloom filter knows not to exist; `guard.add` adds what a write has made. It needs no cache. */
export const guard: Guard = expressGuard
