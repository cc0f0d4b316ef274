// Redis comes late, dies, loads and comes back: requests go on, memory answers within its bound, writes are not forgotten.
import { expect } from 'chai'
import sinon from 'sinon'
import type { App, Harness, Running } from '../contract/middleware.ts'
import { ask, changes, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { cacheTime } from '../support/cache-time.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { RedisServer } from '../support/redis-server.ts'

overPairs('an outage of Redis', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let apps: Running[]
  const values = new Map<string, number>()

  const tell = (app: App) => {
    app.read('/things/:id', ({ params }) => ({ body: `v${values.get(params.id!) ?? 0}` }), '5m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], ({ params }) => {
      values.set(params.id!, (values.get(params.id!) ?? 0) + 1)
      return { body: 'ok' }
    })
  }

  async function start(harness: Harness, wait = true): Promise<Running> {
    const app = await harness.start(tell, { redis: redis.url, wait })
    apps.push(app)
    return app
  }

  /** Resolves once Redis is used again. */
  const returned = (app: Running, within = 2_000) =>
    eventually(
      async () => {
        const answer = await ask(app, `/things/probe?${Math.random()}`)
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within },
    )

  const last = (app: Running) => outcomes(app).at(-1)

  beforeEach(async () => {
    // Only made: each test starts it when it wants to.
    redis = new RedisServer(await freePort(), [])
    apps = []
    values.clear()
  })
  afterEach(async () => {
    sinon.restore()
    await Promise.all(apps.map((app) => app.stop()))
    await redis.stop()
  })

  it('that began before us is told once; memory answers until it ends, not after', async () => {
    const app = await start(firstHarness, false)
    await ask(app, '/things/1')
    const hit = await ask(app, '/things/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    expect(hit.headers['cache-status']).to.contain('detail=degraded')
    await eventually(() => expect(changes(app)).to.deep.equal(['redis down']))
    values.set('1', 1)
    await redis.start()
    await returned(app)
    // Its version was made up here: nothing vouches for it in Redis.
    expect((await ask(app, '/things/1')).text).to.equal('v1')
    expect(changes(app)).to.deep.equal(['redis down', 'redis up'])
    await ask(app, '/things/1')
    await storedKey(app, redis)
    expect(last(app)).to.equal('hit l1')
  })

  // C3
  it('that began before us lets memory answer half a minute, no longer', async () => {
    const app = await start(firstHarness, false)
    await ask(app, '/things/1')
    const time = cacheTime()
    time.advance(29_000)
    await ask(app, '/things/1')
    time.advance(1_500)
    await ask(app, '/things/1')
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1', 'miss'])
  })

  // T71, C3
  it('lets memory answer what was valid when it began, half a minute and no longer', async () => {
    await redis.start()
    const app = await start(firstHarness)
    await ask(app, '/things/1')
    await redis.kill()
    await eventually(() => expect(changes(app)).to.include('redis down'))
    const hit = await ask(app, '/things/1')
    expect(last(app)).to.equal('hit l1')
    expect(hit.headers['cache-status']).to.contain('detail=degraded')
    const time = cacheTime()
    time.advance(28_000)
    await ask(app, '/things/1')
    expect(last(app)).to.equal('hit l1')
    time.advance(3_000)
    await ask(app, '/things/1')
    expect(last(app)).to.equal('miss')
  })

  it('ends by itself: the restarted server is used, and nothing is trusted that was not validated anew', async () => {
    await redis.start()
    const [one, two] = [await start(firstHarness), await start(secondHarness)]
    for (const app of [one, two]) await ask(app, '/things/1')
    await redis.kill()
    await eventually(() =>
      expect([...changes(one), ...changes(two)].filter((c) => c === 'redis down')).to.have.length(2),
    )
    values.set('1', 5)
    await redis.start()
    await Promise.all([returned(one), returned(two)])
    // It came back empty: the former entries may have been bumped there, for all that anyone knows.
    for (const app of [one, two]) expect((await ask(app, '/things/1')).text).to.equal('v5')
    for (const app of [one, two]) {
      expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal([
        'redis up',
        'redis down',
        'redis up',
      ])
    }
  })

  // T60
  it('does not swallow a write: it holds here at once, says so, and everywhere when it ends', async () => {
    await redis.start()
    const [one, two] = [await start(firstHarness), await start(secondHarness)]
    for (const app of [one, two]) await ask(app, '/things/1')
    await redis.kill()
    await eventually(() =>
      expect([...changes(one), ...changes(two)].filter((c) => c === 'redis down')).to.have.length(2),
    )
    await ask(one, '/things/1', { method: 'PUT' })
    const bump = one.events.find((event) => event.type === 'bump')
    expect(bump).to.deep.include({ tags: ['thing:1'], applied: 'locally', journalled: true })
    expect((await ask(one, '/things/1')).text).to.equal('v1')
    await ask(one, '/things/1')
    expect(last(one)).to.equal('hit l1')
    expect(await one.cache.bump('thing:1', 'thing:2')).to.deep.equal({ applied: 'locally', journalled: true })
    await redis.start()
    await Promise.all([returned(one), returned(two)])
    for (const app of [one, two]) expect((await ask(app, '/things/1')).text).to.equal('v1')
    // And it is over with it: a later bump is an ordinary one.
    expect(await one.cache.bump('thing:1')).to.deep.equal({ applied: 'everywhere', journalled: false })
  })

  // T60
  it('that only one process sees does not let the others trust what that process changed meanwhile', async () => {
    await redis.start()
    const [one, two] = [await start(firstHarness), await start(secondHarness)]
    for (const app of [one, two]) await ask(app, '/things/1')
    await redis.freeze()
    const written = ask(one, '/things/1', { method: 'PUT' })
    // Not confirmed within its budget: the answer leaves all the same.
    expect((await written).status).to.equal(200)
    expect(one.events.find((event) => event.type === 'bump')).to.deep.include({ applied: 'locally', journalled: true })
    expect((await ask(one, '/things/1')).text).to.equal('v1')
    redis.thaw()
    await eventually(async () => expect((await ask(two, '/things/1')).text).to.equal('v1'), { within: 1_500 })
    await returned(one)
    expect((await ask(one, '/things/1')).text).to.equal('v1')
  })
})
