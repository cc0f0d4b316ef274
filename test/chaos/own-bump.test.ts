// A handler that bumps what it answers itself neither waits for itself nor has its answer used afterwards.
import { expect } from 'chai'
import { overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes } from '../support/apps.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

// T62
overFrameworks('a handler that bumps its own tag', (harness) => {
  let redis: RedisServer
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  for (const where of ['in memory', 'in Redis']) {
    it(`is run again by the next request, with versions ${where}`, async () => {
      let runs = 0
      let bumps = true
      const app: Running = await harness.start(
        (told) => {
          told.read(
            '/things/:id',
            async () => {
              runs++
              if (bumps) await app.cache.bump('mine')
              return { body: { run: runs } }
            },
            '5m',
            { tags: 'mine' },
          )
        },
        where === 'in Redis' ? { redis: redis.url } : {},
      )
      try {
        await ask(app, '/things/1')
        await Promise.all(Array.from({ length: 10 }, () => ask(app, '/things/1')))
        bumps = false
        const before = runs
        await ask(app, '/things/1')
        expect(runs).to.equal(before + 1)
        await ask(app, '/things/1')
        expect(outcomes(app).at(-1)).to.equal('hit l1')
      } finally {
        await app.stop()
      }
    })
  }
})
