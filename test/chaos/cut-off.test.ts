// One process is cut off from a Redis that lives on with the other: what either wrote meanwhile holds for both afterwards.
import { expect } from 'chai'
import type { App, Running } from '../contract/middleware.ts'
import { ask, changes, outcomes, overPairs } from '../support/apps.ts'
import { deferred, eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'

overPairs('a process that is cut off', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let proxy: TcpProxy
  let away: Running
  let near: Running
  let values: Map<string, number>
  let gate: Promise<void> | undefined

  const tell = (app: App) => {
    app.read(
      '/things/:id',
      async ({ params }) => {
        const body = `v${values.get(params.id!) ?? 0}`
        await gate
        return { body }
      },
      '5m',
      { tags: ({ params }) => `thing:${params.id}` },
    )
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], ({ params }) => {
      values.set(params.id!, (values.get(params.id!) ?? 0) + 1)
      return { body: 'ok' }
    })
  }

  before(async () => {
    redis = await startRedis()
    proxy = await startProxy(redis.port)
  })
  beforeEach(async () => {
    values = new Map()
    gate = undefined
    await redis.cli('FLUSHALL')
    away = await firstHarness.start(tell, { redis: `redis://127.0.0.1:${proxy.port}` })
    near = await secondHarness.start(tell, { redis: redis.url })
  })
  afterEach(async () => {
    await proxy.set('pass')
    await Promise.all([away.stop(), near.stop()])
  })
  after(async () => {
    await proxy.stop()
    await redis.stop()
  })

  async function cut() {
    await proxy.set('refuse')
    await eventually(() => expect(changes(away).at(-1)).to.equal('redis down'))
  }

  async function heal(within = 1_500) {
    await proxy.set('pass')
    await eventually(() => expect(changes(away).filter((change) => change === 'redis up')).to.have.length(2), {
      within,
    })
  }

  async function warm(app: Running, path: string) {
    await ask(app, path)
    await ask(app, path)
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  }

  // T60
  it('tells Redis of its writes when it is back, and the other process sees them', async () => {
    for (const app of [away, near]) await warm(app, '/things/1')
    await cut()
    await ask(away, '/things/1', { method: 'PUT' })
    expect((await ask(away, '/things/1')).text).to.equal('v1')
    // Not told yet, and not acknowledged: the other process cannot know.
    expect((await ask(near, '/things/1')).text).to.equal('v0')
    await heal()
    await eventually(async () => expect((await ask(near, '/things/1')).text).to.equal('v1'), { within: 1_000 })
    expect((await ask(away, '/things/1')).text).to.equal('v1')
    expect(await away.cache.bump('thing:1')).to.deep.equal({ applied: 'everywhere', journalled: false })
  })

  // T60
  it('tells Redis of more writes than it remembers by name', async function () {
    this.timeout(40_000)
    for (const app of [away, near]) await warm(app, '/things/1')
    await cut()
    for (let i = 0; i < 10_500; i++) await away.cache.bump(`other:${i}`)
    await ask(away, '/things/1', { method: 'PUT' })
    expect((await ask(away, '/things/1')).text).to.equal('v1')
    await heal(25_000)
    await eventually(async () => expect((await ask(near, '/things/1')).text).to.equal('v1'), { within: 1_500 })
  })

  // T59
  it('trusts nothing from before when it is back: writes of the other process count', async () => {
    for (const app of [away, near]) await warm(app, '/things/1')
    await cut()
    await ask(near, '/things/1', { method: 'PUT' })
    await ask(away, '/things/1')
    expect(outcomes(away).at(-1)).to.equal('hit l1')
    await heal()
    // From the event on: what came before it was answered without Redis.
    expect((await ask(away, '/things/1')).text).to.equal('v1')
  })

  it('trusts again without a run what nobody wrote', async () => {
    await warm(away, '/things/1')
    await cut()
    await heal()
    await ask(away, '/things/1')
    expect(outcomes(away).at(-1)).to.equal('hit l1')
  })

  // T56
  it('does not use an answer that was begun before and written to by the other process meanwhile', async () => {
    await warm(away, '/things/other')
    const released = deferred()
    gate = released.promise
    const load = ask(away, '/things/1')
    await eventually(() => expect(outcomes(away)).to.have.length(3))
    gate = undefined
    await cut()
    await ask(near, '/things/1', { method: 'PUT' })
    await heal()
    released.resolve()
    expect((await load).text).to.equal('v0')
    expect((await ask(away, '/things/1')).text).to.equal('v1')
    expect((await ask(near, '/things/1')).text).to.equal('v1')
  })

  it('shares nothing that it made on its own', async () => {
    await cut()
    await warm(away, '/things/1')
    values.set('1', 7)
    await heal()
    expect((await ask(near, '/things/1')).text).to.equal('v7')
    expect((await ask(away, '/things/1')).text).to.equal('v7')
  })
})
