// The routes on Koa, with the cache or without it.
import { createServer } from 'node:http'
import Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import { koaCache } from '../../../src/koa/cache.ts'
import type { KoaSubject } from '../../../src/koa/exchange.ts'
import { watchedCore } from './core.ts'
import type { App } from './express-app.ts'
import type { Handlers } from './handlers.ts'
import { ROUTES, tagOf } from './routes.ts'
import type { AppSettings } from './settings.ts'

/** Builds the application of one process. */
export function koaApp(settings: AppSettings, handlers: Handlers): App {
  const { core, flights } = watchedCore<KoaSubject>(settings, handlers)
  const cache = core === undefined ? undefined : koaCache(core)
  const router = new Router()
  const tags = (ctx: Context) => tagOf(ctx.params.id)
  const pass: Middleware = (_ctx, next) => next()
  const handler: Middleware = async (ctx) => {
    ctx.body = await handlers.answer(ctx.method, ctx.originalUrl, ctx.params.id)
  }
  for (const { name, ttl, options } of ROUTES) {
    router.get(`/${name}/:id`, cache?.cacheRoute(ttl, { ...options, tags }) ?? pass, handler)
  }
  router.put('/items/:id', cache?.invalidate(tags) ?? pass, handler)
  const app = new Koa()
  app.silent = true
  app.use((ctx, next) => handlers.during(ctx.req, ctx.res, next))
  app.use(router.routes())
  return { server: createServer(app.callback()), flights, close: async () => cache?.close() }
}
