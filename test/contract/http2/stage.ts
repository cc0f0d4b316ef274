// One application, told once, over HTTP/2: on Koa, and on plain `node:http2` by way of the Express adapter.
import { createServer, type Http2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'
import Router from '@koa/router'
import { expect } from 'chai'
import Koa from 'koa'
import { createCore } from '../../../src/cache.ts'
import type { CacheOptions } from '../../../src/cache-options.ts'
import { expressCache } from '../../../src/express/cache.ts'
import { koaCache } from '../../../src/koa/cache.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import type { CacheRouteOptions } from '../../../src/route.ts'
import { eventually } from '../../support/gate.ts'
import { Http2Client } from '../../support/http2-client.ts'
import type { Reply } from '../middleware.ts'

type Handler = (asked: { readonly headers: Http2ServerRequest['headers'] }) => Reply | Promise<Reply>
type Routes = Readonly<Record<string, Handler>>
type Options = Pick<CacheRouteOptions<[]>, 'tags'>

/** A server that listens, and what happened on it. */
interface Http2App {
  readonly origin: string
  readonly events: CacheEvent[]
  /** A session of its own; closed with the application. */
  connect(options?: ConstructorParameters<typeof Http2Client>[1]): Http2Client
  /** Resolves once this many streams have closed on the server, in order or not. */
  closed(count: number): Promise<void>
}

/** Starts an application whose routes all are cached. */
export type StartHttp2 = (routes: Routes, options?: Options, cacheOptions?: CacheOptions) => Promise<Http2App>

/** Runs the same tests over both adapters. Node's warnings fail a test: that is how it says that something is not for HTTP/2. */
export function overHttp2(title: string, tests: (start: StartHttp2) => void): void {
  for (const [name, serve] of Object.entries({ Koa: serveKoa, 'node:http2': servePlain })) {
    describe(`${title} over HTTP/2 on ${name}`, () => {
      const ends: (() => Promise<void>)[] = []
      const warnings: string[] = []
      const warn = ({ name, message }: Error) => void warnings.push(`${name}: ${message}`)
      before(() => process.on('warning', warn))
      after(() => process.off('warning', warn))
      afterEach(async () => {
        for (const end of ends.splice(0)) await end()
        expect(warnings.splice(0)).to.deep.equal([])
      })
      tests(async (routes, options = {}, cacheOptions = {}) => {
        const events: CacheEvent[] = []
        const core = { ...cacheOptions, listeners: [(event: CacheEvent) => events.push(event)] }
        const { server, close } = serve(routes, options, core)
        return listen(server, events, close, ends)
      })
    })
  }
}

interface Served {
  readonly server: Http2Server
  readonly close: () => Promise<void>
}

function serveKoa(routes: Routes, options: Options, cacheOptions: CacheOptions): Served {
  const cache = koaCache(createCore(cacheOptions))
  const app = new Koa()
  app.silent = true
  const router = new Router()
  for (const [path, handler] of Object.entries(routes)) {
    router.get(path, cache.cacheRoute('1m', options), async (ctx) => {
      const { status, headers = {}, body } = await handler({ headers: ctx.headers })
      if (status !== undefined) ctx.status = status
      ctx.body = body
      for (const [name, value] of Object.entries(headers)) ctx.set(name, value as string)
    })
  }
  app.use(router.routes())
  return { server: createServer(app.callback()), close: cache.close }
}

function servePlain(routes: Routes, options: Options, cacheOptions: CacheOptions): Served {
  const cache = expressCache(createCore(cacheOptions))
  const cached = cache.cacheRoute('1m', options) as unknown as (
    req: Http2ServerRequest,
    res: Http2ServerResponse,
    next: (error?: unknown) => void,
  ) => void
  const server = createServer((req, res) => {
    const fail = () => void res.writeHead(500).end()
    cached(req, res, (error) => {
      if (error !== undefined) return fail()
      const handler = routes[new URL(req.url, 'http://host').pathname]!
      Promise.resolve(handler(req)).then((reply) => answer(res, reply), fail)
    })
  })
  return { server, close: cache.close }
}

function answer(res: Http2ServerResponse, { status = 200, headers = {}, body }: Reply): void {
  res.statusCode = status
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (typeof body === 'object' && body !== null && 'pipe' in body)
    pipeline(body as NodeJS.ReadableStream, res, () => undefined)
  else res.end(body as string | Uint8Array)
}

async function listen(
  server: Http2Server,
  events: CacheEvent[],
  close: () => Promise<void>,
  ends: (() => Promise<void>)[],
): Promise<Http2App> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const clients: Http2Client[] = []
  let closed = 0
  server.on('stream', (stream) => stream.on('close', () => closed++))
  ends.push(async () => {
    for (const client of clients) client.close()
    await new Promise((resolve) => server.close(resolve))
    await close()
  })
  return {
    origin,
    events,
    connect(options) {
      const client = new Http2Client(origin, options)
      clients.push(client)
      return client
    },
    closed: async (count) => {
      await eventually(() => expect(closed, 'streams closed').to.equal(count), { within: 5_000 })
    },
  }
}
