// A client that the user gave is duplicated: it stays open, as it was, and its owner's.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer

/** Of what is used here, both versions have the same. */
const versions: Readonly<Record<string, (options?: { keyPrefix?: string; connectionName?: string }) => Redis>> = {
  '6': (options = {}) => new Redis({ port: redis.port, ...options }),
  '5': (options = {}) => new Redis5({ port: redis.port, ...options }) as unknown as Redis,
}

const tell = (app: App) => {
  let runs = 0
  app.read('/things/:id', () => ({ body: { run: ++runs } }))
  app.write('put', '/things/:id', ['/things/:id'], () => ({ body: 'ok' }))
}

overFrameworks('a client that the user gave', (harness) => {
  let client: Redis
  let app: Running

  before(async () => {
    redis = await startRedis()
  })
  afterEach(async () => {
    client.disconnect()
    await app.stop()
  })
  after(() => redis.stop())

  for (const [version, connect] of Object.entries(versions)) {
    it(`of ioredis ${version} stays open, unchanged and without listeners of ours, while our own connections end`, async () => {
      client = connect({ keyPrefix: 'own:', connectionName: `user-${version}` })
      await client.ping()
      const state = () => ({
        status: client.status,
        options: { ...client.options },
        listeners: client.eventNames().map((name) => [name, client.listenerCount(name)]),
      })
      const before = state()
      app = await harness.start(tell, { redis: client })
      await ask(app, '/things/1')
      await ask(app, '/things/1', { method: 'PUT' })
      expect(state()).to.deep.equal(before)
      await app.stop()
      expect(state()).to.deep.equal(before)
      await client.set('a', 'b')
      expect(await client.get('a')).to.equal('b')
      await eventually(async () => {
        const clients = await redis.cli('CLIENT', 'LIST')
        expect(clients.split('\n').filter((line) => line.includes(`name=user-${version}`))).to.have.length(1)
      })
    })

    it(`of ioredis ${version} may be closed by its owner without harm to the cache`, async () => {
      client = connect({ keyPrefix: `closed-${version}:` })
      app = await harness.start(tell, { redis: client })
      client.disconnect()
      await ask(app, '/things/2')
      await storedKey(app, redis, `closed-${version}:tiercache`)
      expect(app.events.filter(({ type }) => type === 'redis')).to.have.length(1)
    })
  }
})

overPairs('ioredis 5 and ioredis 6', (first, second) => {
  let apps: Running[] = []
  let clients: Redis[] = []

  before(async () => {
    redis = await startRedis()
    clients = ['5', '6'].map((version) => versions[version]!())
    apps = [await first.start(tell, { redis: clients[0]! }), await second.start(tell, { redis: clients[1]! })]
  })
  after(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    for (const client of clients) client.disconnect()
    await redis.stop()
  })

  it('share entries and bumps', async () => {
    const [five, six] = apps as [Running, Running]
    await ask(five, '/things/1')
    await storedKey(five, redis)
    await ask(six, '/things/1')
    await ask(five, '/things/1', { method: 'PUT' })
    await eventually(async () => {
      await ask(six, '/things/1')
      expect(outcomes(six).at(-1)).to.equal('miss')
    })
    await storedKey(six, redis)
    await ask(five, '/things/1')
    expect(outcomes(six).at(0)).to.equal('hit l2')
    expect(outcomes(five).at(-1)).to.equal('hit l2')
  })
})
