// A Redis that comes and goes, is slow, or loses a connection once: requests go on, and listeners hear of changes that last.
import { expect } from 'chai'
import type { Parts } from '../../src/parts.ts'
import { concreteParts } from '../../src/parts.ts'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { deferred, eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { timed } from '../support/timed.ts'

// T71
overFrameworks('a Redis that is unsteady', (harness) => {
  let redis: RedisServer
  let proxy: TcpProxy
  let app: Running
  let paths = 0

  const tell = (app: App) => {
    app.read('/things/:id', ({ params }) => ({ body: `thing ${params.id}` }), '5m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.plain('get', '/control', () => ({ body: 'ok' }))
  }
  const fresh = () => `/things/${++paths}`
  const states = () => changes(app).filter((change) => change.startsWith('redis'))

  async function start(options: Parameters<typeof harness.start>[1] = {}): Promise<void> {
    app = await harness.start(tell, { redis: `redis://127.0.0.1:${proxy.port}`, ...options })
    await returned(2_000)
    app.events.length = 0
  }

  /** Resolves once Redis is used again. */
  const returned = (within: number) =>
    eventually(
      async () => {
        const answer = await ask(app, fresh())
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within },
    )

  /** An answer within 150 ms of a handler that takes no time. */
  async function inTime(path: string): Promise<void> {
    const { ms, slack, result } = await timed(
      () => ask(app, path),
      () => ask(app, '/control'),
    )
    expect(result.status).to.equal(200)
    expect(ms, `${path} (${slack})`).to.be.below(150 + slack)
  }

  /** Asks on and on for a while, and expects each answer in time. */
  async function goesOn(ms: number): Promise<void> {
    for (const end = performance.now() + ms; performance.now() < end; ) await inTime(fresh())
  }

  before(async () => {
    redis = await startRedis()
    proxy = await startProxy(redis.port)
  })
  beforeEach(() => proxy.set('pass'))
  afterEach(() => app.stop())
  after(async () => {
    await proxy.stop()
    await redis.stop()
  })

  it('and is late now and then, over and over, is not told of each time', async function () {
    this.timeout(20_000)
    await start()
    for (let i = 0; i < 8; i++) {
      await proxy.set({ delay: 150 })
      await goesOn(350)
      await proxy.set('pass')
      await goesOn(350)
    }
    // Down, up, down, and up again at most where it was so for long enough in between.
    expect(states().length, changes(app).join()).to.be.within(1, 5)
    for (const operation of new Set(changes(app).map((change) => change.split(' ')[0]!))) {
      const told = changes(app).filter((change) => change.startsWith(`${operation} `))
      expect(told.length, told.join()).to.be.at.most(5)
    }
    await returned(1_500)
  })

  it('and answers each time after the deadline is told of once, and not used before it is faster', async function () {
    this.timeout(20_000)
    await start()
    // There and back: 300 ms, which is no connection that is lost.
    await proxy.set({ delay: 150 })
    await goesOn(3_000)
    expect(states()).to.deep.equal(['redis down'])
    await proxy.set('pass')
    await returned(1_500)
    await eventually(() => expect(states()).to.deep.equal(['redis down', 'redis up']))
  })

  it('and loses a connection once answers what was under way all the same, and nobody hears of it', async () => {
    await start({ budget: '2s' })
    const path = fresh()
    await ask(app, path)
    await storedKey(app, redis)
    const asked = deferred()
    const openClients: Parts['openClients'] = (...args) => {
      const opened = concreteParts.openClients(...args)
      const { getBuffer } = opened.commands
      opened.commands.getBuffer = (key) => {
        if (armed) asked.resolve()
        return getBuffer.call(opened.commands, key)
      }
      return opened
    }
    let armed = false
    const options = { redis: `redis://127.0.0.1:${proxy.port}`, budget: '2s', parts: { openClients } } as const
    const other = await harness.start(tell, options)
    try {
      await eventually(() => expect(changes(other)).to.include('redis up'))
      await ask(other, fresh())
      other.events.length = 0
      await proxy.set('drop')
      armed = true
      const answer = ask(other, path)
      await asked.promise
      await proxy.set('reset')
      await proxy.set('pass')
      await answer
      expect(outcomes(other)).to.deep.equal(['hit l2'])
      expect(changes(other)).to.deep.equal([])
    } finally {
      await other.stop()
    }
  })

  it('and slow is borne where lateness is not to count, within the budget of each request', async function () {
    this.timeout(20_000)
    await start({ degrade: { auto: false } })
    await proxy.set({ delay: 150 })
    await goesOn(2_000)
    expect(states()).to.deep.equal([])
    await proxy.set('pass')
    await returned(2_000)
    // What is gone is gone all the same.
    await proxy.set('refuse')
    await eventually(() => expect(states()).to.deep.equal(['redis down']))
  })

  it('counts as lost after as many late answers as it is told', async () => {
    let loss: unknown
    const connect: Parts['connect'] = (options) => {
      loss = options.loss
      return concreteParts.connect(options)
    }
    await start({ degrade: { failureThreshold: 1, recoveryCheck: '100ms' }, parts: { connect } })
    expect(loss).to.deep.equal({ auto: true, failureThreshold: 1, recoveryCheck: 100 })
    await proxy.set({ delay: 150 })
    await ask(app, fresh())
    await eventually(() => expect(states()).to.deep.equal(['redis down']))
  })
})
