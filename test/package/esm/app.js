// Uses the installed package from ES modules: two requests, one handler run, on Express and on Koa.
import assert from 'node:assert/strict'
import express from 'express'
import Koa from 'koa'
import * as core from 'tiercache'
import { createCache as createExpressCache } from 'tiercache/express'
import { createCache as createKoaCache } from 'tiercache/koa'

assert.ok(Object.keys(core).length > 0)

async function assertOneRun(cache, serve) {
  let runs = 0
  const server = serve(() => ({ runs: ++runs }))
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${server.address().port}/`
  const bodies = [await (await fetch(url)).text(), await (await fetch(url)).text()]
  assert.deepEqual(bodies, ['{"runs":1}', '{"runs":1}'])
  server.closeAllConnections()
  server.close()
  await cache.close()
}

const expressCache = createExpressCache()
await assertOneRun(expressCache, (answer) => {
  const app = express()
  app.get('/', expressCache.cacheRoute('1m'), (_req, res) => res.json(answer()))
  return app.listen(0, '127.0.0.1')
})

const koaCache = createKoaCache()
await assertOneRun(koaCache, (answer) => {
  const app = new Koa()
  app.use(koaCache.cacheRoute('1m'))
  app.use((ctx) => {
    ctx.body = answer()
  })
  return app.listen(0, '127.0.0.1')
})

console.log('ESM: one handler run for two requests, on Express and on Koa')
