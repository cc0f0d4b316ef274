// Whatever clients make up, what it leaves in Redis ends by itself, and the memory of a process stays as it is bounded.
import { expect } from 'chai'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const FLOOD = 40

// T45, T69
overFrameworks('a flood of URLs that nobody asked for before', (harness) => {
  let redis: RedisServer
  let app: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    const tell = (app: App) => {
      app.read('/search', ({ url }) => ({ headers: { Vary: 'Accept-Language' }, body: url }), '1m', { maxEntries: 10 })
      app.read('/items/:id', () => ({ status: 404, body: 'no' }), '1m', { negativeTtl: '20s' })
      app.read('/pages/:id', ({ url }) => ({ headers: { 'Cache-Control': 'max-age=30' }, body: url }), '1m', {
        honour: 'headers',
      })
      app.read('/fleet/:id', ({ url }) => ({ body: url }), '1m', { lock: 'fleet', tags: ({ url }) => [url] })
      app.write('put', '/items/:id', [({ params }) => `item:${params.id}`], () => ({ body: 'ok' }))
    }
    app = await harness.start(tell, { redis: redis.url, memory: { maxEntries: 100 } })
  })
  afterEach(async () => {
    await app.stop()
    await redis.cli('FLUSHALL')
  })
  after(() => redis.stop())

  it('leaves no key in Redis that does not end, and none that grows', async () => {
    for (let i = 0; i < FLOOD; i++) {
      for (const path of [`/search?q=${i}`, `/items/${i}`, `/pages/${i}`, `/fleet/${i}`]) await ask(app, path)
      await ask(app, `/items/${i}`, { method: 'PUT' })
    }
    const entries = async () => (await keys('tiercache:e:*')).length
    await eventually(async () => expect(await entries()).to.equal(5 * FLOOD))
    const all = await keys('*')
    expect(all.filter((key) => !/^tiercache:(e|v|lock):/.test(key))).to.deep.equal([])
    // One round trip for each: cli starts nothing, but a script tells all at once.
    const script = `local told = {}
      for i, key in ipairs(KEYS) do
        told[i] = redis.call('TYPE', key).ok .. ' ' .. (redis.call('PTTL', key) > 0 and 'ends' or 'stays')
      end
      return table.concat(told, ',')`
    const told = await redis.cli('EVAL', script, String(all.length), ...all)
    expect(new Set(told.split(','))).to.deep.equal(new Set(['string ends']))
  })

  it('leaves memory within each bound, counted exactly', async () => {
    for (let i = 0; i < FLOOD; i++) {
      for (const path of [`/search?q=${i}`, `/items/${i}`]) await ask(app, path)
    }
    const { l1 } = app.cache.stats().tiers
    expect(l1).to.include({ entries: 20, negativeEntries: 10, evictions: 3 * FLOOD - 20 })
  })

  async function keys(pattern: string): Promise<string[]> {
    return (await redis.cli('KEYS', pattern)).split('\n').filter(Boolean)
  }
})
