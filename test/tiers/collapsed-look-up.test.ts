// Concurrent requests for one thing cost one look-up in Redis and at most one run.
import { expect } from 'chai'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes, storedKey } from '../support/apps.ts'
import { deferred } from '../support/gate.ts'
import { type Monitor, monitor } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const REQUESTS = 200

overFrameworks('200 concurrent requests', (harness) => {
  let redis: RedisServer
  let watch: Monitor
  let warm: Running
  let cold: Running
  let runs = 0
  let gate = deferred()

  const tell = (app: App) => {
    app.read('/things/:id', async ({ params }) => {
      runs++
      await gate.promise
      return { body: `thing ${params.id}` }
    })
  }

  before(async () => {
    redis = await startRedis()
    warm = await harness.start(tell, { redis: redis.url })
    watch = await monitor(redis.port)
  })
  beforeEach(async () => {
    cold = await harness.start(tell, { redis: redis.url })
    gate = deferred()
    runs = 0
  })
  afterEach(() => cold.stop())
  after(async () => {
    watch.stop()
    await warm.stop()
    await redis.stop()
  })

  /** Sends all requests at once and resolves once the application has them all. */
  async function storm(path: (i: number) => string) {
    let arrived = 0
    const all = deferred()
    cold.server.on('request', () => ++arrived === REQUESTS && all.resolve())
    const answers = Promise.all(Array.from({ length: REQUESTS }, (_, i) => ask(cold, path(i))))
    await all.promise
    return answers
  }

  async function entriesAsked(): Promise<string[]> {
    const commands = await watch.take()
    return commands
      .filter(({ name, args }) => name === 'get' && args[0]?.startsWith('tiercache:e:'))
      .map(({ args }) => args[0]!)
  }

  it('with cold memory and a warm Redis send exactly one GET and run no handler', async () => {
    gate.resolve()
    await ask(warm, '/things/warm')
    await storedKey(warm, redis)
    runs = 0
    await watch.take()
    const answers = await storm(() => '/things/warm')
    expect(await entriesAsked()).to.have.length(1)
    expect(runs).to.equal(0)
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['thing warm']))
    const seen = outcomes(cold)
    expect(seen.filter((outcome) => outcome === 'hit l2')).to.have.length(1)
    expect(seen.filter((outcome) => outcome === 'collapsed' || outcome === 'hit l1')).to.have.length(REQUESTS - 1)
  })

  it('with cold memory and a cold Redis send exactly one GET and run one handler', async () => {
    await watch.take()
    const answered = storm(() => '/things/cold')
    // The answer is held until every request has had the chance to look it up by itself.
    setTimeout(gate.resolve, 50)
    await answered
    expect(await entriesAsked()).to.have.length(1)
    expect(runs).to.equal(1)
    const seen = outcomes(cold)
    expect(seen.filter((outcome) => outcome === 'miss')).to.have.length(1)
    expect(seen.filter((outcome) => outcome === 'collapsed' || outcome === 'hit l1')).to.have.length(REQUESTS - 1)
  })

  it('for 200 different things send one GET for each thing and one for each version', async () => {
    gate.resolve()
    await watch.take()
    await storm((i) => `/things/${i}`)
    const commands = (await watch.take()).filter(({ byScript }) => !byScript)
    const keys = commands.filter(({ name }) => name === 'get').map(({ args }) => args[0])
    expect(keys.filter((key) => key?.startsWith('tiercache:e:'))).to.have.length(REQUESTS)
    // Besides the look-up of each version there are the connection's own signs of life.
    expect(keys.filter((key) => key === 'tiercache:v:/things/:id').length).to.be.below(10)
  })
})
