// One server of the compress benchmark, in a process of its own: node compress.js NAME BUILD
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import zlib from 'node:zlib'
import compression from 'compression'
import etag from 'etag'
import express from 'express'
import Koa from 'koa'

const [name = '', build = ''] = process.argv.slice(2)

const rows = Array.from({ length: 220 }, (_, id) => ({
  id,
  name: `Product ${(id * 7919) % 1009}`,
  price: ((id * 104729) % 10007) / 100,
  tags: [`tag-${id % 17}`, `tag-${(id * id) % 23}`],
  stock: (id * 31) % 97,
}))
const body = Buffer.from(JSON.stringify(rows))
const type = 'application/json; charset=utf-8'
const params = {
  [zlib.constants.BROTLI_PARAM_QUALITY]: 6,
  [zlib.constants.BROTLI_PARAM_SIZE_HINT]: body.length,
}
const coded = zlib.brotliCompressSync(body, { params })

// What a hit of ours says, so that the bytes prepared by hand come with the same.
const fields = Object.entries({
  'Content-Type': type,
  ETag: etag(body).replace(/"$/, '--br"'),
  Age: '0',
  'Cache-Status': 'tiercache-l1; hit; ttl=3599',
  Vary: 'Accept-Encoding',
  'Content-Encoding': 'br',
  'Content-Length': String(coded.length),
})
let runs = 0

/** @type {Record<string, () => Promise<import('node:http').RequestListener>>} */
const servers = {
  async 'express-prepared'() {
    const app = express()
    app.use((_req, res) => {
      for (const [field, value] of fields) res.setHeader(field, value)
      res.end(coded)
    })
    return app
  },

  async 'express-compression'() {
    const app = express()
    app.use(compression())
    app.use((_req, res) => {
      res.setHeader('Content-Type', type)
      res.end(body)
    })
    return app
  },

  async 'express-tiercache'() {
    /** @type {typeof import('../../src/express.ts')} */
    const { createCache } = await load('express.js')
    const app = express()
    app.use(createCache().cacheRoute('1h', { compress: true }))
    app.get('/', (_req, res) => {
      runs++
      res.setHeader('Content-Type', type)
      res.end(body)
    })
    return app
  },

  async 'koa-prepared'() {
    const app = new Koa()
    app.use((ctx) => {
      for (const [field, value] of fields) ctx.set(field, value)
      ctx.body = coded
    })
    return app.callback()
  },

  async 'koa-tiercache'() {
    /** @type {typeof import('../../src/koa.ts')} */
    const { createCache } = await load('koa.js')
    const app = new Koa()
    app.use(createCache().cacheRoute('1h', { compress: true }))
    app.use((ctx) => {
      runs++
      ctx.set('Content-Type', type)
      ctx.body = body
    })
    return app.callback()
  },
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
