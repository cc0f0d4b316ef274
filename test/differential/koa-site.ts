// Random applications on Koa.
import { createServer, type RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import Router, { type RouterMiddleware } from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import type { CacheOptions } from '../../src/cache-options.ts'
import { createCache } from '../../src/koa.ts'
import type { Answer } from './content.ts'
import type { Seen, SeenOptions } from './keyings.ts'
import type { FrameworkForm } from './plan.ts'
import { bodyStream, isRaw, pause, sendRaw } from './raw-answer.ts'
import { Arrivals, ended, listening, prefixOf, type Served, type Site, servedRoutes, type Words } from './site.ts'

/** @param options of the cache; undefined for the application as it is without one */
export async function koaSite(options: CacheOptions | undefined): Promise<Site> {
  const words = options === undefined ? without : await withCache(options)
  const apps = new Map<string, Middleware>()
  const arrivals = new Arrivals()
  const app = new Koa()
  // Errors are reported to nobody but the client.
  app.silent = true
  app.on('error', () => undefined)
  app.use((ctx, next) => {
    arrivals.note(ctx.req)
    return next()
  })
  app.use(parseJson)
  app.use((ctx, next) => (apps.get(prefixOf(ctx.url)) ?? pass)(ctx, next))
  const server = createServer(app.callback() as RequestListener)
  return {
    port: await listening(server),
    mount: (prefix, plan, versions) => {
      const router = new Router()
      for (const served of servedRoutes(prefix, plan, versions)) mountRoute(router, served, words)
      const routes = router.routes() as Middleware
      apps.set(prefix, plan.outer ? (ctx, next) => outerFields(ctx, () => Promise.resolve(routes(ctx, next))) : routes)
    },
    unmount: (prefix) => void apps.delete(prefix),
    arrival: (trace) => arrivals.of(trace),
    bump: words.bump,
    async stop() {
      await ended(server)
      await words.close()
    },
  }
}

const pass: Middleware = (_ctx, next) => next()
const without: Words<Middleware> = {
  cacheRoute: () => pass,
  invalidate: () => pass,
  bump: async () => undefined,
  close: async () => undefined,
}

async function withCache(options: CacheOptions): Promise<Words<Middleware>> {
  const cache = createCache(options)
  await cache.ready()
  return {
    cacheRoute: ({ lock, ...given }) =>
      cache.cacheRoute('1m', adapted(options.redis === undefined ? given : { ...given, lock }) as never),
    invalidate: (target) => cache.invalidate(target),
    bump: cache.bump,
    close: cache.close,
  }
}

function adapted({ varyBy, tags, ...others }: SeenOptions): object {
  return {
    ...others,
    ...(varyBy === undefined ? {} : { varyBy: (ctx: Context) => varyBy(seenOf(ctx)) }),
    ...(typeof tags === 'function' ? { tags: (ctx: Context) => tags(seenOf(ctx)) } : {}),
  }
}

async function outerFields(ctx: Context, next: () => Promise<unknown>): Promise<void> {
  ctx.set('X-Outer', 'kept')
  ctx.set('X-Outer-Removed', 'at times')
  ctx.set('X-Outer-Trace', ctx.get('x-trace') || 'none')
  ctx.set('Vary', 'Origin')
  if (ctx.headers.origin !== undefined) ctx.set('Access-Control-Allow-Origin', ctx.headers.origin)
  await next()
  if (!ctx.headerSent) ctx.set('X-After', ctx.get('x-trace') || 'none')
}

function mountRoute(router: Router, served: Served, words: Words<Middleware>): void {
  const { path, options, target, plan } = served
  const cacheRoute = words.cacheRoute(options) as RouterMiddleware
  const read: RouterMiddleware = (ctx) => handle(ctx, served.read(seenOf(ctx)))
  const invalidate = words.invalidate(target) as RouterMiddleware
  router.post(`${path}/write`, invalidate, (ctx) => handle(ctx, served.write(seenOf(ctx))))
  if (plan.mounted) router.use(path, cacheRoute)
  const chain = plan.mounted ? [read] : [cacheRoute, read]
  router.get(path, ...chain)
  router.post(path, ...chain)
}

function seenOf(ctx: Context): Seen {
  const [path = '', query = ''] = ctx.originalUrl.split(/\?(.*)/s)
  return { headers: ctx.headers, path, query, body: (ctx.request as { body?: unknown }).body }
}

async function handle(ctx: Context, answer: Answer): Promise<void> {
  const { plan, fails } = answer
  const { wait, form } = plan
  const fault = fails ? plan.fault?.kind : undefined
  if (fault === 'throw') throw failure(500)
  await pause(wait)
  if (fault === 'throw later') throw failure(503)
  if (fault === 'not found') ctx.throw(404, 'not here')
  if (fault === 'never begun') return void ctx.req.socket.destroy()
  if (isRaw(form) || (fault === 'broken off' && form !== 'stream')) {
    ctx.respond = false
    return sendRaw(ctx.res, answer)
  }
  ctx.status = plan.status
  if (plan.phrase !== undefined) ctx.message = plan.phrase
  // Either order is in use: a body guesses the type and length that nobody gave.
  if (plan.pieces % 2 === 0) applyFields(ctx, answer)
  send(ctx, form, answer)
  if (plan.pieces % 2 === 1) applyFields(ctx, answer)
}

function failure(status: number): Error {
  return Object.assign(new Error('failed'), { status, headers: { 'X-Failed': 'yes' } })
}

function applyFields(ctx: Context, { fields }: Answer): void {
  for (const { act, name, value } of fields) {
    if (act === 'remove') ctx.remove(name)
    else if (act === 'append') ctx.append(name, value as string)
    else ctx.set(name, value as string)
  }
}

const bodies: Readonly<Record<Exclude<FrameworkForm, 'status' | 'redirect'>, (answer: Answer) => unknown>> = {
  text: ({ text }) => text,
  bytes: ({ body }) => body,
  json: ({ text }) => ({ text }),
  nothing: () => null,
  stream: bodyStream,
  web: (answer) => {
    const kinds = [
      () => Readable.toWeb(bodyStream(answer)),
      () => new Blob([answer.body]),
      () => new Response(answer.body, { headers: { 'X-Of-Response': 'yes' } }),
    ]
    return kinds[answer.plan.pieces % kinds.length]!()
  },
}

function send(ctx: Context, form: FrameworkForm, answer: Answer): void {
  if (form === 'redirect') ctx.redirect(`/elsewhere?${answer.text.length}`)
  else if (form !== 'status') ctx.body = bodies[form](answer)
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
