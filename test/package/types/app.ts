// Compiles against the packed types from an ES module, without ioredis and without skipLibCheck.
import express from 'express'
import Koa from 'koa'
import * as core from 'tiercache'
import { createCache as createExpressCache } from 'tiercache/express'
import { createCache as createKoaCache } from 'tiercache/koa'

const { cacheRoute, invalidate, bump, close } = createExpressCache({ namespace: 'shop', memory: { maxBytes: '64mb' } })

const app = express()
app.use('/products', cacheRoute('5m'))
app.get(
  '/users/:id',
  cacheRoute(60, { tags: (req) => [`user:${req.params.id}`] }),
  (req, res) => void res.json({ id: req.params.id }),
)
app.put(
  '/users/:id',
  invalidate((req) => `user:${req.params.id}`),
  (_req, res) => void res.sendStatus(204),
)
// @ts-expect-error a unit that is no unit of time
cacheRoute('5 parsecs')

const koaCache = createKoaCache()
const koa = new Koa()
koa.use(koaCache.cacheRoute('500ms', { tags: (ctx) => [`path:${ctx.path}`] }))
koa.use(koaCache.invalidate())

// @ts-expect-error a Koa application is not what Express's cache takes
createExpressCache().warm(koa, [])
export const warmed = [
  createExpressCache().warm(app, ['/products'], { headers: { host: 'shop.example' }, deadline: '5s' }),
  koaCache.warm(koa, new Set([new URL('https://shop.example/')])),
]

export const results: [Promise<unknown>, Promise<void>, typeof core] = [bump('user:42', '/products'), close(), core]
