// Lives are drawn, once per entry, and end early by chance: the tiers and the client are told one and the same.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask, storedKey } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'
import { Source } from './source.ts'

/** Draws these numbers in turn, and the last one for ever. */
function drawing(...numbers: number[]): () => number {
  return () => (numbers.length > 1 ? numbers.shift()! : numbers[0]!)
}

// T66
overFrameworks('a drawn life', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let source: Source

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    source = new Source()
  })
  after(() => redis.stop())

  const lives: [drawn: number, seconds: number][] = [
    [0, 90],
    [0.5, 100],
    [0.9999, 109],
  ]
  for (const [drawn, seconds] of lives) {
    it(`is ${seconds} s of 100 where ${drawn} is drawn: what is told, and kept in both tiers`, async () => {
      // Only the first draw is the life's: a second one would show.
      const random = drawing(drawn, 0.25)
      const options = { redis: redis.url, jitter: 0.1, parts: { random } }
      const app = await start(source.tell({ advertise: true }, '100s'), options)
      const { headers } = await ask(app, '/page')
      expect(headers['cache-control']).to.equal(`public, max-age=${seconds}`)
      const key = await storedKey(app, redis)
      expect(Number(await redis.cli('PTTL', key))).to.be.within(seconds * 1_000 - 5_000, seconds * 1_000 + 1_000)
      const hit = await ask(app, '/page')
      expect(hit.headers['cache-control']).to.equal(`public, max-age=${seconds}`)
      expect(hit.headers['cache-status']).to.match(new RegExp(`; hit; ttl=(${seconds}|${seconds - 1})$`))
      const other = await start(source.tell({ advertise: true }, '100s'), { ...options, parts: { random: () => 0.75 } })
      const shared = await ask(other, '/page')
      expect(shared.headers['cache-control']).to.equal(`public, max-age=${seconds}`)
      expect(shared.headers['cache-status']).to.match(
        new RegExp(`tiercache-l2; hit; ttl=(${seconds}|${seconds - 1}|${seconds - 2})`),
      )
    })
  }

  it('differs between entries by ±10 % where nothing is said', async () => {
    const app = await start(source.tell({ advertise: true }, '1000s'), { jitter: undefined })
    const lives = new Set<number>()
    for (let i = 0; i < 30; i++) {
      const { headers } = await ask(app, `/page?${i}`)
      lives.add(Number(/max-age=(\d+)/.exec(headers['cache-control'] ?? '')?.[1]))
    }
    for (const life of lives) expect(life).to.be.within(900, 1_100)
    expect(lives.size).to.be.greaterThan(10)
  })

  it('is never more than an answer itself says, where header fields decide', async () => {
    source.reply = () => ({ headers: { 'Cache-Control': 'max-age=100' }, body: 'a' })
    const app = await start(source.tell({ honour: 'headers' }, '1000s'), {
      jitter: 0.1,
      parts: { random: () => 0.9999 },
    })
    await ask(app, '/page')
    expect((await ask(app, '/page')).headers['cache-status']).to.match(/ttl=(99|100)$/)
  })
})

overFrameworks('an early refresh', (harness) => {
  const start = starting(harness)
  let time: CacheTime
  let source: Source

  beforeEach(() => {
    time = cacheTime()
    source = new Source()
    source.reply = (run) => {
      // The handler takes half a second.
      time.advance(500)
      return { body: `run ${run}` }
    }
  })
  afterEach(() => sinon.restore())

  it('renews what is still fresh, in the background, where the draw falls', async () => {
    const app = await start(source.tell({ earlyRefresh: true }), { parts: { random: () => Math.exp(-11) } })
    await ask(app, '/page')
    time.advance(4_000)
    expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(source.runs).to.equal(1)
    time.advance(1_000)
    // 5 s are left, and 0.5 s × 11 of them are taken.
    const { text, headers } = await ask(app, '/page')
    expect(text).to.equal('run 1')
    expect(headers['cache-status']).to.match(/; hit; ttl=[45]$/)
    await eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(2))
    expect((await ask(app, '/page')).text).to.equal('run 2')
    expect(source.runs).to.equal(2)
  })

  it('never happens where it was not asked for', async () => {
    const app = await start(source.tell({}), { parts: { random: () => 1e-300 } })
    await ask(app, '/page')
    time.advance(9_000)
    expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(source.runs).to.equal(1)
  })

  it('renews by the time that the run took which another process has made', async () => {
    const redis = await startRedis()
    try {
      const options = { redis: redis.url, parts: { random: () => Math.exp(-11) } }
      const first = await start(source.tell({ earlyRefresh: true }, '6s'), options)
      await ask(first, '/page')
      await storedKey(first, redis)
      const second = await start(source.tell({ earlyRefresh: true }, '6s'), options)
      // 5.5 of the 6 s are taken; the time in Redis is nobody's to put forward.
      await eventually(async () => {
        await ask(second, '/page')
        expect(source.runs).to.be.greaterThan(1)
      })
      expect(new Set(eventsOf(second, 'request').map(({ outcome }) => outcome))).to.deep.equal(new Set(['hit', 'miss']))
      expect(eventsOf(second, 'request').filter(({ outcome }) => outcome === 'miss').length).to.equal(source.runs - 1)
    } finally {
      await redis.stop()
    }
  })
})
