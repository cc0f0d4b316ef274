// `degrade`: what a route does while Redis is unreachable, from the start or later, what it says of it, and that it is over when Redis is back.
import { expect } from 'chai'
import type { Degrade } from '../../../src/degrade-option.ts'
import { ask, outcomes } from '../../support/apps.ts'
import { freePort } from '../../support/free-port.ts'
import { eventually } from '../../support/gate.ts'
import type { SendOptions } from '../../support/http-client.ts'
import { RedisServer } from '../../support/redis-server.ts'
import { type App, overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf, thingTag } from './shelf.ts'

/** What two requests for the same thing come to without Redis. */
interface Expected {
  readonly status: number
  /** Of an answer that was in memory when Redis was lost, or after the first request. */
  readonly outcome: 'hit l1' | 'bypass'
  readonly cacheStatus: RegExp
  readonly runs: number
}

const around = 'tiercache-l2; fwd=bypass, tiercache-l1; fwd=bypass; detail=degraded'
const modes: Readonly<Record<Degrade, Expected>> = {
  l1: { status: 200, outcome: 'hit l1', cacheStatus: /tiercache-l1; hit; ttl=\d+; detail=degraded$/, runs: 0 },
  bypass: { status: 200, outcome: 'bypass', cacheStatus: new RegExp(`^${around}$`), runs: 1 },
  error: { status: 503, outcome: 'bypass', cacheStatus: new RegExp(`^${around}$`), runs: 0 },
}

overFrameworks('a route without Redis', (harness) => {
  let redis: RedisServer
  let shelf: Shelf
  let app: Running

  beforeEach(async () => {
    // Only made: each test starts it when it wants to.
    redis = new RedisServer(await freePort(), [])
    shelf = new Shelf()
  })
  afterEach(async () => {
    await app.stop()
    await redis.stop()
  })

  /** `/l1/1`, `/bypass/1` and `/error/1` are the same thing under another policy. */
  const tell = (app: App) => {
    for (const degrade of Object.keys(modes) as Degrade[]) {
      app.read(`/${degrade}/:id`, shelf.read, '5m', { degrade, tags: thingTag })
    }
    app.read('/strong/:id', shelf.read, '5m', { consistency: 'strong', tags: thingTag })
    app.write('put', '/things/:id', [thingTag], shelf.write)
  }
  const start = async (wait: boolean) => {
    app = await harness.start(tell, { redis: redis.url, wait })
  }
  const states = () => eventsOf(app, 'redis').map(({ state }) => state)
  const down = () => eventually(() => expect(states().at(-1)).to.equal('down'))
  const up = () => eventually(() => expect(states().at(-1)).to.equal('up'))

  /** Asks for a thing that memory may hold, and returns the answer. */
  async function expectDegraded(degrade: Degrade, path = `/${degrade}/1`, options: SendOptions = {}) {
    const { status, outcome, cacheStatus, runs } = modes[degrade]
    const before = shelf.runs
    const answer = await ask(app, path, options)
    expect(answer.status).to.equal(status)
    expect(answer.headers['cache-status']).to.match(cacheStatus)
    expect(outcomes(app).at(-1)).to.equal(outcome)
    expect(shelf.runs - before).to.equal(runs)
    const { degraded, reason } = eventsOf(app, 'request').at(-1)!
    expect([degraded, reason]).to.deep.equal([true, outcome === 'bypass' ? 'degraded' : undefined])
    return answer
  }

  for (const degrade of Object.keys(modes) as Degrade[]) {
    const path = `/${degrade}/1`

    it(`${degrade}: that is lost later, and comes back`, async () => {
      await redis.start()
      await start(true)
      for (let i = 0; i < 2; i++) await ask(app, path)
      expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
      await redis.kill()
      await down()
      for (let i = 0; i < 2; i++) await expectDegraded(degrade)
      shelf.add('1')
      await redis.start()
      await up()
      // Its memory is gone: nobody vouches for what was there before.
      const answer = await ask(app, path)
      expect([answer.status, answer.text]).to.deep.equal([200, 'v1'])
      expect(answer.headers['cache-status']).not.to.contain('degraded')
      await ask(app, path)
      expect(outcomes(app).at(-1)).to.equal('hit l1')
      expect(states()).to.deep.equal(['up', 'down', 'up'])
    })

    it(`${degrade}: that is not there at the start, and comes later`, async () => {
      await start(false)
      // Until it is known to be away, too.
      if (degrade === 'l1')
        expect((await ask(app, path)).headers['cache-status']).not.to.contain('tiercache-l2; fwd=miss; stored')
      await expectDegraded(degrade)
      await down()
      await expectDegraded(degrade)
      shelf.add('1')
      await redis.start()
      await up()
      // What was made in between dies with the first contact.
      expect(await ask(app, path)).to.include({ status: 200, text: 'v1' })
      await ask(app, path)
      expect(outcomes(app).at(-1)).to.equal('hit l1')
    })

    it(`${degrade}: HEAD is treated as GET`, async () => {
      await redis.start()
      await start(true)
      await ask(app, path)
      await redis.kill()
      await down()
      const { body } = await expectDegraded(degrade, path, { method: 'HEAD' })
      expect(body).to.have.length(0)
    })
  }

  for (const method of ['GET', 'HEAD']) {
    it(`error: ${method} says when to come again, and that nobody may keep it`, async () => {
      await start(false)
      await down()
      const { status, headers, text } = await ask(app, '/error/1', { method })
      expect(status).to.equal(503)
      expect(headers).to.include({ 'retry-after': '1', 'cache-control': 'no-store' })
      expect(headers['content-length']).to.equal(String('Service Unavailable\n'.length))
      expect(text).to.equal(method === 'HEAD' ? '' : 'Service Unavailable\n')
      expect(headers).not.to.have.any.keys('age', 'etag')
    })
  }

  it('error: a client whose copy was good is told 503 as well', async () => {
    await redis.start()
    await start(true)
    const { headers } = await ask(app, '/error/1')
    await redis.kill()
    await down()
    await expectDegraded('error', '/error/1', { headers: { 'if-none-match': headers.etag! } })
  })

  it('strong: goes around the cache', async () => {
    await redis.start()
    await start(true)
    for (let i = 0; i < 2; i++) await ask(app, '/strong/1')
    await redis.kill()
    await down()
    await expectDegraded('bypass', '/strong/1')
  })

  it('sees its own writes at once, whatever it does otherwise', async () => {
    await redis.start()
    await start(true)
    for (const degrade of ['l1', 'bypass']) for (let i = 0; i < 2; i++) await ask(app, `/${degrade}/1`)
    await redis.kill()
    await down()
    const written = await ask(app, '/things/1', { method: 'PUT' })
    expect(written.status).to.equal(200)
    expect(eventsOf(app, 'bump').at(-1)).to.include({ applied: 'locally', journalled: true })
    for (const degrade of ['l1', 'bypass']) expect((await ask(app, `/${degrade}/1`)).text).to.equal('v1')
    await expectDegraded('l1')
  })
})
