// One cache, two protocols: what HTTP/1.1 stored, HTTP/2 answers, and the other way round, each in its own terms.
import { createServer as createHttp1, type Server } from 'node:http'
import { createServer as createHttp2, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import { createCore } from '../../../src/cache.ts'
import { koaCache } from '../../../src/koa/cache.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { Http2Client } from '../../support/http2-client.ts'
import { ask, value } from '../../support/wire.ts'
import { outcomes } from '../starting.ts'

describe('a Koa application over HTTP/1.1 and HTTP/2 at once', () => {
  let servers: (Server | Http2Server)[]
  let client: Http2Client
  let events: CacheEvent[]
  let cache: ReturnType<typeof koaCache>
  let port1: number
  const warnings: string[] = []
  const warn = ({ message }: Error) => void warnings.push(message)

  beforeEach(async () => {
    events = []
    cache = koaCache(createCore({ listeners: [(event) => events.push(event)] }))
    const app = new Koa()
    app.use(cache.cacheRoute('1m'))
    app.use((ctx) => {
      ctx.set('Connection', 'close, X-Hop')
      ctx.set('X-Hop', 'one')
      ctx.set('Link', ['<a>', '<b>'])
      ctx.body = 'body'
      ctx.etag = 'v1'
      if (ctx.req.httpVersionMajor < 2) ctx.message = 'Fine'
    })
    servers = [createHttp1(app.callback()), createHttp2(app.callback())]
    for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const [one, two] = servers.map((server) => (server.address() as AddressInfo).port)
    port1 = one!
    client = new Http2Client(`http://127.0.0.1:${two}`)
    process.on('warning', warn)
  })
  afterEach(async () => {
    client.close()
    for (const server of servers) await new Promise((resolve) => server.close(resolve))
    await cache.close()
    process.off('warning', warn)
    warnings.length = 0
  })

  const http1 = (headers = {}) => ask(port1, { headers: { Host: 'shop.test', ...headers } })
  const http2 = (headers = {}) => client.get('/answer', { ':authority': 'shop.test', ...headers })

  // T25
  it('says over HTTP/2 what HTTP/1.1 stored, without phrase, connection fields or warnings', async () => {
    const miss = await http1()
    expect([miss.phrase, value(miss, 'x-hop')]).to.deep.equal(['Fine', 'one'])
    for (const [headers, status, text] of [
      [{}, 200, 'body'],
      [{ 'if-none-match': '"v1"' }, 304, ''],
      [{ range: 'bytes=1-2' }, 206, 'od'],
      [{ range: 'bytes=9-' }, 416, ''],
    ] as const) {
      const hit = await http2(headers)
      expect([hit.status, hit.text, hit.code]).to.deep.equal([status, text, 0])
      expect(hit.headers.link).to.equal('<a>, <b>')
      expect(hit.headers).to.not.have.any.keys('connection', 'x-hop', 'keep-alive', 'transfer-encoding')
    }
    expect(outcomes({ events })).to.deep.equal(['miss', 'hit', 'hit', 'hit', 'hit'])
    expect(warnings).to.deep.equal([])
  })

  it('says over HTTP/1.1 what HTTP/2 stored, with the standard phrases', async () => {
    await http2()
    const hit = await http1()
    expect([hit.status, hit.phrase, hit.body.toString()]).to.deep.equal([200, 'OK', 'body'])
    const part = await http1({ Range: 'bytes=1-2' })
    expect([part.status, part.phrase, part.body.toString()]).to.deep.equal([206, 'Partial Content', 'od'])
    expect(outcomes({ events })).to.deep.equal(['miss', 'hit', 'hit'])
  })
})
