// One application on Express and on Koa whose functions see the framework's own objects: what is private stands there.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import Koa, { type Context } from 'koa'
import type { CacheOptions } from '../../../src/cache-options.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import type { CacheRouteOptions } from '../../../src/route.ts'

/** A framework's own objects; members that tests read or write are of any type. */
export interface Native {
  // biome-ignore lint/suspicious/noExplicitAny: whatever middleware puts there
  readonly req: IncomingMessage & Record<string, any>
  // biome-ignore lint/suspicious/noExplicitAny: whatever middleware puts there
  readonly res: ServerResponse & Record<string, any>
  // biome-ignore lint/suspicious/noExplicitAny: whatever middleware puts there
  readonly ctx: Context & Record<string, any>
  /** What the request holds that is private: `req` on Express, `ctx` on Koa. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever middleware puts there
  readonly subject: Record<string, any>
}

/** Runs what comes after, and returns when it is over (Koa) or under way (Express). */
export type Step = (native: Native, next: () => Promise<unknown>) => unknown

/** What the application is made of. */
export interface Setup {
  /** Before the cache. */
  readonly before?: readonly Step[]
  /** Between the cache and the handler. */
  readonly between?: readonly Step[]
  readonly options?: Omit<CacheRouteOptions<readonly [native: Native]>, 'bypass' | 'storable'> & {
    readonly storable?: () => boolean
  }
  readonly cache?: CacheOptions
  /** Returns the body, or undefined where it has answered itself. */
  readonly handler: (native: Native) => unknown
}

export interface Side {
  readonly name: 'Express' | 'Koa'
  /** What is watched without anyone's saying, and how a handler reads it. */
  readonly listed: Readonly<Record<string, readonly ((native: Native) => unknown)[]>>
  start(setup: Setup): Promise<Served>
}

export interface Served {
  readonly port: number
  readonly events: CacheEvent[]
  stop(): Promise<void>
}

/** Runs the same tests over both frameworks. */
export function overSides(title: string, tests: (side: Side, start: Side['start']) => void): void {
  for (const side of [expressSide, koaSide]) {
    describe(`${title} on ${side.name}`, () => {
      const served: Served[] = []
      afterEach(async () => {
        for (const app of served.splice(0)) await app.stop()
      })
      tests(side, async (setup) => {
        const app = await side.start(setup)
        served.push(app)
        return app
      })
    })
  }
}

const inHeaders = {
  'req.headers.cookie': [
    ({ req }: Native) => req.headers.cookie,
    ({ req }: Native) => req.headersDistinct.cookie,
    ({ req }: Native) => 'cookie' in req.headers,
    ({ req }: Native) => Object.hasOwn(req.headers, 'cookie'),
  ],
  'req.headers.authorization': [({ req }: Native) => req.headers.authorization],
}

const expressNative = (req: express.Request, res: express.Response) => ({ req, res, subject: req }) as unknown as Native

const expressSide: Side = {
  name: 'Express',
  listed: {
    'req.headers.cookie': [
      ...inHeaders['req.headers.cookie'],
      ({ subject }) => subject.get('Cookie'),
      ({ subject }) => subject.header('cookie'),
    ],
    'req.headers.authorization': [
      ...inHeaders['req.headers.authorization'],
      ({ subject }) => subject.get('Authorization'),
    ],
    'req.cookies': [({ req }) => req.cookies, ({ req }) => 'cookies' in req],
    'req.signedCookies': [({ req }) => req.signedCookies],
    'req.session': [({ req }) => req.session, ({ req }) => Object.create(req).session],
    'req.user': [({ req }) => req.user],
  },
  start: async ({ before = [], between = [], options = {}, cache: cacheOptions, handler }) => {
    const events: CacheEvent[] = []
    const cache = createExpressCache({ ...cacheOptions, listeners: [(event) => events.push(event)] })
    const app = express()
    app.set('env', 'test')
    const step =
      (one: Step): express.RequestHandler =>
      (req, res, next) =>
        one(expressNative(req, res), async () => next())
    app.use(...[(_req: unknown, _res: unknown, next: () => void) => next(), ...before.map(step)])
    app.get('/page', cache.cacheRoute('1m', adapted(options, expressNative) as never), ...between.map(step), (async (
      req,
      res,
    ) => {
      const body = await handler(expressNative(req, res))
      if (body !== undefined) res.send(body)
    }) as express.RequestHandler)
    app.use(
      ((error: Error, _req, res, _next) => void res.status(500).send(error.message)) as express.ErrorRequestHandler,
    )
    return listen(app.listen(0, '127.0.0.1'), events, cache)
  },
}

const koaNative = (ctx: Context) => ({ req: ctx.req, res: ctx.res, ctx, subject: ctx }) as unknown as Native

const koaSide: Side = {
  name: 'Koa',
  listed: {
    'req.headers.cookie': [
      ...inHeaders['req.headers.cookie'],
      ({ ctx }) => ctx.get('Cookie'),
      ({ ctx }) => ctx.headers.cookie,
      ({ ctx }) => ctx.request.header.cookie,
    ],
    'req.headers.authorization': [...inHeaders['req.headers.authorization'], ({ ctx }) => ctx.get('authorization')],
    'ctx.cookies': [({ ctx }) => ctx.cookies.get('sid')],
    'ctx.session': [({ ctx }) => ctx.session, ({ ctx }) => 'session' in ctx],
    'ctx.state.user': [({ ctx }) => ctx.state.user, ({ ctx }) => 'user' in ctx.state],
    'req.user': [({ req }) => req.user],
  },
  start: async ({ before = [], between = [], options = {}, cache: cacheOptions, handler }) => {
    const events: CacheEvent[] = []
    const cache = createKoaCache({ ...cacheOptions, listeners: [(event) => events.push(event)] })
    const app = new Koa()
    app.silent = true
    const step =
      (one: Step): Koa.Middleware =>
      async (ctx, next) =>
        void (await one(koaNative(ctx), next))
    for (const one of before) app.use(step(one))
    app.use(cache.cacheRoute('1m', adapted(options, koaNative) as never))
    for (const one of between) app.use(step(one))
    app.use(async (ctx) => {
      const body = await handler(koaNative(ctx))
      if (body !== undefined) ctx.body = body
    })
    return listen(app.listen(0, '127.0.0.1'), events, cache)
  },
}

/** The user's functions, called with what both frameworks have. */
function adapted(options: Setup['options'] = {}, native: (...subject: never[]) => Native): object {
  const entries = Object.entries(options).map(([name, value]) => [
    name,
    typeof value === 'function' && name !== 'storable'
      ? (...subject: never[]) => (value as (native: Native) => unknown)(native(...subject))
      : value,
  ])
  return Object.fromEntries(entries)
}

async function listen(server: Server, events: CacheEvent[], cache: { close(): Promise<void> }): Promise<Served> {
  await new Promise((resolve) => server.once('listening', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    events,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await cache.close()
    },
  }
}

/** Why runs were not stored, in order; `stored` where they were. */
export function runs({ events }: Pick<Served, 'events'>): string[] {
  return events.flatMap((event) =>
    event.type === 'run' ? [event.stored ? 'stored' : (event.reason ?? 'no reason')] : [],
  )
}

/** Paths that were told of. */
export function told({ events }: Pick<Served, 'events'>): string[] {
  return events.flatMap((event) => (event.type === 'private-read' ? [event.read] : []))
}
