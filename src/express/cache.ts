/** A core's words as Express middleware. */
import type { IncomingMessage } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { Core } from '../cache.ts'
import type { Duration } from '../duration.ts'
import { CacheConfigError, expected } from '../errors.ts'
import { unavailable } from '../http/bare-answer.ts'
import type { Dispatch } from '../http/detached.ts'
import { holdAnswer, UNSEEN_MS } from '../http/hold.ts'
import { replay } from '../http/replay.ts'
import { requireRoots } from '../http/watch-plan.ts'
import { type InvalidateArguments, isSafe } from '../invalidation.ts'
import type { CacheRouteOptions } from '../route.ts'
import { throughApp } from '../warm/through-app.ts'
import { type WarmRequests, warm } from '../warm/warm.ts'
import type { WarmOptions } from '../warm/warm-options.ts'
import type { WarmResult } from '../warm/warm-result.ts'
import { ExpressExchange, type ExpressSubject, expressRoots } from './exchange.ts'
import { Places, spotOf, writePlace } from './routes.ts'

/** A cache for Express. Every function works when destructured. */
export interface ExpressCache extends Pick<Core<ExpressSubject>, 'bump' | 'stats' | 'ready' | 'close'> {
  /**
   * Middleware for routes that read: answers from the cache, and fills it.
   *
   * @param ttl life of an answer; left out, the cache's own
   * @throws CacheConfigError
   * @example app.get('/users/:id', cacheRoute('5m', { tags: (req) => `user:${req.params.id}` }), getUser)
   */
  cacheRoute(ttl?: Duration, options?: CacheRouteOptions<ExpressSubject>): RequestHandler
  /**
   * Middleware for routes that write: bumps once the handler succeeded, before the first byte of its answer leaves.
   *
   * @param targets tags and route names, or functions that name them; none = the route itself and the collection above it. Options last
   * @throws CacheConfigError
   * @example app.put('/users/:id', invalidate((req) => `user:${req.params.id}`), putUser)
   */
  invalidate(...targets: InvalidateArguments<ExpressSubject>): RequestHandler
  /**
   * Fills the cache before clients ask: sends GET requests through the whole application, with no client. What fails is counted.
   *
   * @param app the Express application, or whatever serves `node:http`
   * @param requests whole URLs, or paths with a `host` among the header fields: answers are stored under scheme and host
   * @returns resolves once what was stored is in the shared tier too
   * @throws CacheConfigError for wrong options, and for what is no request
   * @example await cache.warm(app, ['https://shop.example/products'], { concurrency: 4 })
   */
  warm(app: Dispatch, requests: WarmRequests, options?: WarmOptions): Promise<WarmResult>
}

/** Turns a core into the middleware of one application. */
export function expressCache(core: Core<ExpressSubject>): ExpressCache {
  // Requests whose run is being watched: a second cacheRoute on the way stays out of it.
  const watched = new WeakSet<IncomingMessage>()

  function cacheRoute(ttl?: Duration, routeOptions?: CacheRouteOptions<ExpressSubject>): RequestHandler {
    const route = core.route(ttl, routeOptions)
    requireRoots(routeOptions?.privateReads, expressRoots)
    const places = new Places(core.known, route.name)
    return function tiercacheRoute(req, res, next) {
      if (core.closed() || watched.has(req)) return next()
      const spot = spotOf(req, tiercacheRoute)
      const exchange = new ExpressExchange(req, res, next, spot.route === undefined, watched)
      try {
        const waiting = core.handle(exchange, route, places.at(spot, req))
        waiting?.catch(next)
      } catch (error) {
        next(error)
      }
    }
  }

  function invalidate(...args: InvalidateArguments<ExpressSubject>): RequestHandler {
    const invalidation = core.invalidation(args)
    return function tiercacheInvalidate(req, res, next) {
      const spot = spotOf(req, tiercacheInvalidate)
      // Mounted for everything, only requests that may write count.
      if (core.closed() || (spot.route === undefined && isSafe(req.method))) return next()
      const place = writePlace(req, res, spot)
      if (!invalidation.intends) {
        holdAnswer(res, invalidation.after(place))
        return next()
      }
      invalidation.before(place).then((write) => {
        if (write === undefined) return replay(req, res, unavailable, {})
        holdAnswer(res, write.act, true)
        // After its client left, a handler may go on, and commit.
        res.once('close', () => {
          if (res.writableEnded) void write.release()
          else afterEnd(res, () => void write.release())
        })
        next()
      }, next)
    }
  }

  async function warmApp(app: Dispatch, requests: WarmRequests, options?: WarmOptions): Promise<WarmResult> {
    if (typeof app !== 'function') throw expected('invalid-option', 'app', 'an Express application', app)
    if (core.closed()) throw new CacheConfigError('closed', 'Expected a cache that is open: this one was closed')
    return warm(requests, options, throughApp(app))
  }

  const { bump, stats, ready, close } = core
  return { cacheRoute, invalidate, warm: warmApp, bump, stats, ready, close }
}

/** Calls back once the handler ends an answer that nobody waits for any more, or might have ended it unseen. */
function afterEnd(res: Response, done: () => void): void {
  const { end } = res
  res.end = ((...args: Parameters<Response['end']>) => {
    const ended = Reflect.apply(end, res, args)
    done()
    return ended
  }) as Response['end']
  setTimeout(done, UNSEEN_MS).unref()
}
