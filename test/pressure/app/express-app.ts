// The routes on Express, with the cache or without it.
import { createServer, type Server } from 'node:http'
import express, { type Request, type RequestHandler } from 'express'
import { expressCache } from '../../../src/express/cache.ts'
import type { ExpressSubject } from '../../../src/express/exchange.ts'
import { watchedCore } from './core.ts'
import type { Handlers } from './handlers.ts'
import { ROUTES, tagOf } from './routes.ts'
import type { AppSettings } from './settings.ts'

/** A server that does not listen yet, and its cache. */
export interface App {
  readonly server: Server
  /** Keys with flights that could be joined. */
  flights(): number
  close(): Promise<void>
}

/** Builds the application of one process. */
export function expressApp(settings: AppSettings, handlers: Handlers): App {
  const { core, flights } = watchedCore<ExpressSubject>(settings, handlers)
  const cache = core === undefined ? undefined : expressCache(core)
  const app = express()
  const tags = (req: Request) => tagOf(req.params.id)
  const pass: RequestHandler = (_req, _res, next) => next()
  const handler: RequestHandler = async (req, res) =>
    void res.send(await handlers.answer(req.method, req.originalUrl, String(req.params.id)))
  app.use((req, res, next) => handlers.during(req, res, next))
  for (const { name, ttl, options } of ROUTES) {
    app.get(`/${name}/:id`, cache?.cacheRoute(ttl, { ...options, tags }) ?? pass, handler)
  }
  app.put('/items/:id', cache?.invalidate(tags) ?? pass, handler)
  // A failing handler is one of the faults: a short answer instead of a stack on the console.
  app.use(((error: Error, _req, res, next) => {
    if (res.headersSent) return next(error)
    res.status(500).send(error.message)
  }) as express.ErrorRequestHandler)
  return { server: createServer(app), flights, close: async () => cache?.close() }
}
