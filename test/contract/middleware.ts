// One application, told once, on Express and on Koa: what a contract test is written against.

import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import express from 'express'
import Koa, { type Context } from 'koa'
import { createCore } from '../../src/cache.ts'
import type { CacheOptions } from '../../src/cache-options.ts'
import type { Duration } from '../../src/duration.ts'
import { expressCache } from '../../src/express/cache.ts'
import type { ExpressSubject } from '../../src/express/exchange.ts'
import type { InvalidateArguments, InvalidateOptions } from '../../src/invalidation.ts'
import { type KoaCache, koaCache } from '../../src/koa/cache.ts'
import type { KoaSubject } from '../../src/koa/exchange.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import type { Parts } from '../../src/parts.ts'
import type { CacheRouteOptions } from '../../src/route.ts'

/** A request as both frameworks' handlers see it. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The parsed JSON body. */
  readonly body: unknown
}

/** What a handler answers; a plain body is sent by the framework's own means. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: unknown
}

/** A handler: throws what the framework shall report. */
export type Handler = (asked: Asked) => Reply | Promise<Reply>

/** Options whose functions see the request as `Asked`. */
export type ReadOptions = CacheRouteOptions<readonly [asked: Asked]>

/** A target of `invalidate`. */
export type WriteTarget = string | ((asked: Asked) => string | readonly string[] | Promise<string | readonly string[]>)

/** What `invalidate` is called with: targets, and options last. */
export type WriteArgument = WriteTarget | InvalidateOptions

/** The routes of an application under test. */
export interface App {
  /** `cacheRoute` on a route, then the handler. */
  read(path: string, handler: Handler, ttl?: Duration, options?: ReadOptions & { method?: 'get' | 'post' }): void
  /** `invalidate` on a route, then the handler. */
  write(
    method: 'put' | 'post' | 'delete' | 'patch',
    path: string,
    targets: readonly WriteArgument[],
    handler: Handler,
  ): void
  /** `app.use(cacheRoute())` for everything that is told after it. */
  useCache(ttl?: Duration, options?: ReadOptions): void
  /** `app.use(invalidate())` for everything that is told after it. */
  useInvalidate(...targets: WriteArgument[]): void
  /** A route without middleware of ours. */
  plain(method: 'get' | 'put' | 'post' | 'delete', path: string, handler: Handler): void
  /** Sets response headers before all that is told after it runs, as outer middleware does. */
  outerHeaders(make: (asked: Asked) => Readonly<Record<string, string>>): void
}

/** The application, listening. */
export interface Running {
  readonly port: number
  readonly server: Server
  /** Every event so far. */
  readonly events: CacheEvent[]
  readonly cache: Pick<KoaCache, 'bump' | 'stats' | 'ready' | 'close'>
  stop(): Promise<void>
}

/** A framework's side of the contract. */
export interface Harness {
  readonly name: 'Express' | 'Koa'
  /** Starts an application on a free loopback port. With `redis` it waits until Redis is up, unless `wait` is false. */
  start(tell: (app: App) => void, options?: StartOptions): Promise<Running>
}

/** The cache's options, and what else an application may be started with. */
export interface StartOptions extends CacheOptions {
  readonly trustProxy?: boolean
  readonly wait?: boolean
  /** Take the place of the cache's own parts. */
  readonly parts?: Partial<Parts>
}

/** Runs the same tests over both frameworks. */
export function overFrameworks(title: string, tests: (harness: Harness) => void): void {
  for (const harness of [expressHarness, koaHarness]) describe(`${title} on ${harness.name}`, () => tests(harness))
}

export const expressHarness: Harness = {
  name: 'Express',
  async start(tell, { trustProxy = false, wait = true, parts, ...options } = {}) {
    const events: CacheEvent[] = []
    const cache = expressCache(createCore(heardBy(events, options), parts))
    if (options.redis !== undefined && wait) await cache.ready()
    const app = express()
    app.set('trust proxy', trustProxy)
    app.use(express.json())
    const handle =
      (handler: Handler): express.RequestHandler =>
      async (req, res) => {
        sendReply(res, await handler(askedOfExpress(req)))
      }
    const adapt = (options: ReadOptions = {}) => adaptFunctions(options, (req: express.Request) => askedOfExpress(req))
    const adaptTargets = (targets: readonly WriteArgument[]) =>
      targets.map((target) =>
        typeof target === 'function' ? (req: express.Request) => target(askedOfExpress(req)) : target,
      ) as InvalidateArguments<ExpressSubject>
    tell({
      read: (path, handler, ttl = '1m', { method = 'get', ...options } = {}) =>
        void app[method](path, cache.cacheRoute(ttl, adapt(options) as never), handle(handler)),
      write: (method, path, targets, handler) =>
        void app[method](path, cache.invalidate(...adaptTargets(targets)), handle(handler)),
      useCache: (ttl = '1m', options) => void app.use(cache.cacheRoute(ttl, adapt(options) as never)),
      useInvalidate: (...targets) => void app.use(cache.invalidate(...adaptTargets(targets))),
      plain: (method, path, handler) => void app[method](path, handle(handler)),
      outerHeaders: (make) =>
        void app.use((req, res, next) => {
          res.set(make(askedOfExpress(req)))
          next()
        }),
    })
    // Failures are what some tests are about: a short page instead of a stack on the console.
    app.use(((error: { status?: number; message: string }, _req, res, next) => {
      if (res.headersSent) return next(error)
      res.status(error.status ?? 500).send(error.message)
    }) as express.ErrorRequestHandler)
    app.set('env', 'test')
    return listen(app.listen(0, '127.0.0.1'), events, cache)
  },
}

export const koaHarness: Harness = {
  name: 'Koa',
  async start(tell, { trustProxy = false, wait = true, parts, ...options } = {}) {
    const events: CacheEvent[] = []
    const cache = koaCache(createCore(heardBy(events, options), parts))
    if (options.redis !== undefined && wait) await cache.ready()
    const app = new Koa({ proxy: trustProxy })
    app.silent = true
    const router = new Router()
    const middleware: Koa.Middleware[] = [parseJson]
    const handle =
      (handler: Handler): Koa.Middleware =>
      async (ctx) => {
        const { status, headers = {}, body } = await handler(askedOfKoa(ctx))
        if (status !== undefined) ctx.status = status
        if (body !== undefined) ctx.body = body
        else if (status === undefined) ctx.body = ''
        for (const [name, value] of Object.entries(headers)) ctx.set(name, value as string)
      }
    const adapt = (options: ReadOptions = {}) => adaptFunctions(options, (ctx: Context) => askedOfKoa(ctx))
    const adaptTargets = (targets: readonly WriteArgument[]) =>
      targets.map((target) =>
        typeof target === 'function' ? (ctx: Context) => target(askedOfKoa(ctx)) : target,
      ) as InvalidateArguments<KoaSubject>
    tell({
      read: (path, handler, ttl = '1m', { method = 'get', ...options } = {}) =>
        void router[method](path, cache.cacheRoute(ttl, adapt(options) as never), handle(handler)),
      write: (method, path, targets, handler) =>
        void router[method](path, cache.invalidate(...adaptTargets(targets)), handle(handler)),
      useCache: (ttl = '1m', options) => void middleware.push(cache.cacheRoute(ttl, adapt(options) as never)),
      useInvalidate: (...targets) => void middleware.push(cache.invalidate(...adaptTargets(targets))),
      plain: (method, path, handler) => void router[method](path, handle(handler)),
      outerHeaders: (make) =>
        void middleware.push((ctx, next) => {
          ctx.set(make(askedOfKoa(ctx)))
          return next()
        }),
    })
    for (const one of middleware) app.use(one)
    app.use(router.routes())
    return listen(app.listen(0, '127.0.0.1'), events, cache)
  },
}

function heardBy(events: CacheEvent[], options: CacheOptions): CacheOptions {
  // Lives are drawn by default: what a test counts on is the ttl that it names.
  return { jitter: 0, ...options, listeners: [(event) => events.push(event), ...(options.listeners ?? [])] }
}

function sendReply(res: express.Response, { status, headers = {}, body }: Reply): void {
  if (status !== undefined) res.status(status)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value as string)
  if (isStream(body)) body.pipe(res)
  else if (body === undefined) res.end()
  else res.send(body as string)
}

async function listen(server: Server, events: CacheEvent[], cache: Running['cache']): Promise<Running> {
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    server,
    events,
    cache,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await cache.close()
    },
  }
}

function askedOfExpress(req: express.Request): Asked {
  return {
    method: req.method,
    url: req.originalUrl,
    params: req.params as Record<string, string>,
    headers: req.headers,
    body: req.body,
  }
}

function askedOfKoa(ctx: Context): Asked {
  const { body } = ctx.request as { body?: unknown }
  return { method: ctx.method, url: ctx.originalUrl, params: ctx.params ?? {}, headers: ctx.headers, body }
}

function adaptFunctions<Subject>(options: ReadOptions, asked: (subject: Subject) => Asked): object {
  const entries = Object.entries(options).map(([name, value]) => {
    const seesRequest = typeof value === 'function' && name !== 'storable'
    return [name, seesRequest ? (subject: Subject, ...rest: unknown[]) => value(asked(subject), ...rest) : value]
  })
  const { bypass } = options
  const guard = bypass === undefined || bypass === false ? undefined : bypass.allow
  if (guard === undefined) return Object.fromEntries(entries)
  return {
    ...Object.fromEntries(entries),
    bypass: { ...(bypass as object), allow: (subject: Subject) => guard(asked(subject)) },
  }
}

/** The JSON parser that Koa does not bring. */
async function parseJson(ctx: Context, next: Koa.Next): Promise<void> {
  if (ctx.is('json')) {
    const chunks: Buffer[] = []
    for await (const chunk of ctx.req) chunks.push(chunk)
    Object.assign(ctx.request, { body: JSON.parse(Buffer.concat(chunks).toString()) })
  }
  await next()
}

function isStream(body: unknown): body is NodeJS.ReadableStream {
  return typeof body === 'object' && body !== null && 'pipe' in body
}
