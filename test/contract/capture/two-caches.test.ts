// Two cache middlewares on the way of one request: one capture, one entry, one member in Cache-Status.

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import express, { type Express, type RequestHandler } from 'express'
import { createCache } from '../../../src/express.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { trace } from '../../support/compare.ts'
import { ask, value, values } from '../../support/wire.ts'

describe('cacheRoute met twice', () => {
  const servers: Server[] = []
  afterEach(() => servers.splice(0).map((server) => server.close()))

  async function listen(tell: (app: Express) => void): Promise<number> {
    const app = express()
    tell(app)
    const server = app.listen(0, '127.0.0.1')
    servers.push(server)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  const handler: RequestHandler = (_req, res) => {
    res.write('bo')
    res.end('dy')
  }

  // T17
  const mounts = {
    'by app.use and on the route': (app: Express, outer: RequestHandler, inner: RequestHandler) =>
      app.use(outer).get('/answer', inner, handler),
    'on the route, one behind the other': (app: Express, outer: RequestHandler, inner: RequestHandler) =>
      app.get('/answer', outer, inner, handler),
    'by app.use twice': (app: Express, outer: RequestHandler, inner: RequestHandler) =>
      app.use(outer, inner).get('/answer', handler),
    'as one and the same middleware': (app: Express, outer: RequestHandler) =>
      app.use(outer).get('/answer', outer, handler),
  }
  for (const [where, mount] of Object.entries(mounts)) {
    it(`captures once: ${where}`, async () => {
      const events: CacheEvent[] = []
      const cache = createCache({ listeners: [(event) => events.push(event)] })
      const port = await listen((app) => mount(app, cache.cacheRoute('1m'), cache.cacheRoute('1m')))
      const statuses = [await ask(port), await ask(port)].map((answer) => {
        expect(answer.body.toString()).to.equal('body')
        return values(answer, 'cache-status')
      })
      expect(statuses[0]).to.deep.equal(['tiercache-l1; fwd=miss; stored'])
      expect(statuses[1]!.join(' + ')).to.match(/^tiercache-l1; hit; ttl=\d+$/)
      expect(trace(events)).to.deep.equal(['miss', 'stored', 'hit'])
      expect(cache.stats().tiers.l1?.entries).to.equal(1)
      await cache.close()
    })
  }

  it('says once that it was bypassed, and that HEAD found nothing', async () => {
    const cache = createCache()
    const port = await listen((app) =>
      app.use(cache.cacheRoute('1m')).get('/answer', cache.cacheRoute('1m'), (_req, res) => void res.send('body')),
    )
    const bypassed = await ask(port, { path: '/answer?is_not_cache=1' })
    expect(values(bypassed, 'cache-status')).to.deep.equal(['tiercache-l1; fwd=bypass; detail=is_not_cache'])
    const head = await ask(port, { method: 'HEAD' })
    expect(values(head, 'cache-status')).to.deep.equal(['tiercache-l1; fwd=miss'])
    await cache.close()
  })

  it('works with two caches: each keeps an entry of its own, and the nearer one to the client answers', async () => {
    const outer = createCache()
    const inner = createCache()
    const port = await listen((app) =>
      app.get('/answer', outer.cacheRoute('1m'), inner.cacheRoute('2m'), (_req, res) => void res.json({ a: 1 })),
    )
    const answers = [await ask(port), await ask(port)]
    await outer.bump('*')
    answers.push(await ask(port), await ask(port))
    expect(answers.map((answer) => answer.body.toString())).to.deep.equal(Array(4).fill('{"a":1}'))
    expect(answers.map((answer) => value(answer, 'etag'))).to.deep.equal(Array(4).fill(value(answers[0]!, 'etag')))
    expect(outer.stats().total).to.include({ hitCount: 2, missCount: 2 })
    expect(inner.stats().total).to.include({ hitCount: 1, missCount: 1 })
    await Promise.all([outer.close(), inner.close()])
  })

  // T18
  it('leaves no trace on the response of a hit', async () => {
    const cache = createCache()
    const own: string[][] = []
    const note: RequestHandler = (_req, res, next) => {
      res.on('close', () =>
        own.push(['write', 'end', 'writeHead', 'addTrailers'].filter((name) => Object.hasOwn(res, name))),
      )
      next()
    }
    const port = await listen((app) => app.get('/answer', note, cache.cacheRoute('1m'), handler))
    await ask(port)
    await ask(port)
    expect(own[1]).to.deep.equal([])
    await cache.close()
  })
})
