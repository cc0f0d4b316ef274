// Redis restarts and takes its time to load its data: until then it is not used, and requests go on.
import { expect } from 'chai'
import { overFrameworks } from '../contract/middleware.ts'
import { ask, changes, outcomes } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { RedisServer } from '../support/redis-server.ts'
import { expectNoRepetition } from './shop.ts'

/** Slow to load: a pause for each key, and a look at its clients after each. */
const SLOW = ['--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no', '--key-load-delay', '4000']

// T68
overFrameworks('a Redis that loads its data', (harness) => {
  let redis: RedisServer

  before(async () => {
    redis = new RedisServer(await freePort(), SLOW)
    await redis.start()
    const script = "for i = 1, 300 do redis.call('SET', 'filler:' .. i, string.rep('x', 1500) .. math.random()) end"
    await redis.cli('EVAL', script, '0')
    await redis.cli('SAVE')
  })
  after(() => redis.stop())

  it('is used when it has them, not before', async function () {
    this.timeout(30_000)
    const app = await harness.start((told) => told.read('/things/:id', () => ({ body: 'a' })), { redis: redis.url })
    try {
      await ask(app, '/things/1')
      app.events.length = 0
      await redis.kill()
      const started = redis.start()
      let loading = 0
      await eventually(
        async () => {
          const info = await redis.cli('INFO', 'persistence').catch(() => '')
          if (/^loading:1/m.test(info)) loading++
          expect((await ask(app, `/things/loading?${Math.random()}`)).status).to.equal(200)
          if (!changes(app).includes('redis up')) expect(outcomes(app).at(-1)).to.equal('miss')
          expect(info).to.match(/^loading:0/m)
        },
        { within: 20_000, every: 20 },
      )
      expect(loading).to.be.above(3)
      await started
      await eventually(() => expect(changes(app)).to.include('redis up'))
      expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal(['redis down', 'redis up'])
      expectNoRepetition(changes(app))
    } finally {
      await app.stop()
    }
  })
})
