// Redis answers, but lets us do nothing or not all: requests go on, listeners hear of each change once, and it ends by itself.
import { expect } from 'chai'
import { overFrameworks } from '../contract/middleware.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { startReplica } from '../support/redis-server.ts'
import { expectNoRepetition, Shop } from './shop.ts'

// T68, T71
overFrameworks('a Redis that refuses', (harness) => {
  const shop = new Shop(harness)
  beforeEach(() => shop.open())
  afterEach(() => shop.close())

  for (const [code, password] of [
    ['NOAUTH', ''],
    ['WRONGPASS', ':wrong@'],
  ]) {
    it(`with ${code} at boot is told once, and is used as soon as it lets us in`, async () => {
      await shop.redis.cli('CONFIG', 'SET', 'requirepass', 'secret')
      const app = await shop.start({ redis: `redis://${password}127.0.0.1:${shop.redis.port}`, wait: false })
      await ask(app, '/things/a')
      await ask(app, '/things/a')
      expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
      await eventually(() => expect(changes(app)).to.deep.equal(['redis down']))
      const event = app.events.find(({ type }) => type === 'redis')
      expect(event)
        .to.have.property('reason')
        .that.matches(/NOAUTH|WRONGPASS/)
      // Through a few more attempts to connect.
      await new Promise((resolve) => setTimeout(resolve, 600))
      await shop.requestsGoOn(app)
      expect(changes(app)).to.deep.equal(['redis down'])
      await shop.redis.cli('CONFIG', 'SET', 'requirepass', '')
      await shop.returned(app)
      expect(changes(app)).to.deep.equal(['redis down', 'redis up'])
    })
  }

  it('without the password is used with it', async () => {
    await shop.redis.cli('CONFIG', 'SET', 'requirepass', 'secret')
    const app = await shop.start({ redis: `redis://:secret@127.0.0.1:${shop.redis.port}` })
    await ask(app, '/things/a')
    await storedKey(app, shop.redis)
    expect(changes(app)).to.deep.equal(['redis up'])
  })

  it('with NOPERM for what was allowed before goes on, and recovers', async () => {
    const app = await shop.start()
    await ask(app, '/things/warm')
    await shop.redis.cli('ACL', 'SETUSER', 'default', '-set', '-get')
    await shop.requestsGoOn(app)
    await shop.redis.cli('ACL', 'SETUSER', 'default', '+@all')
    await shop.returned(app)
    expectNoRepetition(changes(app))
  })

  it('with NOPERM for INFO is used all the same, and the weaker promise is told once', async () => {
    await shop.redis.cli('ACL', 'SETUSER', 'default', '-info')
    const [one, two] = [await shop.start(), await shop.start()]
    await ask(one, '/things/a')
    await storedKey(one, shop.redis)
    await ask(two, '/things/a')
    expect(outcomes(two)).to.deep.equal(['hit l2'])
    await one.cache.bump('thing:a')
    await eventually(async () => {
      await ask(two, '/things/a')
      expect(outcomes(two).at(-1)).to.equal('miss')
    })
    const told = one.events.filter((event) => event.type === 'trouble')
    expect(told).to.have.length(1)
    expect(told[0]).to.have.property('message').that.contains('INFO')
  })

  it('with READONLY, as a replica, is left alone until it is a primary again', async () => {
    const app = await shop.start()
    await ask(app, '/things/warm')
    app.events.length = 0
    await shop.redis.cli('REPLICAOF', '127.0.0.1', `${await freePort()}`)
    await eventually(() => expect(changes(app)).to.include('redis down'))
    await shop.redis.resetStats()
    const connections = await received()
    await new Promise((resolve) => setTimeout(resolve, 600))
    await shop.requestsGoOn(app)
    // Looking for the new primary, it does not hammer the old one.
    expect((await received()) - connections).to.be.below(20)
    await ask(app, '/things/warm')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
    await shop.redis.cli('REPLICAOF', 'NO', 'ONE')
    await shop.returned(app)
    expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal(['redis down', 'redis up'])
    expectNoRepetition(changes(app))
  })

  it('at boot, as a replica, is not used, and is as soon as it is promoted', async function () {
    this.timeout(20_000)
    const replica = await startReplica(shop.redis)
    const app = await shop.start({ redis: replica.url, wait: false })
    try {
      await shop.requestsGoOn(app)
      expect((await replica.commandStats()).set).to.equal(undefined)
      await replica.cli('REPLICAOF', 'NO', 'ONE')
      await shop.returned(app)
    } finally {
      await app.stop()
      await replica.stop()
    }
  })

  async function received(): Promise<number> {
    const info = await shop.redis.cli('INFO', 'stats')
    return Number(/total_connections_received:(\d+)/.exec(info)?.[1])
  }
})
