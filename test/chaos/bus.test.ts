// The bus is lost, or never there: an answer lags a write by a second at most, and nothing unheard of is trusted.
import { expect } from 'chai'
import type { App, Running } from '../contract/middleware.ts'
import { ask, changes, outcomes, overPairs } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startRoleProxy } from '../support/role-proxy.ts'

// T59
overPairs('without the bus', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let one: Running
  let two: Running
  let value = 0

  const tell = (app: App) => {
    app.read('/things/:id', () => ({ body: `v${value}` }), '5m', { tags: ({ params }) => `thing:${params.id}` })
  }

  beforeEach(async () => {
    redis = await startRedis()
    // A user of its own: what is forbidden to the other one is not forbidden to this.
    await redis.cli('ACL', 'SETUSER', 'writer', 'on', '>secret', '~*', '&*', '+@all')
    one = await firstHarness.start(tell, { redis: `redis://writer:secret@127.0.0.1:${redis.port}` })
    two = await secondHarness.start(tell, { redis: redis.url })
    value = 0
  })
  afterEach(async () => {
    await Promise.all([one.stop(), two.stop()])
    await redis.stop()
  })

  async function warm(app: Running, path: string) {
    await ask(app, path)
    await ask(app, path)
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  }

  /** Ends the connections on which processes hear of bumps. */
  async function killSubscribers() {
    const clients = await redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')
    for (const [, id = ''] of clients.matchAll(/^id=(\d+)/gm)) await redis.cli('CLIENT', 'KILL', 'ID', id)
  }

  async function bump(next: number) {
    value = next
    expect(await one.cache.bump('thing:1')).to.have.property('applied', 'everywhere')
  }

  it('an answer lags a write by less than the bound, and the bus is heard again', async () => {
    await warm(two, '/things/1')
    await killSubscribers()
    await bump(1)
    await eventually(async () => expect((await ask(two, '/things/1')).text).to.equal('v1'), { within: 1_000 })
    await eventually(async () =>
      expect(await redis.cli('PUBSUB', 'NUMSUB', 'tiercache:bus')).to.equal('tiercache:bus\n2'),
    )
    await warm(two, '/things/1')
    await bump(2)
    await eventually(async () => expect((await ask(two, '/things/1')).text).to.equal('v2'), { within: 500 })
    // Redis itself was never lost.
    expect(changes(two)).to.deep.equal(['redis up'])
  })

  it('nothing heard before is trusted: the next request asks Redis', async () => {
    await warm(two, '/things/1')
    await killSubscribers()
    await eventually(async () => {
      const [lost] = await Promise.all([redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')])
      expect(lost).not.to.equal('')
    })
    await redis.resetStats()
    await ask(two, '/things/1')
    const { get = 0 } = await redis.commandStats()
    expect(get).to.be.above(0)
    expect(outcomes(two).at(-1)).to.equal('hit l1')
  })

  it('and where it is forbidden for good, an answer lags by less than the bound all the same', async () => {
    await warm(two, '/things/1')
    await redis.cli('ACL', 'SETUSER', 'default', 'resetchannels')
    await killSubscribers()
    for (const next of [1, 2]) {
      await bump(next)
      await eventually(async () => expect((await ask(two, '/things/1')).text).to.equal(`v${next}`), { within: 1_200 })
      await warm(two, '/things/1')
    }
    await redis.cli('ACL', 'SETUSER', 'default', 'allchannels')
    await eventually(
      async () => expect(await redis.cli('PUBSUB', 'NUMSUB', 'tiercache:bus')).to.equal('tiercache:bus\n2'),
      { within: 2_000 },
    )
  })

  it('because its connection died without a word, an answer lags by less than the bound, and it is made anew', async () => {
    const proxy = await startRoleProxy(redis.port)
    const deaf = await secondHarness.start(tell, { redis: `redis://127.0.0.1:${proxy.port}` })
    try {
      await warm(deaf, '/things/1')
      proxy.silenceSubscribers()
      await bump(1)
      await eventually(async () => expect((await ask(deaf, '/things/1')).text).to.equal('v1'), { within: 2_000 })
      // As soon as a new one is there, messages are heard again.
      await eventually(async () => expect(await redis.cli('PUBSUB', 'NUMSUB', 'tiercache:bus')).to.match(/3$/))
      await eventually(() => expect(changes(deaf).at(-1)).to.equal('redis up'))
      await warm(deaf, '/things/1')
      await bump(2)
      await eventually(async () => expect((await ask(deaf, '/things/1')).text).to.equal('v2'), { within: 1_000 })
      expect(proxy.opened).to.be.below(10)
    } finally {
      await deaf.stop()
      proxy.stop()
    }
  })

  it('a message of anything else is no bump, and harms nobody', async () => {
    await warm(two, '/things/1')
    for (const text of [
      '',
      'bump',
      'bump ',
      'bump x',
      'filled 1 thing:1',
      '\0\0',
      'bump 1.0 __proto__',
      'x'.repeat(100_000),
    ]) {
      await redis.cli('PUBLISH', 'tiercache:bus', text)
    }
    await ask(two, '/things/1')
    expect(outcomes(two).at(-1)).to.equal('hit l1')
    // One that names a tag is believed so far that the tag is asked for again.
    await redis.cli('PUBLISH', 'tiercache:bus', 'bump 1.0 thing:1')
    await ask(two, '/things/1')
    expect(outcomes(two).at(-1)).to.equal('hit l1')
  })
})
