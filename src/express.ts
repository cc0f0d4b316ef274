/** Express 5 (and plain `node:http`): the same words, as middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { type CacheOptions, type Core, createCore } from './cache.ts'
import type { Duration } from './duration.ts'
import { Capture } from './http/capture.ts'
import type { CacheRequest, Delivery, Exchange, RunObserver, StoredResponse } from './http/exchange.ts'
import { holdAnswer } from './http/hold.ts'
import { hasBody, parsedBody } from './http/parsed-body.ts'
import { replay } from './http/replay.ts'
import { rewrittenPart } from './http/rewritten.ts'
import { hideValidators } from './http/validators.ts'
import { type Target, untargetedTags } from './invalidation.ts'
import { placeOf, routeNames } from './place.ts'
import type { CacheRouteOptions } from './route.ts'
import type { Place } from './visit.ts'

/** What your functions are called with. */
export type ExpressSubject = readonly [req: Request, res: Response]

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
   * @param targets tags and route names, or functions that name them; none = the route itself and the collection above it
   * @throws CacheConfigError
   * @example app.put('/users/:id', invalidate((req) => `user:${req.params.id}`), putUser)
   */
  invalidate(...targets: Target<ExpressSubject>[]): RequestHandler
}

/**
 * Creates a cache for Express 5. It also serves plain `node:http`: call the middleware with a `next` of your own.
 *
 * @throws CacheConfigError
 */
export function createCache(options?: CacheOptions): ExpressCache {
  const core = createCore<ExpressSubject>(options)
  // Requests whose run is being watched: a second cacheRoute on the way stays out of it.
  const watched = new WeakSet<IncomingMessage>()

  function cacheRoute(ttl?: Duration, routeOptions?: CacheRouteOptions<ExpressSubject>): RequestHandler {
    const route = core.route(ttl, routeOptions)
    const places = new Places(core, route.name)
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

  function invalidate(...targets: Target<ExpressSubject>[]): RequestHandler {
    const invalidation = core.invalidation(targets)
    return function tiercacheInvalidate(req, res, next) {
      const { base, route } = spotOf(req, tiercacheInvalidate)
      // Mounted for everything, only requests that may write count.
      if (core.closed() || (route === undefined && isSafe(req.method))) return next()
      const here = route === undefined ? routeNames('', base) : routeNames(base, route.path)
      holdAnswer(res, () => {
        const names = route === undefined ? [...here, ...answeringRoute(req)] : here
        return invalidation.act([req, res], untargetedTags(names), names.join(', '), () => routesBelow('', req))
      })
      next()
    }
  }

  const { bump, stats, ready, close } = core
  return { cacheRoute, invalidate, bump, stats, ready, close }
}

/** What Express 5 keeps of a route, and what it mounts routers with. */
interface RouteRecord {
  readonly path: unknown
  readonly stack: readonly { readonly handle: unknown }[]
}

/** Where a middleware stands: on a route, or below a mount path. */
interface Spot {
  readonly base: string
  readonly route: RouteRecord | undefined
}

/** `req.route` may be left over from a route that passed the request on: it counts only if the middleware is on it. */
function spotOf(req: Request, middleware: unknown): Spot {
  const route = req.route as RouteRecord | undefined
  const standsOn = route?.stack.some(({ handle }) => handle === middleware) === true
  return { base: req.baseUrl ?? '', route: standsOn ? route : undefined }
}

function answeringRoute(req: Request): readonly string[] {
  const route = req.route as RouteRecord | undefined
  return route === undefined ? [] : routeNames(req.baseUrl ?? '', route.path)
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** Base URLs of one route that are remembered: a mount path with parameters makes as many as there are values. */
const MOST_BASES = 1_000

/** The places of one `cacheRoute`, made once per route object and base URL. */
class Places {
  readonly #core: Core<ExpressSubject>
  readonly #fixed: Place | undefined
  readonly #known = new Map<RouteRecord | undefined, Map<string, Place>>()

  constructor(core: Core<ExpressSubject>, name: string | undefined) {
    this.#core = core
    this.#fixed = name === undefined ? undefined : placeOf([name])
    if (this.#fixed !== undefined) core.known(this.#fixed.tags)
  }

  at({ base, route }: Spot, req: Request): Place {
    const bases = this.#known.get(route) ?? new Map<string, Place>()
    const known = bases.get(base)
    if (known !== undefined) return known
    const place = this.#fixed ?? placeOf(route === undefined ? routeNames('', base) : routeNames(base, route.path))
    this.#core.known(place.tags)
    if (bases.size >= MOST_BASES) bases.clear()
    const early = route === undefined ? routesBelow(base, req) : []
    const complete = early.length === 0 ? place : { ...place, early }
    this.#known.set(route, bases.set(base, complete))
    return complete
  }
}

/** The part of Express's router that names its routes. Not documented: where it is missing, route tags are learned by their first answer. */
interface RouterRecord {
  readonly stack?: readonly {
    readonly route?: RouteRecord
    readonly rawPath?: unknown
    readonly handle?: unknown
  }[]
}

const MOST_ROUTES = 256

/** Names of the routes that may answer below a mount path, so that their tags are known before the first run. */
function routesBelow(base: string, req: Request): readonly string[] {
  const app = req.app as { readonly router?: RouterRecord } | undefined
  const names = app?.router === undefined ? [] : namesOf(app.router, '', 0)
  return names.filter((name) => base === '' || name.startsWith(`${base}/`) || name === base).slice(0, MOST_ROUTES)
}

function namesOf(router: RouterRecord, base: string, depth: number): readonly string[] {
  return (router.stack ?? []).flatMap((layer) => {
    if (layer.route !== undefined) return routeNames(base, layer.route.path)
    const nested = layer.handle as RouterRecord | undefined
    if (depth > 8 || typeof layer.rawPath !== 'string' || nested?.stack === undefined) return []
    return namesOf(nested, routeNames(base, layer.rawPath)[0]!, depth + 1)
  })
}

/** One request of Express or of plain `node:http`. */
class ExpressExchange implements Exchange {
  readonly #req: Request
  readonly #res: Response
  readonly #next: NextFunction
  readonly #mounted: boolean
  readonly #watched: WeakSet<IncomingMessage>
  readonly request: CacheRequest

  constructor(req: Request, res: Response, next: NextFunction, mounted: boolean, watched: WeakSet<IncomingMessage>) {
    this.#req = req
    this.#res = res
    this.#next = next
    this.#mounted = mounted
    this.#watched = watched
    this.request = new ExpressRequest(req)
  }

  get subject(): ExpressSubject {
    return [this.#req, this.#res]
  }

  get gone(): boolean {
    return this.#res.destroyed
  }

  run(observer: RunObserver | undefined): void {
    if (observer === undefined) {
      this.#next()
      return
    }
    const { hidden, restore } = observer.fills
      ? hideValidators(this.#req.headers)
      : { hidden: {}, restore: () => undefined }
    if (observer.claims) this.#watched.add(this.#req)
    const capture = new Capture(this.#res, observer, hidden, restore)
    try {
      this.#next()
    } catch (error) {
      capture.abandon()
      throw error
    }
  }

  send(response: StoredResponse, delivery: Delivery): void {
    replay(this.#req, this.#res as ServerResponse, response, delivery)
  }

  answeredBy(): readonly string[] {
    return this.#mounted ? answeringRoute(this.#req) : []
  }
}

/** The request as Express sees it, or as `node:http` does where Express is not there. */
class ExpressRequest implements CacheRequest {
  readonly #req: Request
  readonly method: string
  readonly url: string
  readonly rewritten: string | undefined
  readonly headers: CacheRequest['headers']

  constructor(req: Request) {
    this.#req = req
    const { method, url, originalUrl = url, headers } = req
    this.method = method
    this.url = originalUrl
    this.rewritten = originalUrl === url ? undefined : rewrittenPart(originalUrl, `${req.baseUrl ?? ''}${url}`)
    this.headers = headers
  }

  /** Where no proxy says otherwise the framework comes to the same, at a price. */
  get scheme(): string {
    const seen = this.headers['x-forwarded-proto'] === undefined ? undefined : this.#req.protocol
    return seen ?? ((this.#req.socket as { encrypted?: boolean }).encrypted === true ? 'https' : 'http')
  }

  get host(): string {
    const { host = '', ':authority': authority = '' } = this.headers
    const seen = this.headers['x-forwarded-host'] === undefined ? undefined : this.#req.host
    return seen ?? (host === '' ? String(authority) : host)
  }

  get hasBody(): boolean {
    return hasBody(this.#req)
  }

  get body(): unknown {
    return parsedBody(this.#req, this.#req.body)
  }
}
