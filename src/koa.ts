/** Koa 3: the same words, as middleware at its place in the onion. */
import { ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import type { Context, Middleware, Next } from 'koa'
import { type CacheOptions, type Core, createCore } from './cache.ts'
import type { Duration } from './duration.ts'
import { bytesOf } from './http/body-copy.ts'
import type { CacheRequest, Delivery, Exchange, RunObserver, StoredResponse } from './http/exchange.ts'
import { type Crossing, crossHead } from './http/head-crossing.ts'
import { holdAnswer } from './http/hold.ts'
import { hasBody, parsedBody } from './http/parsed-body.ts'
import { replayFields } from './http/replay.ts'
import { rewrittenPart } from './http/rewritten.ts'
import { touchedFields } from './http/touched-fields.ts'
import { hideValidators } from './http/validators.ts'
import { type Target, untargetedTags } from './invalidation.ts'
import { koaBody, koaStream, ownBody, Tee } from './koa-body.ts'
import { placeOf, routeNames } from './place.ts'
import type { CacheRouteOptions } from './route.ts'
import type { Place } from './visit.ts'

/** What your functions are called with. */
export type KoaSubject = readonly [ctx: Context]

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
   * @param targets tags and route names, or functions that name them; none = the route itself and the collection above it
   * @throws CacheConfigError
   * @example router.put('/users/:id', invalidate((ctx) => `user:${ctx.params.id}`), putUser)
   */
  invalidate(...targets: Target<KoaSubject>[]): Middleware
}

/**
 * Creates a cache for Koa 3, with or without `@koa/router`.
 *
 * @throws CacheConfigError
 */
export function createCache(options?: CacheOptions): KoaCache {
  const core = createCore<KoaSubject>(options)
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

  function invalidate(...targets: Target<KoaSubject>[]): Middleware {
    const invalidation = core.invalidation(targets)
    return async function tiercacheInvalidate(ctx, next) {
      const path = routePath(ctx, tiercacheInvalidate)
      // Mounted for everything, only requests that may write count.
      if (core.closed() || (path === undefined && isSafe(ctx.method))) return next()
      const act = () => {
        const names = path === undefined ? ['/', ...answeringRoute(ctx)] : routeNames('', path)
        return invalidation.act([ctx], untargetedTags(names), names.join(', '), () => routesOf(ctx))
      }
      // A handler that answers by `ctx.res` itself is held there, and so is what a stream writes while it answers.
      let done = 0
      holdAnswer(ctx.res, () => (done-- > 0 ? undefined : act()))
      await next()
      if (ctx.respond === false || ctx.res.headersSent || ctx.status >= 400) return
      // Once, at the first byte, the response has nothing to do that is not done here; for whole bodies that is all.
      done = koaStream(ctx.body) === undefined ? Number.POSITIVE_INFINITY : 1
      await act()
    }
  }

  function newPlace(ctx: Context, name: string | undefined, path: string | RegExp | undefined): Place {
    const place = placeOf(name === undefined ? routeNames('', path ?? '/') : [name])
    core.known(place.tags)
    const early = path === undefined ? routesOf(ctx) : []
    return early.length === 0 ? place : { ...place, early }
  }

  const { bump, stats, ready, close } = core
  return { cacheRoute, invalidate, bump, stats, ready, close }
}

/** The part of `@koa/router` (12 to 15) that names routes. */
interface LayerRecord {
  readonly path: string | RegExp
  readonly methods: readonly string[]
  readonly stack: readonly unknown[]
}
interface RoutedContext {
  readonly matched?: readonly LayerRecord[]
  readonly _matchedRoute?: string | RegExp
}

/** The pattern of the route a middleware stands on; undefined for `app.use` and `router.use`. */
function routePath(ctx: Context, middleware: unknown): string | RegExp | undefined {
  const { matched, _matchedRoute } = ctx as RoutedContext
  return matched?.find(
    ({ path, methods, stack }) => path === _matchedRoute && methods.length > 0 && stack.includes(middleware),
  )?.path
}

/** The name of the route that answered, once the request has been there. */
function answeringRoute(ctx: Context): readonly string[] {
  const { matched, _matchedRoute } = ctx as RoutedContext
  const layer = matched?.find(({ path, methods }) => path === _matchedRoute && methods.length > 0)
  return layer === undefined ? [] : routeNames('', layer.path)
}

const MOST_ROUTES = 256

/** Names of the routes of routers in the application, so that their tags are known before the first run. */
function routesOf(ctx: Context): readonly string[] {
  const routers = (
    ctx.app.middleware as readonly { readonly router?: { readonly stack?: readonly LayerRecord[] } }[]
  ).flatMap(({ router }) => router?.stack ?? [])
  return routers
    .filter(({ methods }) => methods.length > 0)
    .flatMap(({ path }) => routeNames('', path))
    .slice(0, MOST_ROUTES)
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}

/** Reads a stream to its end for the cache alone: its client gets 304, and Koa destroys it with the end of the answer. */
async function drained(source: Readable, tee: Tee): Promise<void> {
  tee.resume()
  await pipelined(source, tee).catch(() => undefined)
}

/** Puts something else in the body's place. Not by the setter: it would drop the length and guess the type anew. */
function replaceBody(ctx: Context, body: unknown): void {
  Object.assign(ctx.response, { _body: body })
}

/** One request of Koa. */
class KoaExchange implements Exchange {
  readonly #ctx: Context
  readonly #next: Next
  readonly #self: Middleware
  readonly #mounted: boolean
  readonly #watched: WeakSet<Context>
  readonly request: CacheRequest

  constructor(ctx: Context, next: Next, self: Middleware, mounted: boolean, watched: WeakSet<Context>) {
    this.#ctx = ctx
    this.#next = next
    this.#self = self
    this.#mounted = mounted
    this.#watched = watched
    this.request = new KoaRequest(ctx)
  }

  get subject(): KoaSubject {
    return [this.#ctx]
  }

  get gone(): boolean {
    return this.#ctx.res.destroyed
  }

  async run(observer: RunObserver | undefined): Promise<void> {
    if (observer === undefined) return this.#next()
    const ctx = this.#ctx
    const { hidden, restore } = observer.fills
      ? hideValidators(ctx.req.headers)
      : { hidden: {}, restore: () => undefined }
    if (observer.claims) this.#watched.add(ctx)
    const touched = touchedFields(ctx.res)
    try {
      await this.#next()
    } catch (error) {
      restore()
      observer.done('failed')
      throw error
    }
    restore()
    if (ctx.respond === false || ctx.res.headersSent) observer.done('detached')
    else await this.#cross(observer, touched, hidden)
  }

  send(response: StoredResponse, delivery: Delivery): void {
    const { app, response: answer, req, res } = this.#ctx
    const { status, statusMessage, body } = replayFields(req.headers, res, response, delivery)
    if (body !== undefined) {
      const untyped = !res.hasHeader('Content-Type')
      // Where nothing is outside of us, nobody could write to the entry's bytes.
      const alone = app.middleware[0] === this.#self && res.end === ServerResponse.prototype.end
      answer.body = alone ? body : ownBody(body)
      answer.length = body.length
      if (untyped) answer.remove('Content-Type')
    }
    if (answer.status !== status) answer.status = status
    if (statusMessage !== undefined) answer.message = statusMessage
  }

  answeredBy(): readonly string[] {
    return this.#mounted ? answeringRoute(this.#ctx) : []
  }

  /** What stands in `ctx` now is what crosses our place; outer middleware may still change it for this client. */
  async #cross(observer: RunObserver, touched: ReadonlySet<string>, hidden: CacheRequest['headers']): Promise<void> {
    const ctx = this.#ctx
    const body =
      ctx.body === undefined || ctx.body === null
        ? { whole: this.#emptyBody(), measured: true }
        : await koaBody(ctx.body)
    if (body === undefined) return observer.done('failed')
    const whole = 'whole' in body ? body.whole : undefined
    const crossing = crossHead(ctx.res, observer, touched, hidden, whole)
    if ('stream' in body) return this.#crossStream(observer, crossing, body.stream)
    const { stored, announced, notModified } = crossing
    if (stored === undefined) observer.done(undefined)
    else if (!body.measured && announced !== undefined && Number(announced) !== body.whole.length)
      observer.done('truncated')
    else observer.done({ ...this.#typed(stored, body.whole), body: bytesOf(body.whole)! })
    if (notModified) this.#answerNotModified()
  }

  async #crossStream(observer: RunObserver, crossing: Crossing, open: () => Readable): Promise<void> {
    const { decision, notModified } = crossing
    if (!decision.keep) {
      observer.done(undefined)
      if (notModified) open().destroy()
    } else if (notModified) await drained(open(), new Tee(observer, crossing, undefined))
    else {
      const tee = new Tee(observer, crossing, () => this.gone)
      replaceBody(
        this.#ctx,
        pipeline(open(), tee, () => undefined),
      )
    }
    if (notModified) this.#answerNotModified()
  }

  #answerNotModified(): void {
    replaceBody(this.#ctx, null)
    this.#ctx.status = 304
  }

  /** Koa answers with the reason phrase where no body was set. */
  #emptyBody(): Buffer {
    const ctx = this.#ctx
    const { _explicitNullBody: explicit } = ctx.response as { _explicitNullBody?: boolean }
    const bodiless = explicit === true || ctx.status === 204 || ctx.status === 205 || ctx.status === 304
    return Buffer.from(bodiless ? '' : ctx.message || String(ctx.status))
  }

  #typed(stored: NonNullable<Crossing['stored']>, whole: Buffer): NonNullable<Crossing['stored']> {
    const { body } = this.#ctx
    if (body !== undefined && body !== null) return stored
    // Koa drops the type of a body that is not there, and gives the phrase in its place one of its own.
    const others = stored.headers.filter(([name]) => name.toLowerCase() !== 'content-type')
    return {
      ...stored,
      headers: whole.length === 0 ? others : [...others, ['Content-Type', 'text/plain; charset=utf-8']],
    }
  }
}

/** The request as Koa sees it under `app.proxy`. */
class KoaRequest implements CacheRequest {
  readonly #ctx: Context
  readonly method: string
  readonly url: string
  readonly rewritten: string | undefined
  readonly headers: CacheRequest['headers']

  constructor(ctx: Context) {
    this.#ctx = ctx
    const { req, originalUrl } = ctx
    this.method = req.method ?? 'GET'
    this.url = originalUrl
    this.rewritten = rewrittenPart(originalUrl, req.url ?? '')
    this.headers = req.headers
  }

  /** Without a trusted proxy the framework comes to the same, at a price. */
  get scheme(): string {
    const { app, req } = this.#ctx
    return app.proxy || 'encrypted' in req.socket ? this.#ctx.protocol : 'http'
  }

  get host(): string {
    const { app, req } = this.#ctx
    return app.proxy || req.httpVersionMajor >= 2 ? this.#ctx.host : (req.headers.host ?? '')
  }

  get hasBody(): boolean {
    return hasBody(this.#ctx.req)
  }

  get body(): unknown {
    return parsedBody(this.#ctx.req, (this.#ctx.request as { body?: unknown }).body)
  }
}
