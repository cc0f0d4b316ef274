// A version key outlives every entry under it, so that no entry dies early for want of its version.
import { expect } from 'chai'
import sinon from 'sinon'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { cacheTime } from '../support/cache-time.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer

const lifeOf = async (tag: string) => Number(await redis.cli('PTTL', `tiercache:v:${tag}`))

// T58
overFrameworks('a version key', (harness) => {
  let app: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    app = await harness.start(
      (app: App) => {
        app.read('/long', () => ({ body: 'long' }), '10d', { tags: ['shared'] })
        app.read('/short', () => ({ body: 'short' }), '5s', { tags: ['shared'] })
        app.write('put', '/long', ['/long'], () => ({ body: 'ok' }))
      },
      { redis: redis.url },
    )
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
    await redis.cli('FLUSHALL')
  })
  after(() => redis.stop())

  it('lives longer than the entries under it', async () => {
    await ask(app, '/long')
    const entry = Number(await redis.cli('PTTL', await storedKey(app, redis)))
    expect(entry).to.be.above(9 * 86_400_000)
    for (const tag of ['/long', 'shared', '*'])
      await eventually(async () => expect(await lifeOf(tag)).to.be.above(entry))
  })

  it('lives longer than the entries under it also after a bump', async () => {
    await ask(app, '/long')
    await ask(app, '/long', { method: 'PUT' })
    await ask(app, '/long')
    const entry = Number(await redis.cli('PTTL', await storedKey(app, redis)))
    await eventually(async () => expect(await lifeOf('/long')).to.be.above(entry))
  })

  it('lives longer than the entries under it where one of a short life made it', async () => {
    await ask(app, '/short')
    await ask(app, '/long')
    const entry = Number(await redis.cli('PTTL', await storedKey(app, redis)))
    for (const tag of ['/long', 'shared', '*'])
      await eventually(async () => expect(await lifeOf(tag)).to.be.above(entry))
  })

  it('does not live for ever: guessed names do not fill Redis', async () => {
    await ask(app, '/short')
    await app.cache.bump('guessed')
    for (const tag of ['/short', 'shared', '*', 'guessed']) {
      expect(await lifeOf(tag)).to.be.within(5_000, 20 * 86_400_000)
    }
  })

  it('has its life renewed by use', async () => {
    await ask(app, '/short?a')
    for (const tag of ['/short', 'shared', '*']) await redis.cli('PEXPIRE', `tiercache:v:${tag}`, '6000')
    // Hours later, as this process sees it, the same tags are used for another entry.
    const time = cacheTime()
    time.advance(4 * 3_600_000)
    await ask(app, '/short?b')
    for (const tag of ['/short', 'shared', '*'])
      await eventually(async () => expect(await lifeOf(tag)).to.be.above(30_000))
  })
})

// T58
overPairs('a version key that a process of short lives made', (shortHarness, longHarness) => {
  let apps: Running[] = []

  before(async () => {
    redis = await startRedis()
  })
  after(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    await redis.stop()
  })

  it('lives longer than the one entry that a process of long lives stores under it', async () => {
    const short = await shortHarness.start((app) => app.read('/a', () => ({ body: 'a' }), '5s'), { redis: redis.url })
    const long = await longHarness.start((app) => app.read('/a', () => ({ body: 'a' }), '10d'), { redis: redis.url })
    apps = [short, long]
    await ask(short, '/a', { headers: { host: 'other.test' } })
    await ask(long, '/a')
    const entry = Number(await redis.cli('PTTL', await storedKey(long, redis)))
    expect(outcomes(long)).to.deep.equal(['miss'])
    for (const tag of ['/a', '*']) await eventually(async () => expect(await lifeOf(tag)).to.be.above(entry))
  })
})
