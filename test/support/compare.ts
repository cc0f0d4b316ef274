// The same handler behind a cache and without one: what both put on the wire must be the same.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import type { CacheOptions } from '../../src/cache-options.ts'
import { createCache as createExpressCache, type ExpressSubject } from '../../src/express.ts'
import { createCache as createKoaCache, type KoaSubject } from '../../src/koa.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import type { CacheRouteOptions } from '../../src/route.ts'
import { ask, expectReplay, expectSame, type Question, values, type WireAnswer } from './wire.ts'

/** Two servers of one handler. */
export interface Twin {
  /** The port of the one without a cache. */
  readonly bare: number
  /** The port of the one behind it. */
  readonly cached: number
  readonly events: readonly CacheEvent[]
  readonly cache: Pick<ReturnType<typeof createKoaCache>, 'stats' | 'bump'>
  stop(): Promise<void>
}

/** Builds the bare application without `cacheRoute` and the other one with it. */
type Build<Middleware> = (cacheRoute: Middleware | undefined) => RequestListener

/** How the cached one differs. */
interface TwinOptions<Subject extends readonly unknown[]> {
  readonly route?: CacheRouteOptions<Subject>
  readonly cache?: CacheOptions
}

/** Both on Express: a handler at `/answer`, or whatever `mount` makes of the application. */
export async function expressTwin(
  tell: express.RequestHandler | { mount(app: express.Express, cacheRoute: express.RequestHandler): void },
  { route, cache: cacheOptions }: TwinOptions<ExpressSubject> = {},
): Promise<Twin> {
  const events: CacheEvent[] = []
  const cache = createExpressCache({ ...cacheOptions, listeners: [(event) => events.push(event)] })
  const build: Build<express.RequestHandler> = (cacheRoute = (_req, _res, next) => next()) => {
    const app = express()
    app.set('env', 'test')
    if (typeof tell === 'function') app.get('/answer', cacheRoute, tell)
    else tell.mount(app, cacheRoute)
    app.use(reportShortly)
    return app
  }
  return start(build(undefined), build(cache.cacheRoute('1m', route)), events, cache)
}

/** Both on Koa; `cacheRoute` stands where the array of middleware holds `undefined`, by default before all, or where `mount` puts it. */
export async function koaTwin(
  middleware:
    | Koa.Middleware
    | readonly (Koa.Middleware | undefined)[]
    | { mount(app: Koa, cacheRoute: Koa.Middleware): void },
  { route, cache: cacheOptions }: TwinOptions<KoaSubject> = {},
): Promise<Twin> {
  const events: CacheEvent[] = []
  const cache = createKoaCache({ ...cacheOptions, listeners: [(event) => events.push(event)] })
  const all = typeof middleware === 'function' ? [undefined, middleware] : middleware
  const build: Build<Koa.Middleware> = (cacheRoute = (_ctx, next) => next()) => {
    const app = new Koa()
    app.silent = true
    if ('mount' in all) all.mount(app, cacheRoute)
    else for (const one of all) app.use(one ?? cacheRoute)
    return app.callback()
  }
  return start(build(undefined), build(cache.cacheRoute('1m', route)), events, cache)
}

/** Both on `node:http` alone. */
export async function nodeTwin(
  handler: (req: IncomingMessage, res: ServerResponse) => void,
  { route, cache: cacheOptions }: TwinOptions<ExpressSubject> = {},
): Promise<Twin> {
  const events: CacheEvent[] = []
  const cache = createExpressCache({ ...cacheOptions, listeners: [(event) => events.push(event)] })
  const cacheRoute = cache.cacheRoute('1m', { name: 'answer', ...route }) as (
    req: IncomingMessage,
    res: ServerResponse,
    next: () => void,
  ) => void
  const cached: RequestListener = (req, res) => cacheRoute(req, res, () => handler(req, res))
  return start(handler, cached, events, cache)
}

/**
 * Fails unless the handler's answer is the same behind the cache, and the same again from it.
 *
 * @returns the answer without a cache, the one of the run behind it, and the replay
 */
export async function expectSameThenReplay(twin: Twin, question: Question = {}) {
  const { reference, run } = await expectSameRun(twin, question)
  const replay = await ask(twin.cached, question)
  expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
  expectReplay(replay, reference)
  return { reference, run, replay }
}

/** Fails unless a client whose copy is good gets 304 from a cold cache, which is filled by that run as by any other. */
export async function expectFilledBehindNotModified(twin: Twin, question: Question = {}): Promise<void> {
  const reference = await ask(twin.bare, question)
  const cold = await ask(twin.cached, { ...question, headers: { ...question.headers, 'If-None-Match': '*' } })
  if (reference.status < 300) {
    expect(cold).to.deep.include({ status: 304, whole: true, body: Buffer.alloc(0) })
    expect([...values(cold, 'content-length'), ...values(cold, 'transfer-encoding')]).to.deep.equal([])
  } else expectSame(cold, reference)
  expectReplay(await ask(twin.cached, question), reference)
  expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
}

/** Fails unless both of two answers behind the cache are the handler's own, each of a run that was not stored for `reason`. */
export async function expectSameNeverStored(twin: Twin, reason: string, question: Question = {}): Promise<WireAnswer> {
  const { reference } = await expectSameRun(twin, question)
  expectSame(await ask(twin.cached, question), reference)
  expect(trace(twin.events)).to.deep.equal(['miss', reason, 'miss', reason])
  return reference
}

/** Fails unless the answer behind the cache is the handler's own. */
export async function expectSameRun(twin: Twin, question: Question = {}) {
  const reference = await ask(twin.bare, question)
  const run = await ask(twin.cached, question)
  expectSame(run, reference)
  return { reference, run }
}

/** Requests by their outcome, runs by `stored` or why not. */
export function trace(events: readonly CacheEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.type === 'request') return [event.outcome]
    return event.type === 'run' ? [event.stored ? 'stored' : (event.reason ?? 'no reason')] : [event.type]
  })
}

const reportShortly: express.ErrorRequestHandler = (error: Error, _req, res, next) => {
  if (res.headersSent) next(error)
  else res.status(500).send(`failed: ${error.message}`)
}

async function start(
  bare: RequestListener,
  cached: RequestListener,
  events: CacheEvent[],
  cache: ReturnType<typeof createKoaCache> | ReturnType<typeof createExpressCache>,
): Promise<Twin> {
  const servers = [createServer(bare), createServer(cached)] as const
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')))
  const [first, second] = servers.map((server: Server) => (server.address() as AddressInfo).port)
  return {
    bare: first!,
    cached: second!,
    events,
    cache,
    async stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
      }
      await cache.close()
    },
  }
}
