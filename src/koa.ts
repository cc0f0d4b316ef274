/** Koa 3: the same words, as middleware at its place in the onion. */
import { createCore } from './cache.ts'
import type { CacheOptions } from './cache-options.ts'
import { type KoaCache, koaCache } from './koa/cache.ts'
import type { KoaSubject } from './koa/exchange.ts'

export type { KoaCache } from './koa/cache.ts'
export type { KoaSubject } from './koa/exchange.ts'

/**
 * Creates a cache for Koa 3, with or without `@koa/router`.
 *
 * @throws CacheConfigError
 */
export function createCache(options?: CacheOptions): KoaCache {
  return koaCache(createCore<KoaSubject>(options))
}
