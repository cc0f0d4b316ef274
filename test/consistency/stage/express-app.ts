// The routes on Express.
import { createServer, type Server } from 'node:http'
import express, { type Request, type RequestHandler } from 'express'
import { expressCache } from '../../../src/express/cache.ts'
import type { ExpressSubject } from '../../../src/express/exchange.ts'
import type { Weakness } from '../mutants/mutant.ts'
import { cacheTag, ROUTES } from '../routes.ts'
import type { AppSettings } from './app-settings.ts'
import type { Asked, Handlers } from './handlers.ts'
import { weakenedCore } from './weakened-core.ts'

/** A server that does not listen yet, and what ends its cache. */
export interface App {
  readonly server: Server
  close(): Promise<void>
}

/** Builds the application of one process. */
export function expressApp({ redis }: AppSettings, handlers: Handlers, weakness: Weakness): App {
  const cache = expressCache(weakenedCore<ExpressSubject>(redis, handlers, weakness))
  const app = express()
  const tagOf = (req: Request) => cacheTag(String(req.params.tag))
  const handler: RequestHandler = async (req, res) => void res.send(await handlers.answer(asked(req)))
  const before: RequestHandler = async (req, _res, next) => {
    await weakness.beforeWrite?.(tagOf(req))
    next()
  }
  app.use((req, _res, next) => handlers.during(req.headers, next))
  for (const { name, options } of ROUTES)
    app.get(`/${name}/:tag`, cache.cacheRoute('5m', { ...options, tags: tagOf }), handler)
  app.put('/after/:tag', before, cache.invalidate(tagOf), handler)
  app.put('/intent/:tag', before, cache.invalidate(tagOf, { mode: 'intent' }), handler)
  return { server: createServer(app), close: () => cache.close() }
}

function asked({ method, originalUrl, params, headers }: Request): Asked {
  return { method: method as Asked['method'], url: originalUrl, tag: String(params.tag), headers }
}
