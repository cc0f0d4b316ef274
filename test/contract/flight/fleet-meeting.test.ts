// `lock: 'fleet'` where two requests of one process come to the same versions while they wait: one run, also where Redis lost the claim.
import { expect } from 'chai'
import { overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { FleetApps } from './fleet-apps.ts'

const LOSE_CLAIMS =
  "for _, key in ipairs(redis.call('KEYS', 'tiercache:lock:*')) do redis.call('DEL', key) end return 1"

// C4
overPairs('two flights of one process whose versions meet', (first, second) => {
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

  /** Scripts that were run so far: whoever waits asks for the claim by one. */
  async function scripts(): Promise<number> {
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(await redis.cli('INFO', 'commandstats'))?.[1] ?? 0)
  }

  it('share one run', async () => {
    await fleet.start([first, second])
    const holder = fleet.ask(0)
    await fleet.gates.reach(1)
    const former = await fleet.waiting(1)
    await fleet.apps[1]!.cache.bump('/page')
    const latter = fleet.ask(1)
    await fleet.gates.reach(2)
    fleet.gates.open(1)
    await holder
    await redis.cli('EVAL', LOSE_CLAIMS, '0')
    const asked = await scripts()
    await eventually(async () => expect(await scripts()).to.be.above(asked + 1))
    fleet.gates.open(2)
    fleet.release(3)
    expect([(await former.answer).text, (await latter).text]).to.deep.equal(['run 2', 'run 2'])
    expect(fleet.gates.begun).to.equal(2)
  })
})
