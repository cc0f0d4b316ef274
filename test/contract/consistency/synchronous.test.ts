// The hit path of bounded consistency, with Redis at hand: the answer is given before the middleware returns, without any promise.
import { createHook } from 'node:async_hooks'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheRouteOptions } from '../../../src/route.ts'
import { send } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { listening } from '../starting.ts'

/** Promises that `action` made. */
function promisesOf(action: () => void): number {
  let promises = 0
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises++
    },
  }).enable()
  action()
  hook.disable()
  return promises
}

/** What a middleware had done when it returned. */
interface Returned {
  readonly answered: boolean
  readonly promises: number
}

const routes: Readonly<
  Record<string, Omit<Omit<CacheRouteOptions<readonly []>, 'fallback'>, 'tags'> & { readonly tags?: readonly string[] }>
> = {
  'by default': {},
  'bounded by an hour': { consistency: '1h' },
  'bounded, with tags and a way of being degraded': { consistency: '30s', tags: ['a', 'b'], degrade: 'error' },
}

describe('a hit in memory', () => {
  const listen = listening()
  let redis: RedisServer
  let close: () => Promise<void> = async () => undefined

  before(async () => {
    redis = await startRedis()
  })
  afterEach(() => close())
  after(() => redis.stop())

  for (const [what, options] of Object.entries(routes)) {
    it(`is answered before the middleware returns on Express, ${what}`, async () => {
      const cache = createExpressCache({ redis: redis.url, namespace: 'express' })
      close = cache.close
      await cache.ready()
      const cached = cache.cacheRoute('5m', { name: what, ...options })
      const returned: Returned[] = []
      const app = express().set('env', 'test')
      app.get('/a', (req, res) => {
        const promises = promisesOf(() => void cached(req, res, () => res.send('a')))
        returned.push({ answered: res.writableEnded, promises })
      })
      await expectHits(await listen(app), returned)
    })

    it(`is answered before the middleware returns on Koa, ${what}`, async () => {
      const cache = createKoaCache({ redis: redis.url, namespace: 'koa' })
      close = cache.close
      await cache.ready()
      const cached = cache.cacheRoute('5m', { name: what, ...options })
      const returned: Returned[] = []
      const app = new Koa()
      app.use((ctx) => {
        let waiting: unknown
        const promises = promisesOf(() => {
          waiting = cached(ctx, async () => {
            ctx.body = 'a'
          })
        })
        returned.push({ answered: ctx.body !== undefined && waiting === undefined, promises })
        return waiting as Promise<void>
      })
      await expectHits(await listen(app), returned)
    })
  }

  async function expectHits(port: number, returned: Returned[]) {
    for (let i = 0; i < 6; i++) {
      const { headers, text } = await send(port, '/a')
      expect(text).to.equal('a')
      if (i > 0) expect(headers['cache-status']).to.contain('tiercache-l1; hit')
    }
    expect(returned.slice(1)).to.deep.equal(Array(5).fill({ answered: true, promises: 0 }))
  }
})
