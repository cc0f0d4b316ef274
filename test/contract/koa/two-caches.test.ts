// Two cache middlewares on the way of one request under Koa: one capture, one entry, one member in Cache-Status.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import { expect } from 'chai'
import Koa from 'koa'
import { createCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { trace } from '../../support/compare.ts'
import { ask, value, values } from '../../support/wire.ts'

type Cache = ReturnType<typeof createCache>

const handler: Koa.Middleware = (ctx) => {
  ctx.body = new Blob(['body']).stream()
}

// T17
const mounts: Record<string, (app: Koa, outer: Cache, inner: Cache) => void> = {
  'by app.use twice': (app, outer, inner) => {
    app.use(outer.cacheRoute('1m')).use(inner.cacheRoute('1m')).use(handler)
  },
  'by app.use and on a route': (app, outer, inner) => {
    const router = new Router().get('/answer', inner.cacheRoute('1m'), handler)
    app.use(outer.cacheRoute('1m')).use(router.routes())
  },
  'by router.use and on a route': (app, outer, inner) => {
    const router = new Router().use(outer.cacheRoute('1m')).get('/answer', inner.cacheRoute('1m'), handler)
    app.use(router.routes())
  },
  'on a route, one behind the other': (app, outer, inner) => {
    const router = new Router().get('/answer', outer.cacheRoute('1m'), inner.cacheRoute('1m'), handler)
    app.use(router.routes())
  },
}

describe('cacheRoute met twice on Koa', () => {
  async function start(mount: (app: Koa) => void) {
    const app = new Koa()
    app.silent = true
    mount(app)
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: (server.address() as AddressInfo).port, stop: () => server.close() }
  }

  for (const [where, mount] of Object.entries(mounts)) {
    it(`captures once: ${where}`, async () => {
      const events: CacheEvent[] = []
      const cache = createCache({ listeners: [(event) => events.push(event)] })
      const { port, stop } = await start((app) => mount(app, cache, cache))
      const statuses = [await ask(port), await ask(port)].map((answer) => {
        expect(answer.body.toString()).to.equal('body')
        return values(answer, 'cache-status').join(' + ')
      })
      expect(statuses[0]).to.equal('tiercache-l1; fwd=miss; stored')
      expect(statuses[1]).to.match(/^tiercache-l1; hit; ttl=\d+$/)
      const bypassed = await ask(port, { path: '/answer?is_not_cache=1' })
      expect(value(bypassed, 'cache-status')).to.equal('tiercache-l1; fwd=bypass; detail=is_not_cache')
      const head = await ask(port, { method: 'HEAD', path: '/answer?cold' })
      expect(value(head, 'cache-status')).to.equal('tiercache-l1; fwd=miss')
      expect(trace(events)).to.deep.equal(['miss', 'stored', 'hit', 'bypass', 'miss'])
      expect(cache.stats().tiers.l1?.entries).to.equal(1)
      stop()
      await cache.close()
    })

    it(`works with two caches, the outer of which answers: ${where}`, async () => {
      const [outer, inner] = [createCache(), createCache()]
      const { port, stop } = await start((app) => mount(app, outer, inner))
      const answers = [await ask(port), await ask(port)]
      await outer.bump('*')
      answers.push(await ask(port), await ask(port))
      for (const answer of answers) expect(answer.body.toString()).to.equal('body')
      expect(outer.stats().total).to.include({ hitCount: 2, missCount: 2 })
      expect(inner.stats().total).to.include({ hitCount: 1, missCount: 1 })
      stop()
      await Promise.all([outer.close(), inner.close()])
    })
  }
})
