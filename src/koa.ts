/** Koa 3: the same words, as middleware at its place in the onion. */
import { createCore } from './cache.ts'
import type { CacheOptions } from './cache-options.ts'
import { type KoaCache, koaCache } from './koa/cache.ts'
import type { KoaSubject } from './koa/exchange.ts'
import { type Guard, koaGuard } from './koa/guard.ts'

export type { KoaCache } from './koa/cache.ts'
export type { KoaSubject } from './koa/exchange.ts'
export type { Guard } from './koa/guard.ts'

/**
 * Creates a cache for Koa 3, with or without `@koa/router`.
 *
 * @throws CacheConfigError
 */
export function createCache(options?: CacheOptions): KoaCache {
  return koaCache(createCore<KoaSubject>(options))
}

/** Answers 404 for what a Bloom filter knows not to exist; `guard.add` adds what a write has made. It needs no cache. */
export const guard: Guard = koaGuard
