// `lock: 'fleet'` where the one that runs comes to nothing that may be shared: nobody waits longer than for that, and not in a row.
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { getAndLeave, getSlowly } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { Arrivals } from '../crowd.ts'
import type { Reply } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { FleetApps } from './fleet-apps.ts'

// C4
overPairs('those who wait for a run of another process', (first, second) => {
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

  const ends: Readonly<Record<string, { reply: Reply | Error; status: number }>> = {
    'fails with 500': { reply: { status: 500, body: 'no' }, status: 500 },
    throws: { reply: new Error('broken'), status: 500 },
    'answers 404': { reply: { status: 404, body: 'no' }, status: 404 },
    'sets a cookie': { reply: { headers: { 'Set-Cookie': 'a=1' }, body: 'for you' }, status: 200 },
    'forbids storing': { reply: { headers: { 'Cache-Control': 'no-store' }, body: 'for you' }, status: 200 },
  }
  for (const [what, { reply, status }] of Object.entries(ends)) {
    it(`all run, at once, where it ${what}`, async () => {
      await fleet.start([first, second, first, second])
      fleet.reply = (run) => (run === 1 ? reply : { body: `run ${run}` })
      const [holder, ...others] = await fleet.crowd()
      fleet.gates.open(1)
      expect((await holder)!.status).to.equal(status)
      // All three run before any of them answers.
      await fleet.gates.reach(4)
      fleet.gates.open()
      const texts = (await Promise.all(others)).map(({ text }) => text)
      expect(texts).to.have.members(['run 2', 'run 3', 'run 4'])
      await fleet.free()
    })
  }

  it('all run, at once, where it fails and the route shares failures: in each process by itself', async () => {
    const arrivals = new Arrivals()
    await fleet.start([first, second], { onFailure: 'share', tags: arrivals.tags })
    fleet.reply = (run) => (run === 1 ? { status: 503, body: 'no' } : { body: `run ${run}` })
    const [holder, other] = await fleet.crowd()
    const beside = fleet.ask(0)
    await arrivals.reach(3)
    fleet.release()
    const follower = await beside
    expect({ status: (await holder)!.status, text: follower.text }).to.deep.equal({
      status: 503,
      text: 'Service Unavailable\n',
    })
    expect(follower.headers['cache-status']).to.equal(
      'tiercache-l2; fwd=miss, tiercache-l1; fwd=miss; collapsed; detail=failed',
    )
    expect((await other)!.text).to.equal('run 2')
    await fleet.free()
  })

  // T48
  it('wait for nobody, and claim nothing, where the last answer of their process was for its asker alone', async () => {
    await fleet.start([first, second])
    fleet.reply = () => ({ headers: { 'Set-Cookie': 'a=1' }, body: 'for you' })
    const [holder, other] = await fleet.crowd()
    fleet.release(1)
    await Promise.all([holder, other])
    await fleet.free()
    const begun = fleet.gates.begun
    fleet.release(Number.POSITIVE_INFINITY)
    await redis.resetStats()
    const answers = [0, 1, 0, 1].map((app) => fleet.ask(app))
    await fleet.gates.reach(begun + 4)
    expect((await redis.commandStats()).set ?? 0, 'claims tried').to.equal(0)
    fleet.release(1)
    for (const answer of answers) expect((await answer).text).to.equal('for you')
  })

  it('get its answer though its own client has left', async () => {
    await fleet.start([first, second, first])
    const leave = getAndLeave(fleet.apps[0]!.port, '/page', { host: 'shop.test' })
    await fleet.gates.reach(1)
    const others = [await fleet.waiting(1), await fleet.waiting(2)]
    leave()
    await eventually(async () => {
      const connections = await new Promise((resolve) => {
        fleet.apps[0]!.server.getConnections((_error, count) => resolve(count))
      })
      expect(connections).to.equal(0)
    })
    fleet.gates.open(1)
    for (const { answer } of others) expect((await answer).text).to.equal('run 1')
    expect(fleet.gates.begun).to.equal(1)
    await fleet.free()
  })

  it('are led by one of them where the client broke off, while the others ask now and then', async () => {
    await fleet.start([first, second, first, second])
    const stream = new PassThrough()
    const streamed = { headers: { 'Content-Type': 'text/plain' }, body: stream }
    fleet.reply = (run) => (run === 1 ? streamed : { body: `run ${run}` })
    const leading = getSlowly(fleet.apps[0]!.port, '/page', { host: 'shop.test' })
    await fleet.gates.reach(1)
    const others = []
    for (const app of [1, 2, 3]) others.push((await fleet.waiting(app)).answer)
    fleet.gates.open(1)
    stream.write('half of it')
    const leader = await leading
    leader.abort()
    await fleet.gates.reach(2)
    // Two wait for the third: each polls twenty times a second.
    await redis.resetStats()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect((await redis.commandStats()).set).to.be.within(1, 30)
    fleet.release()
    for (const other of others) expect((await other).text).to.equal('run 2')
    expect(fleet.gates.begun).to.equal(2)
    stream.destroy()
    await fleet.free()
  })

  it('run themselves once the deadline has passed, which is not the end of the run', async () => {
    await fleet.start([first, second], { flightDeadline: '400ms' })
    const [holder, other] = await fleet.crowd()
    await fleet.gates.reach(2)
    fleet.gates.open(2)
    expect((await other)!.text).to.equal('run 2')
    fleet.gates.open(1)
    expect((await holder)!.text).to.equal('run 1')
    await fleet.free()
  })

  it('that left themselves cost no run', async () => {
    await fleet.start([first, second])
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    await redis.resetStats()
    const leave = getAndLeave(fleet.apps[1]!.port, '/page', { host: 'shop.test' })
    await eventually(async () => expect((await redis.commandStats()).set).to.be.above(0))
    leave()
    fleet.reply = () => ({ status: 500, body: 'no' })
    fleet.gates.open(1)
    expect((await holder).status).to.equal(500)
    // Another request of that process goes through: whatever the former did, it has done.
    fleet.release()
    expect((await fleet.ask(1, '/page?other')).status).to.equal(500)
    expect(eventsOf(fleet.apps[1]!, 'run')).to.have.length(1)
  })
})
