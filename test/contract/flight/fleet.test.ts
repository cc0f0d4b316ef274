// `lock: 'fleet'`: of all processes one runs the handler, the others wait for what it finds.
import { expect } from 'chai'
import { outcomes, overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { monitor } from '../../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { FleetApps } from './fleet-apps.ts'

// C4
overPairs('a run of the whole fleet', (first, second) => {
  let redis: RedisServer
  let fleet: FleetApps

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    fleet = new FleetApps(redis)
  })
  afterEach(() => fleet.stop())
  after(() => redis.stop())

  it('is one for a cold key, whose answer all who wait get, and which leaves nothing behind', async () => {
    await fleet.start([first, second, first, second])
    const answers = await fleet.crowd()
    // More requests of each process wait within it.
    const more = [0, 1, 2, 3].map((app) => fleet.ask(app))
    expect(await fleet.claims()).to.have.length(1)
    fleet.gates.open(1)
    for (const answer of [...answers, ...more]) expect(await answer).to.include({ status: 200, text: 'run 1' })
    expect(fleet.gates.begun).to.equal(1)
    expect(fleet.outcomes()).to.deep.equal([
      ['miss', 'collapsed'],
      ['collapsed', 'collapsed'],
      ['collapsed', 'collapsed'],
      ['collapsed', 'collapsed'],
    ])
    const [own, theirs] = await Promise.all(answers)
    expect(own!.headers['cache-status']).to.equal('tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored')
    expect(theirs!.headers['cache-status']).to.equal(
      'tiercache-l2; fwd=miss; collapsed, tiercache-l1; fwd=miss; stored',
    )
    await fleet.free()
    for (const app of [0, 1, 2, 3]) await fleet.ask(app)
    for (const app of fleet.apps) expect(outcomes(app).at(-1)).to.equal('hit l1')
  })

  it('is one also where all ask at once, and for each key one', async () => {
    await fleet.start([first, second, first])
    const paths = ['/page?a', '/page?b']
    const answers = paths.flatMap((path) => Array.from({ length: 12 }, (_, i) => fleet.ask(i % 3, path)))
    await fleet.gates.reach(2)
    fleet.gates.open()
    const texts = (await Promise.all(answers)).map(({ text }) => text)
    expect(new Set(texts)).to.deep.equal(new Set(['run 1', 'run 2']))
    expect(new Set(texts.slice(0, 12)).size).to.equal(1)
    expect(fleet.gates.begun).to.equal(2)
    await fleet.free()
  })

  it('is not repeated by one who looked in Redis just before the answer was stored there', async () => {
    await fleet.start([first, second])
    const watch = await monitor(redis.port)
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    await watch.take()
    fleet.networks[1]!.set('commands', { delay: 12 })
    const later = fleet.ask(1)
    // Redis has told it that there is nothing; the word is on its way.
    await eventually(async () => {
      const looks = (await watch.take()).filter(({ name, args }) => name === 'get' && args[0]!.includes(':e:'))
      expect(looks).to.have.length(1)
    })
    watch.stop()
    fleet.gates.open(1)
    expect((await holder).text).to.equal('run 1')
    await fleet.free()
    fleet.release()
    expect((await later).text).to.equal('run 1')
    expect(fleet.gates.begun).to.equal(1)
  })

  it('does not hold up HEAD, nor who goes around the cache', async () => {
    await fleet.start([first, second])
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    const head = fleet.ask(1, '/page', { method: 'HEAD' })
    await fleet.gates.reach(2)
    const around = fleet.ask(1, '/page?is_not_cache=1')
    await fleet.gates.reach(3)
    fleet.gates.open()
    expect((await head).status).to.equal(200)
    expect((await around).text).to.equal('run 3')
    expect((await holder).text).to.equal('run 1')
    await fleet.free()
  })

  it('waits for no run from before an invalidation, nor is that one waited for', async () => {
    await fleet.start([first, second], { consistency: 'strong' })
    const [former, waiting] = await fleet.crowd()
    await fleet.apps[0]!.cache.bump('page')
    const later = fleet.ask(1)
    await fleet.gates.reach(2)
    // And who comes later still waits for the new run.
    const { answer: last } = await fleet.waiting(0)
    fleet.gates.open(2)
    expect((await later).text).to.equal('run 2')
    expect((await last).text).to.equal('run 2')
    fleet.release()
    expect((await former)!.text).to.equal('run 1')
    // It came before the bump: either answer is right, but it takes no third run to make one.
    expect(['run 1', 'run 2']).to.include((await waiting)!.text)
    expect(fleet.gates.begun).to.equal(2)
    for (const app of [0, 1]) expect((await fleet.ask(app)).text).to.equal('run 2')
    await fleet.free()
  })
})
