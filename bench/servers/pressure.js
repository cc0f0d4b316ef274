// One server of the pressure benchmark, in a process of its own: node pressure.js FRAMEWORK KIND BUILD REDIS?
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import etag from 'etag'
import express from 'express'
import { Redis } from 'ioredis'
import Koa from 'koa'

const [framework = '', kind = '', build = '', redis = ''] = process.argv.slice(2)
const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(2048 - '{"text":""}'.length) }))
const type = 'application/json; charset=utf-8'
const cookie = 'sid=1; HttpOnly'

/** The option this kind is about. */
const options = /** @type {Record<string, object>} */ ({
  cold: {},
  fleet: { lock: 'fleet' },
  warm: {},
  failing: {},
  unstorable: {},
  spell: { staleIfError: { for: '10m', every: '10s' } },
  'short-spell': { staleIfError: { for: '10m', every: '1s' } },
})[kind]
const ttl = kind.endsWith('spell') ? '1s' : '1h'

/** What the cache adds to the answers of this kind, so that the bare handler says the same. */
const added = {
  failing: {},
  unstorable: { 'Set-Cookie': cookie, 'Cache-Status': 'tiercache-l1; fwd=miss; detail=set-cookie' },
  warm: { ETag: etag(body), Age: '0', 'Cache-Status': 'tiercache-l2; hit; ttl=3599, tiercache-l1; hit; ttl=3599' },
}
const fields = Object.entries({
  'Content-Type': type,
  ...(added[/** @type {keyof typeof added} */ (kind)] ?? {
    ETag: etag(body),
    Age: '0',
    'Cache-Status': 'tiercache-l1; fwd=miss; collapsed',
  }),
})
/** What the handler behind the cache says itself. */
const own = kind === 'unstorable' ? { 'Content-Type': type, 'Set-Cookie': cookie } : { 'Content-Type': type }

/** What the parent sets. */
const state = { delay: 0, fails: kind === 'failing' }
/** When runs of the handler behind the cache began, by URL. */
let runs = /** @type {Record<string, number[]>} */ ({})
let runCount = 0

/** Where the cache finds everything in Redis, the bare route reads its bytes there as well, in the best way there is. */
const reader = kind === 'warm' ? new Redis(redis, { enableAutoPipelining: true }) : undefined
await reader?.set('bare', body)

/** What the database would do. */
async function load() {
  if (state.delay > 0) await pause(state.delay)
  if (state.fails) throw new Error('The database is gone')
}

/** @param {string} url */
function loadCounted(url) {
  runCount++
  // By URL only where a key is asked more than once: else the list would be as long as the crowd.
  if (kind.endsWith('spell')) runs[url] = [...(runs[url] ?? []), performance.now()]
  return load()
}

const makers = {
  async express() {
    /** @type {typeof import('../../src/express.ts')} */
    const { createCache } = await import(pathToFileURL(join(build, 'express.js')).href)
    const { cacheRoute, ready } = createCache(redis === '' ? {} : { redis })
    const [bare, cached] = [express(), express()]
    bare.get('/bare', async (_req, res) => {
      await load()
      const bytes = reader === undefined ? body : await reader.getBuffer('bare')
      for (const [field, value] of fields) res.setHeader(field, value)
      res.end(bytes)
    })
    cached.get('/cached', cacheRoute(ttl, options), async (req, res) => {
      await loadCounted(req.url)
      for (const [field, value] of Object.entries(own)) res.setHeader(field, value)
      res.end(body)
    })
    /** @type {import('express').ErrorRequestHandler} */
    const report = (_error, _req, res, _next) => void res.status(500).setHeader('Content-Type', type).end(body)
    for (const app of [bare, cached]) app.use(report)
    return { bare, cached, ready }
  },

  async koa() {
    /** @type {typeof import('../../src/koa.ts')} */
    const { createCache } = await import(pathToFileURL(join(build, 'koa.js')).href)
    const { cacheRoute, ready } = createCache(redis === '' ? {} : { redis })
    const [bare, cached] = [new Koa(), new Koa()]
    /** @type {Koa.Middleware} */
    const report = async (ctx, next) => {
      try {
        await next()
      } catch {
        ctx.status = 500
        ctx.set('Content-Type', type)
        ctx.body = body
      }
    }
    if (kind === 'failing') for (const app of [bare, cached]) app.use(report)
    bare.use(async (ctx) => {
      await load()
      const bytes = reader === undefined ? body : await reader.getBuffer('bare')
      for (const [field, value] of fields) ctx.set(field, value)
      ctx.body = bytes
    })
    cached.use(cacheRoute(ttl, options))
    cached.use(async (ctx) => {
      await loadCounted(ctx.url)
      for (const [field, value] of Object.entries(own)) ctx.set(field, value)
      ctx.body = body
    })
    for (const app of [bare, cached]) app.silent = true
    return { bare: bare.callback(), cached: cached.callback(), ready }
  },
}

const make = makers[/** @type {keyof typeof makers} */ (framework)]
if (make === undefined || options === undefined) throw new Error(`No server is called ${framework} ${kind}`)
const { bare, cached, ready } = await make()
await ready()
// Both answer on the same connections: what the machine does to one it does to the other.
const server = createServer((req, res) => (req.url?.startsWith('/bare') ? bare : cached)(req, res))
// The crowd waits on open connections between two rounds.
Object.assign(server, { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 })
server.listen(0, '127.0.0.1', 511, () => process.send?.({ port: /** @type {any} */ (server.address()).port }))
process.on('message', (message) => {
  if (message !== 'spent') {
    // A new round: what the last one left behind is not for this one to pay.
    Object.assign(state, message)
    runs = {}
    globalThis.gc?.()
  }
  process.send?.({ cpu: process.cpuUsage(), runs: runCount, starts: runs })
})
process.on('disconnect', () => process.exit())
