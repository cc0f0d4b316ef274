// `lock: 'fleet'` while Redis or the way to it is in trouble: nobody waits for a word that cannot come.
import { expect } from 'chai'
import { overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { timed } from '../../support/timed.ts'
import { eventsOf } from '../starting.ts'
import { FleetApps } from './fleet-apps.ts'

/** What those who wait for another process may need until they ask again, in ms. */
const POLL = 50

overPairs('waiting for a run of another process', (first, second) => {
  let redis: RedisServer
  let fleet: FleetApps

  beforeEach(async () => {
    redis = await startRedis()
    fleet = new FleetApps(redis)
  })
  afterEach(async () => {
    redis.thaw()
    await fleet.stop()
    await redis.stop()
  })

  it('ends with its answer where no message arrives', async () => {
    await fleet.start([first, second])
    fleet.networks[1]!.set('messages', 'drop')
    const answers = await fleet.crowd()
    fleet.gates.open(1)
    for (const answer of answers) expect((await answer).text).to.equal('run 1')
    expect(fleet.gates.begun).to.equal(1)
  })

  for (const [degrade, status, runs] of [
    ['l1', 200, 2],
    ['bypass', 200, 2],
    ['error', 503, 1],
  ] as const) {
    it(`ends in time when Redis freezes meanwhile, as the route wants it then: ${degrade}`, async () => {
      await fleet.start([first, second], { degrade }, { budget: '100ms' })
      const [holder, waiting] = await fleet.crowd()
      await redis.freeze()
      // The holder's own run goes on.
      fleet.release(2)
      const { ms, slack, result } = await timed(
        () => waiting!,
        () => fleet.ask(1, '/control'),
      )
      expect(result.status).to.equal(status)
      expect(ms).to.be.below(150 + POLL + slack)
      expect(fleet.gates.begun).to.equal(runs)
      fleet.release()
      await holder
    })
  }

  it('ends for all at once with a run that may not be shared, also far from Redis, where the word comes while they ask', async () => {
    await fleet.start([first, second, first])
    fleet.reply = (run) => (run === 1 ? { status: 500, body: 'no' } : { body: `run ${run}` })
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    for (const network of fleet.networks.slice(1)) network.set('commands', { delay: 60 })
    const waiting = [(await fleet.waiting(1)).answer, (await fleet.waiting(2)).answer]
    fleet.gates.open(1)
    expect((await holder).status).to.equal(500)
    await fleet.gates.reach(3)
    fleet.release()
    expect((await Promise.all(waiting)).map(({ text }) => text)).to.have.members(['run 2', 'run 3'])
  })

  it('is not begun where Redis is away: each process runs by itself, once for all its requests', async () => {
    await fleet.start([first, second])
    for (const network of fleet.networks) network.lead(undefined)
    for (const app of fleet.apps) {
      await eventually(() => expect(eventsOf(app, 'redis').at(-1)).to.have.property('state', 'down'))
    }
    const answers = [0, 1, 0, 1, 0, 1].map((app) => fleet.ask(app))
    await fleet.gates.reach(2)
    fleet.gates.open()
    const texts = new Set((await Promise.all(answers)).map(({ text }) => text))
    expect(texts).to.deep.equal(new Set(['run 1', 'run 2']))
    expect(fleet.gates.begun).to.equal(2)
  })

  it('is for the one who holds the claim: whoever lost it takes nobody else theirs', async () => {
    await fleet.start([first])
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    const [claim = ''] = await fleet.claims()
    const life = Number(await redis.cli('PTTL', claim))
    expect(life).to.be.within(1, 3_000)
    // As when it had run out and another process took it.
    await redis.cli('SET', claim, 'another', 'PX', '60000')
    fleet.gates.open(1)
    expect((await holder).text).to.equal('run 1')
    // Everything that it sends is behind us once a later command on the same connection is answered.
    await fleet.apps[0]!.cache.bump('unrelated')
    expect(await redis.cli('GET', claim)).to.equal('another')
  })

  it('outlasts the lease, which is renewed while the handler runs', async () => {
    await fleet.start([first])
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    const [claim = ''] = await fleet.claims()
    await redis.cli('PEXPIRE', claim, '1500')
    await eventually(async () => expect(Number(await redis.cli('PTTL', claim))).to.be.above(2_000), { within: 1_400 })
    fleet.gates.open(1)
    await holder
    await fleet.free()
  })
})
