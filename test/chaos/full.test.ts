// Redis has no room left: what is there is used, bumps hold all the same, and storing goes on once there is room.
import { expect } from 'chai'
import { type App, overFrameworks } from '../contract/middleware.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { expectNoRepetition, Shop } from './shop.ts'

// T68
overFrameworks('a Redis that is full', (harness) => {
  const shop = new Shop(harness)
  beforeEach(() => shop.open())
  afterEach(() => shop.close())

  it('with OOM keeps what it has, bumps all the same, and stores again once there is room', async () => {
    const [one, two] = [await shop.start(), await shop.start()]
    for (const app of [one, two]) await ask(app, '/things/warm')
    one.events.length = 0
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    await shop.requestsGoOn(one)
    await ask(one, '/things/warm')
    expect(outcomes(one).at(-1)).to.equal('hit l1')
    expect(await one.cache.bump('thing:warm')).to.deep.equal({ applied: 'everywhere', journalled: false })
    for (const app of [one, two]) {
      await eventually(async () => {
        await ask(app, '/things/warm')
        expect(outcomes(app).at(-1)).to.equal('miss')
      })
    }
    expect(changes(one)).to.include('versions memory')
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await shop.returned(one)
    await eventually(() => expect(changes(one)).to.include('versions ok'))
    expectNoRepetition(changes(one))
  })

  it('with OOM from the start is used as far as it goes: bumps hold everywhere', async () => {
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    const fixed = (app: App) => app.write('delete', '/things/:id', ['/things/:id'], () => ({ body: 'ok' }))
    const one = await shop.start({ wait: false }, fixed)
    const two = await shop.start({ wait: false }, fixed)
    await eventually(() => expect([...changes(one), ...changes(two)].filter((c) => c === 'redis up')).to.have.length(2))
    await shop.requestsGoOn(one)
    expect(await one.cache.bump('/things/:id')).to.deep.equal({ applied: 'everywhere', journalled: false })
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await Promise.all([shop.returned(one), shop.returned(two)])
    expectNoRepetition(changes(one))
  })

  it('with OOM for entries alone fills memory, and says so once', async () => {
    const app = await shop.start()
    // The versions of the route are there; each request differs in its query alone.
    await ask(app, '/things/full')
    await storedKey(app, shop.redis)
    app.events.length = 0
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    for (let i = 0; i < 20; i++) await ask(app, `/things/full?${i}`)
    await ask(app, '/things/full?0')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
    await shop.redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await ask(app, '/things/full?last')
    await eventually(() => expect(changes(app)).to.deep.equal(['set memory', 'set ok']))
  })
})
