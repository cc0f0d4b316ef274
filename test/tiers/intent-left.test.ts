// A write that was announced stays announced until its handler is done, also when its client left long before.
import Router from '@koa/router'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as createExpressCache } from '../../src/express.ts'
import { createCache as createKoaCache } from '../../src/koa.ts'
import { listening, type Native } from '../contract/starting.ts'
import { deferred, eventually } from '../support/gate.ts'
import { getAndLeave } from '../support/http-client.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

type Handler = (closed: (left: () => void) => void) => Promise<string>

interface Started {
  readonly cache: Pick<ReturnType<typeof createExpressCache>, 'ready' | 'bump' | 'close'>
  readonly app: Native
}

const frameworks: Readonly<Record<string, (redis: string, handler: Handler) => Started>> = {
  Express(redis, handler) {
    const cache = createExpressCache({ redis })
    const app = express().set('env', 'test')
    app.get('/write', cache.invalidate('/value', { mode: 'intent' }), async (_req, res) => {
      res.send(await handler((left) => res.once('close', left)))
    })
    return { cache, app }
  },
  Koa(redis, handler) {
    const cache = createKoaCache({ redis })
    const router = new Router()
    router.get('/write', cache.invalidate('/value', { mode: 'intent' }), async (ctx) => {
      ctx.body = await handler((left) => ctx.res.once('close', left))
    })
    return { cache, app: new Koa().use(router.routes()) }
  },
}

for (const [name, start] of Object.entries(frameworks)) {
  describe(`a write that was announced on ${name}, and whose client left,`, () => {
    const listen = listening()
    let redis: RedisServer
    let started: Started | undefined

    before(async () => {
      redis = await startRedis()
    })
    afterEach(() => started?.cache.close())
    after(() => redis.stop())

    const versionKey = () => redis.cli('GET', 'tiercache:v:/value')

    it('keeps readers out until it is done, and is bumped then', async () => {
      const [begun, closed, commit] = [deferred(), deferred(), deferred()]
      started = start(redis.url, async (whenClosed) => {
        whenClosed(closed.resolve)
        begun.resolve()
        await commit.promise
        return 'written'
      })
      const { cache, app } = started
      await cache.ready()
      const leave = getAndLeave(await listen(app), '/write')
      await begun.promise
      expect(await versionKey()).to.match(/^!/)
      leave()
      await closed.promise
      // Whatever was sent to Redis because of that is behind us once a later command on the same connection is answered.
      await new Promise(setImmediate)
      await cache.bump('another')
      expect(await versionKey()).to.match(/^!/)
      commit.resolve()
      await eventually(async () => expect(await versionKey()).to.match(/^\d+\.[0-9a-f]{16}$/))
    })
  })
}
