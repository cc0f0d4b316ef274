// One server of the hits benchmark, in a process of its own: node hits.js NAME BUILD
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import etag from 'etag'
import express from 'express'
import Koa from 'koa'

const [name = '', build = ''] = process.argv.slice(2)
const body = Buffer.from(JSON.stringify({ text: 'x'.repeat(2048 - '{"text":""}'.length) }))
const type = 'application/json; charset=utf-8'

// What a hit of ours says, so that the bare handlers say the same.
const fields = Object.entries({
  'Content-Type': type,
  ETag: etag(body),
  Age: '0',
  'Cache-Status': 'tiercache-l1; hit; ttl=3599',
})
let runs = 0

/** @type {Record<string, () => Promise<import('node:http').RequestListener>>} */
const servers = {
  async node() {
    return (req, res) => answer(req, res)
  },

  async 'express-bare'() {
    const app = express()
    app.use((req, res) => answer(req, res))
    return app
  },

  async 'express-tiercache'() {
    /** @type {typeof import('../../src/express.ts')} */
    const { createCache } = await load('express.js')
    const app = express()
    app.use(createCache().cacheRoute('1h'))
    app.get('/', (_req, res) => {
      runs++
      res.setHeader('Content-Type', type)
      res.end(body)
    })
    return app
  },

  async 'koa-bare'() {
    const app = new Koa()
    app.use((ctx) => {
      const unchanged = ctx.req.headers['if-none-match'] === fields[1]?.[1]
      for (const [field, value] of fields) if (!unchanged || field !== 'Content-Type') ctx.set(field, value)
      if (unchanged) ctx.status = 304
      else ctx.body = body
    })
    return app.callback()
  },

  async 'koa-tiercache'() {
    /** @type {typeof import('../../src/koa.ts')} */
    const { createCache } = await load('koa.js')
    const app = new Koa()
    app.use(createCache().cacheRoute('1h'))
    app.use((ctx) => {
      runs++
      ctx.set('Content-Type', type)
      ctx.body = body
    })
    return app.callback()
  },
}

/**
 * @param {import('node:http').IncomingMessage} req
 * @param {import('node:http').ServerResponse} res
 */
function answer(req, res) {
  const unchanged = req.headers['if-none-match'] === fields[1]?.[1]
  for (const [field, value] of fields) if (!unchanged || field !== 'Content-Type') res.setHeader(field, value)
  if (unchanged) res.statusCode = 304
  res.end(unchanged ? undefined : body)
}

/** @param {string} file */
function load(file) {
  return import(pathToFileURL(join(build, file)).href)
}

const make = servers[name]
if (make === undefined) throw new Error(`No server is called ${name}: ${Object.keys(servers).join(', ')}`)
const server = createServer(await make())
server.listen(0, '127.0.0.1', () => process.send?.({ port: /** @type {any} */ (server.address()).port }))
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), runs }))
process.on('disconnect', () => process.exit())
