// What says that there is nothing says so in every process: from Redis it comes with its mark, and counts for the bounds of whoever takes it.
import { expect } from 'chai'
import sinon from 'sinon'
import type { App, Running } from '../contract/middleware.ts'
import { eventsOf } from '../contract/starting.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { cacheTime } from '../support/cache-time.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const SHARE = 10
const FLOOD = 30

const numbered = (path: string, many: number) => Array.from({ length: many }, (_, i) => `${path}${i}`)

async function askAll(app: Running, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await ask(app, path)
  return outcomes(app).slice(-paths.length)
}

overPairs('a negative entry in Redis', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let first: Running
  let second: Running

  const tell = (app: App) => {
    app.read('/lists/:id', ({ params }) => ({ body: params.id!.startsWith('empty') ? [] : [1] }), '10m', {
      negativeTtl: { ttl: '60s', when: ({ text }) => text() === '[]' },
    })
    app.read('/pages/:id', () => ({ status: 404, headers: { Vary: 'Accept-Language' }, body: 'no' }), '10m', {
      negativeTtl: true,
    })
    app.read('/search', ({ url }) => ({ headers: { Vary: 'Accept-Language' }, body: url }), '10m', { maxEntries: 6 })
  }

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    const options = { redis: redis.url, memory: { maxEntries: 10 * SHARE } }
    first = await firstHarness.start(tell, options)
    second = await secondHarness.start(tell, options)
  })
  afterEach(async () => {
    sinon.restore()
    await Promise.all([first.stop(), second.stop()])
    await redis.cli('FLUSHALL')
  })
  after(() => redis.stop())

  const entriesInRedis = async () => (await redis.cli('KEYS', 'tiercache:e:*')).split('\n').filter(Boolean).length

  // FEATURES 12, T64
  it('is negative in the other process too, with the life that is left of its own', async () => {
    await ask(first, '/lists/empty')
    const key = await storedKey(first, redis)
    expect(Number(await redis.cli('PTTL', key))).to.be.within(30_000, 60_000)
    // As if 40 of its 60 seconds had passed.
    await redis.cli('PEXPIRE', key, '20000')
    const time = cacheTime()
    const said = async () => String((await ask(second, '/lists/empty')).headers['cache-status'])
    expect(await said()).to.match(/^tiercache-l2; hit; ttl=1\d, tiercache-l1; fwd=miss; stored; detail=negative$/)
    expect(await said()).to.match(/^tiercache-l2; hit(; ttl=\d+)?, tiercache-l1; hit; ttl=1\d; detail=negative$/)
    expect(second.cache.stats().tiers.l1).to.include({ entries: 1, negativeEntries: 1 })
    await redis.cli('DEL', key)
    time.advance(20_000)
    await ask(second, '/lists/empty')
    expect(outcomes(second)).to.deep.equal(['hit l2', 'hit l1', 'miss'])
  })

  it('is no more negative once something is there', async () => {
    await ask(first, '/lists/full')
    expect(Number(await redis.cli('PTTL', await storedKey(first, redis)))).to.be.within(500_000, 600_000)
    await ask(second, '/lists/full')
    expect(outcomes(second)).to.deep.equal(['hit l2'])
    expect(second.cache.stats().tiers.l1).to.include({ entries: 1, negativeEntries: 0 })
  })

  // T28, T45: also what leads to variants
  for (const [path, each] of [
    ['/lists/empty', 1],
    ['/pages/', 2],
  ] as const) {
    it(`takes no more than its share of the other process's memory: ${path}`, async () => {
      const paths = numbered(path, FLOOD)
      await askAll(first, paths)
      await eventually(async () => expect(await entriesInRedis()).to.equal(FLOOD * each))
      const useful = numbered('/lists/full', 8 * SHARE)
      await askAll(second, useful)
      expect(new Set(await askAll(second, paths))).to.deep.equal(new Set(['hit l2']))
      expect(second.cache.stats().tiers.l1).to.include({ entries: 9 * SHARE, negativeEntries: SHARE })
      expect(new Set(await askAll(second, useful))).to.deep.equal(new Set(['hit l1']))
    })
  }

  // FEATURES 7
  it('counts, as any entry that comes from Redis, for the `maxEntries` of its route', async () => {
    const paths = numbered('/search?q=', FLOOD)
    await askAll(first, paths)
    await eventually(async () => expect(await entriesInRedis()).to.equal(FLOOD * 2))
    for (const one of paths) {
      expect((await ask(second, one)).text).to.equal(one)
      expect(second.cache.stats().tiers.l1?.entries).to.be.at.most(6)
    }
    expect(outcomes(second)).to.deep.equal(Array(FLOOD).fill('hit l2'))
    expect(second.cache.stats().tiers.l1).to.include({ entries: 6, evictions: FLOOD * 2 - 6 })
  })

  // T70
  it('is a miss where its mark is garbage, and is overwritten', async () => {
    await ask(first, '/lists/empty')
    const key = await storedKey(first, redis)
    const script = `local frame = redis.call('GET', KEYS[1])
      return redis.call('SET', KEYS[1], (string.gsub(frame, '"negative":true', '"negative":1   ')), 'KEEPTTL')`
    await redis.cli('EVAL', script, '1', key)
    expect((await ask(second, '/lists/empty')).text).to.equal('[]')
    expect(outcomes(second)).to.deep.equal(['miss'])
    expect(eventsOf(second, 'unreadable')).to.have.length(1)
  })
})
