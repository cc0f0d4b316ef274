// `maxStale`: how long after its last validation memory may answer while Redis is away.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask, outcomes } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { freePort } from '../../support/free-port.ts'
import { eventually } from '../../support/gate.ts'
import { RedisServer } from '../../support/redis-server.ts'
import { overFrameworks, type ReadOptions, type Running, type StartOptions } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf } from './shelf.ts'

interface Case {
  readonly route: ReadOptions
  readonly cache?: StartOptions
  /** Milliseconds. */
  readonly longest: number
}

const cases: Readonly<Record<string, Case>> = {
  'of a route': { route: { maxStale: '20s' }, longest: 20_000 },
  'of a route that may lag longer': { route: { maxStale: '15s', consistency: '1m' }, longest: 15_000 },
  'of a route, longer than that of its cache': {
    route: { maxStale: '2m' },
    cache: { maxStale: '10s' },
    longest: 120_000,
  },
  'of the cache': { route: {}, cache: { maxStale: '40s' }, longest: 40_000 },
  'by default': { route: {}, longest: 30_000 },
}

/** What a busy machine may need for all that is done between, in ms. */
const SLACK = 8_000

// C3
overFrameworks('the longest that memory alone may answer', (harness) => {
  let redis: RedisServer
  let shelf: Shelf
  let app: Running
  let time: CacheTime

  beforeEach(async () => {
    redis = new RedisServer(await freePort(), [])
    shelf = new Shelf()
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
    await redis.stop()
  })

  const down = () => eventually(() => expect(eventsOf(app, 'redis').at(-1)).to.have.property('state', 'down'))

  async function expectHit(path = '/things/1') {
    const { headers } = await ask(app, path)
    expect(headers['cache-status']).to.match(/tiercache-l1; hit; ttl=\d+; detail=degraded$/)
  }

  for (const [what, { route, cache, longest }] of Object.entries(cases)) {
    it(`is ${longest} ms, ${what}, after Redis was lost and where it never was there`, async () => {
      await redis.start()
      app = await harness.start(shelf.tell(route), { redis: redis.url, ...cache })
      await ask(app, '/things/1')
      await redis.kill()
      await down()
      time = cacheTime()
      // What was last validated a moment ago, and what is made now.
      await ask(app, '/things/2')
      time.advance(longest - SLACK)
      for (const path of ['/things/1', '/things/2']) await expectHit(path)
      expect(shelf.runs).to.equal(2)
      time.advance(SLACK + 500)
      for (const path of ['/things/1', '/things/2']) await ask(app, path)
      expect(outcomes(app).slice(-2)).to.deep.equal(['miss', 'miss'])
      expect(shelf.runs).to.equal(4)
      // What that run answered lives as long again.
      await expectHit()
    })
  }

  it('counts from the last validation, not from the loss', async () => {
    await redis.start()
    app = await harness.start(shelf.tell({ maxStale: '5s' }), { redis: redis.url })
    await ask(app, '/things/1')
    time = cacheTime()
    await redis.freeze()
    // Nothing was heard any more, for all of that time.
    time.advance(6_000)
    await down()
    await ask(app, '/things/1')
    expect(outcomes(app).at(-1)).to.equal('miss')
    redis.thaw()
  })

  it('is the ttl where that is shorter', async () => {
    shelf = new Shelf('20s')
    app = await harness.start(shelf.tell(), { redis: redis.url, wait: false, maxStale: '1h' })
    await ask(app, '/things/1')
    await expectHit()
    cacheTime().advance(20_100)
    await ask(app, '/things/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1', 'miss'])
  })

  it('is not asked about without Redis at all', async () => {
    app = await harness.start(shelf.tell({ maxStale: '1s' }), {})
    await ask(app, '/things/1')
    cacheTime().advance(60_000)
    const { headers } = await ask(app, '/things/1')
    expect(headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=2\d\d$/)
  })
})
