// What is to be stored in a Redis that does not take it is bounded, told once, and over when the cache is closed.
import { expect } from 'chai'
import { openRedisParts, type RedisParts } from '../contract/redis-parts.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

// T73
describe('stores that Redis does not take', () => {
  let redis: RedisServer
  let parts: RedisParts

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    parts = await openRedisParts(redis.url)
  })
  afterEach(() => parts.close())
  after(() => redis.stop())

  const entry = (bytes: number) => {
    const now = performance.now()
    const response = { status: 200, headers: [], removed: [], body: Buffer.alloc(bytes) }
    return {
      response,
      storedAt: now,
      staleAt: now + 60_000,
      expiresAt: now + 60_000,
      versions: { tags: [], tokens: [] },
    }
  }
  const backlog = () =>
    parts.events.flatMap((event) => {
      return event.type === 'trouble' && event.operation === 'backlog' ? [event.kind ?? 'ok'] : []
    })

  for (const [what, bytes, times, most] of [
    ['many', 10, 3_000, 1_000],
    ['large', 2 ** 20, 100, 64],
  ] as const) {
    it(`are let go beyond a bound where they are ${what}, which is told once, and stored again later`, async function () {
      this.timeout(20_000)
      await redis.cli('FLUSHALL')
      await redis.freeze()
      try {
        for (let i = 0; i < times; i++) void parts.store.set(`k${i}`, entry(bytes))
        expect(backlog()).to.deep.equal(['overload'])
        const begun = performance.now()
        await parts.store.flushed()
        expect(performance.now() - begun).to.be.below(2_000)
      } finally {
        redis.thaw()
      }
      await eventually(async () => {
        await parts.store.set('later', entry(bytes))
        expect(await redis.cli('EXISTS', 'test:e:later')).to.equal('1')
      })
      // That it works again is told once it has for a second.
      await eventually(() => expect(backlog()).to.deep.equal(['overload', 'ok']), { within: 5_000 })
      expect(Number(await redis.cli('DBSIZE'))).to.be.at.most(most + 10)
    })
  }
})
