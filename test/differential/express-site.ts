// Random applications on Express.
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import express, { type Request, type RequestHandler, type Response, type Router } from 'express'
import type { CacheOptions } from '../../src/cache-options.ts'
import { createCache } from '../../src/express.ts'
import type { Answer } from './content.ts'
import type { Seen, SeenOptions } from './keyings.ts'
import type { FrameworkForm } from './plan.ts'
import { applyFields, bodyStream, isRaw, pause, sendRaw } from './raw-answer.ts'
import { Arrivals, ended, listening, prefixOf, type Served, type Site, servedRoutes, type Words } from './site.ts'

/** @param options of the cache; undefined for the application as it is without one */
export async function expressSite(options: CacheOptions | undefined): Promise<Site> {
  const words = options === undefined ? without : await withCache(options)
  const apps = new Map<string, Router>()
  const arrivals = new Arrivals()
  const app = express()
  // Errors are reported to nobody but the client.
  app.set('env', 'test')
  app.use((req, _res, next) => {
    arrivals.note(req)
    next()
  })
  app.use(express.json())
  app.use((req, res, next) => (apps.get(prefixOf(req.url)) ?? pass)(req, res, next))
  const server = createServer(app)
  return {
    port: await listening(server),
    mount: (prefix, plan, versions) => {
      const router = express.Router()
      if (plan.outer) router.use(outerFields)
      for (const served of servedRoutes(prefix, plan, versions)) mountRoute(router, served, words)
      apps.set(prefix, router)
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

const pass: RequestHandler = (_req, _res, next) => next()
const without: Words<RequestHandler> = {
  cacheRoute: () => pass,
  invalidate: () => pass,
  bump: async () => undefined,
  close: async () => undefined,
}

async function withCache(options: CacheOptions): Promise<Words<RequestHandler>> {
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
    ...(varyBy === undefined ? {} : { varyBy: (req: Request) => varyBy(seenOf(req)) }),
    ...(typeof tags === 'function' ? { tags: (req: Request) => tags(seenOf(req)) } : {}),
  }
}

const outerFields: RequestHandler = ({ headers }, res, next) => {
  res.setHeader('X-Outer', 'kept')
  res.setHeader('X-Outer-Removed', 'at times')
  res.setHeader('X-Outer-Trace', String(headers['x-trace'] ?? 'none'))
  res.setHeader('Vary', 'Origin')
  if (headers.origin !== undefined) res.setHeader('Access-Control-Allow-Origin', headers.origin)
  next()
}

function mountRoute(router: Router, served: Served, words: Words<RequestHandler>): void {
  const { path, options, target, plan } = served
  const cacheRoute = words.cacheRoute(options)
  const read: RequestHandler = (req, res) => handle(req, res, served.read(seenOf(req)))
  router.post(`${path}/write`, words.invalidate(target), (req, res) => handle(req, res, served.write(seenOf(req))))
  if (plan.mounted) router.use(path, cacheRoute)
  const chain = plan.mounted ? [read] : [cacheRoute, read]
  router.get(path, ...chain)
  router.post(path, ...chain)
}

function seenOf({ headers, originalUrl, body }: Request): Seen {
  const [path = '', query = ''] = originalUrl.split(/\?(.*)/s)
  return { headers, path, query, body }
}

async function handle(req: Request, res: Response, answer: Answer): Promise<void> {
  const { plan, fails } = answer
  const { wait, form } = plan
  const fault = fails ? plan.fault?.kind : undefined
  if (fault === 'throw') throw failure(500)
  await pause(wait)
  if (fault === 'throw later') throw failure(503)
  if (fault === 'not found') throw failure(404)
  if (fault === 'never begun') return void req.socket.destroy()
  if (isRaw(form) || fault === 'broken off') return sendRaw(res, answer)
  applyFields(res, answer)
  res.status(plan.status)
  if (plan.phrase !== undefined) res.statusMessage = plan.phrase
  sends[form](res, answer)
}

/** The page that Express makes of it shows its stack. */
function failure(status: number): Error {
  const error = Object.assign(new Error('failed'), { status, headers: { 'X-Failed': 'yes' } })
  error.stack = 'failed somewhere'
  return error
}

const sends: Readonly<Record<FrameworkForm, (res: Response, answer: Answer) => void>> = {
  text: (res, { text }) => void res.send(text),
  bytes: (res, { body }) => void res.send(body),
  json: (res, { text }) => void res.json({ text }),
  nothing: (res) => void res.send(null),
  stream: (res, answer) => void bodyStream(answer).pipe(res),
  web: (res, answer) => void Readable.fromWeb(Readable.toWeb(bodyStream(answer)) as never).pipe(res),
  status: (res, { plan }) => void res.sendStatus(plan.status),
  redirect: (res, { plan, text }) => res.redirect(plan.status, `/elsewhere?${text.length}`),
}
