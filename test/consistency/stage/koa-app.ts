// The routes on Koa.
import { createServer } from 'node:http'
import Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import { koaCache } from '../../../src/koa/cache.ts'
import type { KoaSubject } from '../../../src/koa/exchange.ts'
import type { Weakness } from '../mutants/mutant.ts'
import { cacheTag, ROUTES } from '../routes.ts'
import type { AppSettings } from './app-settings.ts'
import type { App } from './express-app.ts'
import type { Asked, Handlers } from './handlers.ts'
import { weakenedCore } from './weakened-core.ts'

/** Builds the application of one process. */
export function koaApp({ redis }: AppSettings, handlers: Handlers, weakness: Weakness): App {
  const cache = koaCache(weakenedCore<KoaSubject>(redis, handlers, weakness))
  const router = new Router()
  const tagOf = (ctx: Context) => cacheTag(ctx.params.tag)
  const handler: Middleware = async (ctx) => {
    ctx.body = await handlers.answer(asked(ctx))
  }
  const before: Middleware = async (ctx, next) => {
    await weakness.beforeWrite?.(tagOf(ctx))
    await next()
  }
  for (const { name, options } of ROUTES)
    router.get(`/${name}/:tag`, cache.cacheRoute('5m', { ...options, tags: tagOf }), handler)
  router.put('/after/:tag', before, cache.invalidate(tagOf), handler)
  router.put('/intent/:tag', before, cache.invalidate(tagOf, { mode: 'intent' }), handler)
  const app = new Koa()
  app.silent = true
  app.use((ctx, next) => handlers.during(ctx.headers, next))
  app.use(router.routes())
  return { server: createServer(app.callback()), close: () => cache.close() }
}

function asked({ method, originalUrl, params, headers }: Context): Asked {
  return { method: method as Asked['method'], url: originalUrl, tag: params.tag, headers }
}
