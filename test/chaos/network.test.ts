// Whatever the network between the cache and Redis does, requests go on in time, listeners hear of it once, and it ends by itself.
import { expect } from 'chai'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, changes, outcomes, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { monitor } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type ProxyMode, startProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { timed } from '../support/timed.ts'

// T71
overFrameworks('a network that fails', (harness) => {
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

  before(async () => {
    redis = await startRedis()
    proxy = await startProxy(redis.port)
  })
  beforeEach(async () => {
    await proxy.set('pass')
    app = await harness.start(tell, { redis: `redis://127.0.0.1:${proxy.port}` })
    await returned(2_000)
    app.events.length = 0
  })
  afterEach(() => app.stop())
  after(async () => {
    await proxy.stop()
    await redis.stop()
  })

  const fresh = () => `/things/${++paths}`

  /** An answer within 150 ms of a handler that takes no time. */
  async function inTime(path: string) {
    const { ms, slack, result } = await timed(
      () => ask(app, path),
      () => ask(app, '/control'),
    )
    expect(result.status).to.equal(200)
    expect(ms, `${path} (${slack})`).to.be.below(150 + slack)
    return slack
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

  const modes: Readonly<Record<string, ProxyMode>> = {
    'drops all packets': 'drop',
    'refuses connections': 'refuse',
    'resets connections': 'reset',
    'loses the server without a word': 'halfOpen',
    'takes half a second for each packet': { delay: 500 },
  }
  for (const [what, mode] of Object.entries(modes)) {
    it(`that ${what} holds no request up, is told once, and is left behind within a second`, async () => {
      await ask(app, '/things/warm')
      await proxy.set(mode)
      const start = performance.now()
      while (performance.now() - start < (mode === 'halfOpen' ? 1_300 : 400)) {
        await inTime(fresh())
        await inTime('/things/warm')
      }
      await eventually(() => expect(changes(app)).to.include('redis down'))
      // C3: what memory holds is used all along.
      await ask(app, '/things/warm')
      expect(outcomes(app).at(-1)).to.equal('hit l1')
      const slack = await inTime('/things/warm')
      await proxy.set('pass')
      await returned(1_000 + (typeof mode === 'object' ? 1_000 : 0) + 5 * slack)
      expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal(['redis down', 'redis up'])
      // Of each operation at most that it failed and that it works again.
      const others = changes(app).filter((change) => !change.startsWith('redis'))
      expect(new Set(others).size).to.equal(others.length)
    })
  }

  it('that refuses connections makes nothing queue up for the time after', async () => {
    const watch = await monitor(redis.port)
    await proxy.set('refuse')
    const first = paths + 1
    for (let i = 0; i < 50; i++) await ask(app, fresh())
    await proxy.set('pass')
    await returned(2_000)
    const asked = (await watch.take()).filter(({ name, args }) => name === 'get' && args[0]?.includes(':e:'))
    watch.stop()
    expect(asked.length).to.be.at.most(paths - (first + 49))
  })

  // T72
  it('that answers after the deadline leads to one answer from the handler, and the late one is dropped', async () => {
    const path = fresh()
    await proxy.set({ delay: 150 })
    app.events.length = 0
    const answer = await ask(app, path)
    expect(answer.text).to.equal(`thing ${path.slice('/things/'.length)}`)
    await proxy.set('pass')
    await returned(3_000)
    const [first] = app.events.flatMap((event) => (event.type === 'request' ? [event.key] : []))
    const ofRequest = app.events.filter((event) => 'key' in event && event.key === first)
    expect(ofRequest.map(({ type }) => type)).to.deep.equal(['request', 'run'])
  })

  it('that stalls once for little more than the deadline is not taken for a dead Redis', async () => {
    await redis.freeze()
    // One request, which asks for three versions and an entry.
    await ask(app, fresh())
    redis.thaw()
    await returned(2_000)
    expect(changes(app).filter((change) => change.startsWith('redis'))).to.deep.equal([])
  })

  // T73
  it('that loses what is to be stored does not hold the answer up', async () => {
    await app.stop()
    app = await harness.start(
      (app) => {
        app.read('/stored', async () => {
          await proxy.set('drop')
          return { body: 'stored' }
        })
      },
      { redis: `redis://127.0.0.1:${proxy.port}`, budget: '5s' },
    )
    // Whoever waited for Redis now would wait for five seconds.
    const start = performance.now()
    await ask(app, '/stored')
    expect(performance.now() - start).to.be.below(2_500)
    await proxy.set('pass')
    await storedKey(app, redis)
  })
})
