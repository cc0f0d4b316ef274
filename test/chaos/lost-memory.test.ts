// Redis loses its memory, or gets a former one back: whatever was invalidated stays dead (C0).
import { expect } from 'chai'
import type { App, Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis, startReplica } from '../support/redis-server.ts'
import { TcpProxy } from '../support/tcp-proxy.ts'

// T57
overPairs('what was invalidated stays dead', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let proxy: TcpProxy
  let one: Running
  let two: Running
  let value = 0
  let names = 0
  let path: string
  let tag: string

  const tell = (app: App) => {
    app.read('/things/:id', () => ({ body: `v${value}` }), '5m', { tags: ({ params }) => `thing:${params.id}` })
  }

  before(async () => {
    redis = await startRedis()
    proxy = new TcpProxy(await freePort(), redis.port)
    await proxy.set('pass')
    const url = `redis://127.0.0.1:${proxy.port}`
    one = await firstHarness.start(tell, { redis: url })
    two = await secondHarness.start(tell, { redis: url })
  })
  beforeEach(() => {
    value = 0
    tag = `thing:${++names}`
    path = `/things/${names}`
  })
  after(async () => {
    await Promise.all([one.stop(), two.stop()])
    await proxy.stop()
    await redis.stop()
  })

  /** Fills both memories and Redis with `v0`; resolves to the frame in Redis and to its key. */
  async function fill(): Promise<{ key: string; restore: () => Promise<unknown> }> {
    await ask(one, path)
    const key = await storedKey(one, redis)
    await ask(two, path)
    expect(outcomes(two).at(-1)).to.equal('hit l2')
    await redis.cli('COPY', key, `kept:${names}`)
    const restore = async () => {
      await redis.cli('COPY', `kept:${names}`, key, 'REPLACE')
      await redis.cli('PEXPIRE', key, '200000')
    }
    return { key, restore }
  }

  async function bumpTo(next: number) {
    value = next
    expect(await one.cache.bump(tag)).to.have.property('applied', 'everywhere')
  }

  /** Neither process ever answers `v0` again. */
  async function staysDead() {
    await eventually(async () => expect((await ask(two, path)).text).not.to.equal('v0'), { within: 1_500 })
    for (const app of [one, two, one, two]) expect((await ask(app, path)).text).not.to.equal('v0')
  }

  it('when the version key is lost', async () => {
    const { restore } = await fill()
    await bumpTo(1)
    await redis.cli('DEL', `tiercache:v:${tag}`)
    await restore()
    await staysDead()
  })

  it('when the version key is lost and counted up from nothing', async () => {
    const { restore } = await fill()
    await bumpTo(1)
    await redis.cli('DEL', `tiercache:v:${tag}`)
    await redis.cli('INCR', `tiercache:v:${tag}`)
    await restore()
    await staysDead()
  })

  it('when all version keys are lost', async () => {
    const { restore } = await fill()
    await bumpTo(1)
    for (const name of [tag, '/things/:id', '*']) await redis.cli('DEL', `tiercache:v:${name}`)
    await restore()
    await staysDead()
  })

  it('when everything is lost', async () => {
    await fill()
    await bumpTo(1)
    await redis.cli('FLUSHDB')
    await staysDead()
  })

  for (const [how, spoil] of Object.entries({
    'deletes its version key': (key: string) => redis.cli('DEL', key),
    'sets its version key': (key: string) => redis.cli('SET', key, 'anything', 'PX', '60000'),
    'empties Redis': () => redis.cli('FLUSHALL'),
  })) {
    // T59
    it(`when someone outside ${how}, within the bound`, async () => {
      await fill()
      value = 1
      await spoil(`tiercache:v:${tag}`)
      for (const app of [one, two]) {
        await eventually(async () => expect((await ask(app, path)).text).to.equal('v1'), { within: 1_500 })
      }
    })
  }

  it('when Redis restarts with a snapshot from before', async function () {
    this.timeout(20_000)
    await fill()
    await redis.cli('SAVE')
    await bumpTo(1)
    await redis.restart()
    expect(await redis.cli('EXISTS', `tiercache:v:${tag}`)).to.equal('1')
    for (const app of [one, two]) await inUse(app)
    await staysDead()
  })

  it('when a replica that never heard of it is promoted, and when the former primary returns', async function () {
    this.timeout(30_000)
    await fill()
    const replica = await startReplica(redis)
    const { port } = proxy
    try {
      // The replica loses its primary, then the write is made.
      await replica.cli('REPLICAOF', 'NO', 'ONE')
      await bumpTo(1)
      await proxy.stop()
      proxy = new TcpProxy(port, replica.port)
      await proxy.set('pass')
      for (const app of [one, two]) await inUse(app)
      await staysDead()
      // What is written now, the former primary does not know.
      value = 2
      expect(await two.cache.bump(tag)).to.have.property('applied', 'everywhere')
      await proxy.stop()
      proxy = new TcpProxy(port, redis.port)
      await proxy.set('pass')
      for (const app of [one, two]) await inUse(app)
      for (const app of [one, two]) expect((await ask(app, path)).text).to.equal('v2')
    } finally {
      await replica.stop()
    }
  })

  /** Resolves once Redis is used again after a loss of connection. */
  const inUse = (app: Running) =>
    eventually(
      async () => {
        const answer = await ask(app, `/things/probe?${Math.random()}`)
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
        expect(app.events.findLast(({ type }) => type === 'redis')).to.have.property('state', 'up')
      },
      { within: 5_000 },
    )
})
