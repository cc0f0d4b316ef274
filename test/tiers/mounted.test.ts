// The shortest way to a cache, `app.use(cacheRoute())`, works from the first request on a Redis that holds nothing yet.
import { expect } from 'chai'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

overFrameworks('app.use(cacheRoute()) with a fresh Redis', (harness) => {
  let redis: RedisServer
  let apps: Running[]
  let runs = 0

  const tell = (app: App) => {
    app.useCache()
    app.plain('get', '/things/:id', () => ({ body: { run: ++runs } }))
    app.plain('get', '/others', () => ({ body: { run: ++runs } }))
    app.write('put', '/things/:id', [], () => ({ body: 'ok' }))
  }
  const start = async () => {
    const app = await harness.start(tell, { redis: redis.url })
    apps.push(app)
    return app
  }

  beforeEach(async () => {
    redis = await startRedis()
    apps = []
    runs = 0
  })
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    await redis.stop()
  })

  it('answers the first request by the handler and the second from memory', async () => {
    const app = await start()
    const [first, second] = [await ask(app, '/things/1'), await ask(app, '/things/1')]
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    expect(first.headers['cache-status']).to.equal('tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored')
    expect(second.headers['cache-status']).to.match(/^tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=59$/)
  })

  it('answers the first request to a second process from Redis', async () => {
    const one = await start()
    await ask(one, '/things/1')
    await storedKey(one, redis)
    const two = await start()
    await ask(two, '/things/1')
    expect(outcomes(two)).to.deep.equal(['hit l2'])
  })

  it('knows the route that answered: a write to it makes its answers dead in both processes, and no others', async () => {
    const [one, two] = [await start(), await start()]
    for (const app of [one, two]) for (const path of ['/things/1', '/others']) await ask(app, path)
    await ask(one, '/things/2', { method: 'PUT' })
    const before = runs
    await ask(one, '/things/1')
    expect(outcomes(one).at(-1)).to.equal('miss')
    await eventually(async () => {
      await ask(two, '/things/1')
      expect(outcomes(two).at(-1)).to.equal('hit l2')
    })
    for (const app of [one, two]) {
      await ask(app, '/others')
      expect(outcomes(app).at(-1)).to.match(/^hit/)
    }
    expect(runs).to.equal(before + 1)
  })
})
