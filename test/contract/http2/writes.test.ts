// Writes over HTTP/2: the bump comes before the answer, and a client that resets its stream changes nothing about it.
import { createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import Router from '@koa/router'
import { expect } from 'chai'
import Koa from 'koa'
import { createCore } from '../../../src/cache.ts'
import { koaCache } from '../../../src/koa/cache.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'
import { Http2Client } from '../../support/http2-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'

describe('a write over HTTP/2', () => {
  let redis: RedisServer
  let server: Http2Server
  let client: Http2Client
  let cache: ReturnType<typeof koaCache>
  let stock: number
  let reached: Deferred<void>
  let gate: Deferred<void>
  let stream: PassThrough

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  beforeEach(async () => {
    stock = 1
    reached = deferred<void>()
    gate = deferred<void>()
    stream = new PassThrough()
    cache = koaCache(createCore({ redis: redis.url }))
    await cache.ready()
    const router = new Router()
    router.get('/stock', cache.cacheRoute('1m'), (ctx) => {
      ctx.body = `stock ${stock}`
    })
    router.put('/stock', cache.invalidate('/stock'), (ctx) => {
      stock++
      ctx.body = 'done'
    })
    router.put('/slowly', cache.invalidate('/stock', { mode: 'intent' }), async (ctx) => {
      reached.resolve(undefined)
      await gate.promise
      stock++
      ctx.body = stream
    })
    const app = new Koa()
    app.silent = true
    app.use(router.routes())
    server = createServer(app.callback())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    client = new Http2Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  afterEach(async () => {
    client.close()
    stream.destroy()
    await new Promise((resolve) => server.close(resolve))
    await cache.close()
  })

  const read = async () => (await client.get('/stock')).text

  // T61
  it('is read at once by whoever made it', async () => {
    for (const expected of ['stock 1', 'stock 2', 'stock 3']) {
      expect(await read()).to.equal(expected)
      expect(await read()).to.equal(expected)
      expect((await client.get('/stock', { ':method': 'PUT' })).text).to.equal('done')
    }
  })

  // T61
  it('that was announced releases what it announced where its client reset the stream before, whatever its answer goes on to do', async () => {
    expect(await read()).to.equal('stock 1')
    const closed = new Promise((resolve) => server.once('stream', (one) => one.once('close', resolve)))
    const writer = client.open('/slowly', { ':method': 'PUT' })
    await reached.promise
    await writer.reset()
    await closed
    gate.resolve(undefined)
    await eventually(
      async () => {
        expect(await read()).to.equal('stock 2')
        const again = await client.get('/stock')
        expect(again.headers['cache-status']).to.contain('; hit')
      },
      { within: 5_000 },
    )
  })
})
