/** A core's words as Koa middleware. */
import type Application from 'koa'
import type { Context, Middleware, Next } from 'koa'
import type { Core } from '../cache.ts'
import type { Duration } from '../duration.ts'
import { CacheConfigError, expected } from '../errors.ts'
import { unavailable } from '../http/bare-answer.ts'
import { isGone } from '../http/gone.ts'
import { type AnnouncedWrite, type InvalidateArguments, isSafe } from '../invalidation.ts'
import { placeOf, routeNames } from '../place.ts'
import type { CacheRouteOptions } from '../route.ts'
import type { Place } from '../visit.ts'
import { throughApp } from '../warm/through-app.ts'
import { type WarmRequests, warm } from '../warm/warm.ts'
import type { WarmOptions } from '../warm/warm-options.ts'
import type { WarmResult } from '../warm/warm-result.ts'
import { actAfter } from './act-after.ts'
import { koaStream } from './body.ts'
import { KoaExchange, type KoaSubject } from './exchange.ts'
import { routePath, routesOf, writePlace } from './routes.ts'

/** A cache for Koa. Every function works when destructured. */
export interface KoaCache extends Pick<Core<KoaSubject>, 'bump' | 'stats' | 'ready' | 'close'> {
  /**
   * Middleware for routes that read: answers from the cache, and fills it with what crosses its place in the onion.
   *
   * @param ttl life of an answer; left out, the cache's own
   * @throws CacheConfigError
   * @example router.get('/users/:id', cacheRoute('5m', { tags: (ctx) => `user:${ctx.params.id}` }), getUser)
   */
  cacheRoute(ttl?: Duration, options?: CacheRouteOptions<KoaSubject>): Middleware
  /**
   * Middleware for routes that write: bumps once what comes after it succeeded, before the answer leaves.
   *
   * @param targets tags and route names, or functions that name them; none = the route itself and the collection above it. Options last
   * @throws CacheConfigError
   * @example router.put('/users/:id', invalidate((ctx) => `user:${ctx.params.id}`), putUser)
   */
  invalidate(...targets: InvalidateArguments<KoaSubject>): Middleware
  /**
   * Fills the cache before clients ask: sends GET requests through the whole application, with no client. What fails is counted.
   *
   * @param app the Koa application
   * @param requests whole URLs, or paths with a `host` among the header fields: answers are stored under scheme and host
   * @returns resolves once what was stored is in the shared tier too
   * @throws CacheConfigError for wrong options, and for what is no request
   * @example await cache.warm(app, ['https://shop.example/products'], { concurrency: 4 })
   */
  warm(app: Pick<Application, 'callback'>, requests: WarmRequests, options?: WarmOptions): Promise<WarmResult>
}

/** Turns a core into the middleware of one application. */
export function koaCache(core: Core<KoaSubject>): KoaCache {
  // Requests whose run is being watched: a second cacheRoute on the way stays out of it.
  const watched = new WeakSet<Context>()

  function cacheRoute(ttl?: Duration, routeOptions?: CacheRouteOptions<KoaSubject>): Middleware {
    const route = core.route(ttl, routeOptions)
    const places = new Map<string | RegExp | undefined, Place>()
    return function tiercacheRoute(ctx, next) {
      if (core.closed() || watched.has(ctx)) return next()
      const path = routePath(ctx, tiercacheRoute)
      const place = places.get(path) ?? newPlace(ctx, route.name, path)
      places.set(path, place)
      return core.handle(new KoaExchange(ctx, next, tiercacheRoute, path === undefined, watched), route, place)
    }
  }

  function invalidate(...args: InvalidateArguments<KoaSubject>): Middleware {
    const invalidation = core.invalidation(args)
    return async function tiercacheInvalidate(ctx, next) {
      const path = routePath(ctx, tiercacheInvalidate)
      // Mounted for everything, only requests that may write count.
      if (core.closed() || (path === undefined && isSafe(ctx.method))) return next()
      const place = writePlace(ctx, path)
      if (!invalidation.intends) return actAfter(ctx, next, invalidation.after(place))
      const write = await invalidation.before(place)
      if (write !== undefined) return runAnnounced(ctx, next, write)
      new KoaExchange(ctx, next, tiercacheInvalidate, false, watched).send(unavailable, {})
    }
  }

  function newPlace(ctx: Context, name: string | undefined, path: string | RegExp | undefined): Place {
    const place = placeOf(name === undefined ? routeNames('', path ?? '/') : [name])
    core.known(place.tags)
    const early = path === undefined ? routesOf(ctx) : []
    return early.length === 0 ? place : { ...place, early }
  }

  async function warmApp(
    app: Pick<Application, 'callback'>,
    requests: WarmRequests,
    options?: WarmOptions,
  ): Promise<WarmResult> {
    const { callback } = (app ?? {}) as Partial<Application>
    if (typeof callback !== 'function') throw expected('invalid-option', 'app', 'a Koa application', app)
    if (core.closed()) throw new CacheConfigError('closed', 'Expected a cache that is open: this one was closed')
    return warm(requests, options, throughApp(app.callback()))
  }

  const { bump, stats, ready, close } = core
  return { cacheRoute, invalidate, warm: warmApp, bump, stats, ready, close }
}

/** Runs what comes after, and settles the write whatever becomes of it. */
async function runAnnounced(ctx: Context, next: Next, write: AnnouncedWrite): Promise<void> {
  try {
    await actAfter(ctx, next, write.act, true)
  } finally {
    const { res } = ctx
    // A stream may go on writing until it has ended.
    const isOver = res.writableEnded || isGone(res) || koaStream(ctx.body) === undefined
    if (isOver) void write.release()
    else res.once('close', () => void write.release())
  }
}
