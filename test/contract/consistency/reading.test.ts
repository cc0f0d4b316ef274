// What it costs to validate several tags at once: one read each, and one look at the generation behind all of them.
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { type Monitor, monitor } from '../../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { overFrameworks } from '../middleware.ts'
import { starting } from '../starting.ts'
import { Shelf } from './shelf.ts'

const ROUNDS = 8

overFrameworks('the tags of an answer', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let watch: Monitor

  before(async () => {
    redis = await startRedis()
    watch = await monitor(redis.port)
  })
  after(async () => {
    watch.stop()
    await redis.stop()
  })

  it('are validated together, behind one look at the generation', async () => {
    // The bound is over before the next request comes.
    const app = await start(new Shelf().tell({ consistency: '1ms' }), { redis: redis.url, ...unhurried })
    for (let i = 0; i < 2; i++) await ask(app, '/things/1')
    const looks: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      await watch.take()
      await ask(app, '/things/1')
      const sent = (await watch.take()).filter(({ byScript }) => !byScript)
      expect(sent.filter(({ name, args }) => name === 'get' && args[0] === 'tiercache:v:thing:1')).to.have.length.above(
        0,
      )
      looks.push(sent.filter(({ name }) => name === 'info').length)
    }
    expect(outcomes(app).slice(2)).to.deep.equal(Array(ROUNDS).fill('hit l1'))
    // The connection's own signs of life come four times a second: most rounds see none of them.
    expect(Math.min(...looks), looks.join()).to.equal(1)
  })
})
