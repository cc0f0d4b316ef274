// Redis answers, but refuses: requests go on, listeners hear of each change once, and it ends by itself.
import { expect } from 'chai'
import { type App, type Harness, overFrameworks, type Running } from '../contract/harness.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis, startReplica } from '../support/redis-server.ts'

// T68, T71
overFrameworks('a Redis that refuses', (harness) => {
  let redis: RedisServer
  let apps: Running[]
  let paths = 0

  const fresh = () => `/things/${++paths}`

  const tell = (app: App) => {
    app.read('/things/:id', ({ params }) => ({ body: `thing ${params.id}` }), '5m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], () => ({ body: 'ok' }))
  }

  /** With a target that is known from the start. */
  const tellFixed = (app: App) => {
    tell(app)
    app.write('delete', '/things/:id', ['/things/:id'], () => ({ body: 'ok' }))
  }

  async function start(options: Parameters<Harness['start']>[1] = {}): Promise<Running> {
    const app = await harness.start(tell, { redis: redis.url, ...options })
    apps.push(app)
    return app
  }

  /** Resolves once Redis is used again. */
  const returned = (app: Running, within = 2_000) =>
    eventually(
      async () => {
        const answer = await ask(app, fresh())
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within },
    )

  /** Many requests, each answered by the handler. */
  async function requestsGoOn(app: Running) {
    for (let i = 0; i < 20; i++) {
      const path = fresh()
      expect(await ask(app, path)).to.include({ status: 200, text: `thing ${path.slice('/things/'.length)}` })
    }
  }

  beforeEach(async () => {
    redis = await startRedis()
    apps = []
  })
  afterEach(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    await redis.stop()
  })

  for (const [code, password] of [
    ['NOAUTH', ''],
    ['WRONGPASS', ':wrong@'],
  ]) {
    it(`with ${code} at boot is told once, and is used as soon as it lets us in`, async () => {
      await redis.cli('CONFIG', 'SET', 'requirepass', 'secret')
      const app = await start({ redis: `redis://${password}127.0.0.1:${redis.port}`, wait: false })
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
      await requestsGoOn(app)
      expect(changes(app)).to.deep.equal(['redis down'])
      await redis.cli('CONFIG', 'SET', 'requirepass', '')
      await returned(app)
      expect(changes(app)).to.deep.equal(['redis down', 'redis up'])
    })
  }

  it('without the password is used with it', async () => {
    await redis.cli('CONFIG', 'SET', 'requirepass', 'secret')
    const app = await start({ redis: `redis://:secret@127.0.0.1:${redis.port}` })
    await ask(app, '/things/a')
    await storedKey(app, redis)
    expect(changes(app)).to.deep.equal(['redis up'])
  })

  it('with NOPERM for what was allowed before goes on, and recovers', async () => {
    const app = await start()
    await ask(app, '/things/warm')
    await redis.cli('ACL', 'SETUSER', 'default', '-set', '-get')
    await requestsGoOn(app)
    await redis.cli('ACL', 'SETUSER', 'default', '+@all')
    await returned(app)
    expectNoRepetition(changes(app))
  })

  it('with NOPERM for INFO is used all the same, and the weaker promise is told once', async () => {
    await redis.cli('ACL', 'SETUSER', 'default', '-info')
    const [one, two] = [await start(), await start()]
    await ask(one, '/things/a')
    await storedKey(one, redis)
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
    const app = await start()
    await ask(app, '/things/warm')
    app.events.length = 0
    await redis.cli('REPLICAOF', '127.0.0.1', `${await freePort()}`)
    await eventually(() => expect(changes(app)).to.include('redis down'))
    await redis.resetStats()
    const connections = await received()
    await new Promise((resolve) => setTimeout(resolve, 600))
    await requestsGoOn(app)
    // Looking for the new primary, it does not hammer the old one.
    expect((await received()) - connections).to.be.below(20)
    await ask(app, '/things/warm')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
    await redis.cli('REPLICAOF', 'NO', 'ONE')
    await returned(app)
    expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal(['redis down', 'redis up'])
    expectNoRepetition(changes(app))
  })

  it('at boot, as a replica, is not used, and is as soon as it is promoted', async function () {
    this.timeout(20_000)
    const replica = await startReplica(redis)
    const app = await start({ redis: replica.url, wait: false })
    try {
      await requestsGoOn(app)
      expect((await replica.commandStats()).set).to.equal(undefined)
      await replica.cli('REPLICAOF', 'NO', 'ONE')
      await returned(app)
    } finally {
      await app.stop()
      await replica.stop()
    }
  })

  it('with OOM keeps what it has, bumps all the same, and stores again once there is room', async () => {
    const [one, two] = [await start(), await start()]
    for (const app of [one, two]) await ask(app, '/things/warm')
    one.events.length = 0
    await redis.cli('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    await requestsGoOn(one)
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
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await returned(one)
    await eventually(() => expect(changes(one)).to.include('versions ok'))
    expectNoRepetition(changes(one))
  })

  it('with OOM from the start is used as far as it goes: bumps hold everywhere', async () => {
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    const one = await harness.start(tellFixed, { redis: redis.url, wait: false })
    const two = await harness.start(tellFixed, { redis: redis.url, wait: false })
    apps.push(one, two)
    await eventually(() => expect([...changes(one), ...changes(two)].filter((c) => c === 'redis up')).to.have.length(2))
    await requestsGoOn(one)
    expect(await one.cache.bump('/things/:id')).to.deep.equal({ applied: 'everywhere', journalled: false })
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await Promise.all([returned(one), returned(two)])
    expectNoRepetition(changes(one))
  })

  it('with OOM for entries alone fills memory, and says so once', async () => {
    const app = await start()
    // The versions of the route are there; each request differs in its query alone.
    await ask(app, '/things/full')
    await storedKey(app, redis)
    app.events.length = 0
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1mb')
    for (let i = 0; i < 20; i++) await ask(app, `/things/full?${i}`)
    await ask(app, '/things/full?0')
    expect(outcomes(app).at(-1)).to.equal('hit l1')
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await ask(app, '/things/full?last')
    await eventually(() => expect(changes(app)).to.deep.equal(['set memory', 'set ok']))
  })

  it('with NOSCRIPT, having forgotten our scripts, learns them again', async () => {
    const app = await start()
    await ask(app, '/things/scripted')
    await redis.cli('SCRIPT', 'FLUSH')
    expect(await app.cache.bump('thing:scripted')).to.have.property('applied', 'everywhere')
    await redis.cli('SCRIPT', 'FLUSH')
    await ask(app, '/things/scripted')
    await ask(app, '/things/scripted')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit l1'])
    await returned(app)
    expect(changes(app)).to.deep.equal(['redis up'])
  })

  it('with WRONGTYPE at an entry answers from the handler and stores over it', async () => {
    const app = await start()
    await ask(app, '/things/typed')
    const key = await storedKey(app, redis)
    await redis.cli('DEL', key)
    await redis.cli('SADD', key, 'a')
    await redis.cli('EXPIRE', key, '60')
    const other = await start()
    expect(await ask(other, '/things/typed')).to.include({ status: 200, text: 'thing typed' })
    await eventually(async () => expect(await redis.cli('TYPE', key)).to.equal('string'))
    expect(other.events.filter(({ type }) => type === 'unreadable')).to.have.length(1)
    expect(changes(other)).to.deep.equal(['redis up'])
  })

  it('with WRONGTYPE at its version keys takes the entries for dead and makes new keys', async () => {
    const app = await start()
    await ask(app, '/things/typed')
    for (const tag of ['*', '/things/:id', 'thing:typed']) {
      await redis.cli('DEL', `tiercache:v:${tag}`)
      await redis.cli('LPUSH', `tiercache:v:${tag}`, 'a')
    }
    const other = await start()
    await ask(other, '/things/typed')
    await ask(other, '/things/typed')
    expect(outcomes(other)).to.deep.equal(['miss', 'hit l1'])
    expect(await other.cache.bump('thing:typed')).to.have.property('applied', 'everywhere')
    expectNoRepetition(changes(other))
  })

  for (const [what, value] of Object.entries({
    'of another format': '\x02\x00\x00\x00\x02{}',
    truncated: '\x01\x00\x00\x01\x00{"status":200',
    'that is garbage': 'garbage',
  })) {
    // T47, T70
    it(`with a frame ${what} answers from the handler and stores over it`, async () => {
      const app = await start()
      await ask(app, '/things/foreign')
      const key = await storedKey(app, redis)
      await redis.cli('SET', key, value, 'EX', '60')
      const other = await start()
      expect(await ask(other, '/things/foreign')).to.include({ status: 200, text: 'thing foreign' })
      await storedKey(other, redis)
      await eventually(async () => expect(await redis.cli('GET', key)).not.to.equal(value))
      await ask(other, '/things/foreign')
      expect(outcomes(other)).to.deep.equal(['miss', 'hit l1'])
      expect(other.events.filter(({ type }) => type === 'unreadable')).to.have.length(1)
    })
  }

  // T70
  it('a value larger than any it takes does so for that value alone', async () => {
    await redis.cli('CONFIG', 'SET', 'proto-max-bulk-len', '1mb')
    const body = 'x'.repeat(1_500_000)
    const app = await harness.start(
      (app) => {
        app.read('/large', () => ({ body }), '5m', { maxBodyBytes: '2mb' })
        tell(app)
      },
      { redis: redis.url },
    )
    apps.push(app)
    for (let i = 0; i < 2; i++) expect((await ask(app, '/large')).body).to.have.length(body.length)
    expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    await returned(app)
    expectNoRepetition(changes(app))
  })

  async function received(): Promise<number> {
    const info = await redis.cli('INFO', 'stats')
    return Number(/total_connections_received:(\d+)/.exec(info)?.[1])
  }
})

/** Each operation is said to fail or to work again when that changes, and not more often. */
function expectNoRepetition(all: readonly string[]) {
  const latest = new Map<string, string>()
  for (const change of all) {
    const [operation = '', kind = ''] = change.split(' ')
    expect(latest.get(operation), all.join()).not.to.equal(kind)
    latest.set(operation, kind)
  }
  expect(all.length, all.join()).to.be.below(12)
}
