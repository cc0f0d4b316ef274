// A crowd before four real processes that share one Redis: how often the database and Redis are asked for one thing.
import { expect } from 'chai'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import type { Answer } from '../support/http-client.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type Monitor, monitor } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Member, startMember } from './fleet.ts'
import { type Origin, startOrigin } from './origin.ts'

/** Of each process. */
const CROWD = 125

describe('500 requests at once before four processes that share one Redis', () => {
  let redis: RedisServer
  let origin: Origin
  let watch: Monitor
  let members: readonly Member[]

  before(async function () {
    this.timeout(60_000)
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    // Four processes that start and read at once may need more than the usual budget on a machine that does other things too.
    const start = (framework: 'Express' | 'Koa') => startMember(framework, redis.url, origin.port, '5s')
    members = await Promise.all([start('Express'), start('Koa'), start('Express'), start('Koa')])
    for (const member of members) {
      await eventually(
        async () => {
          const { headers } = await ask(member, `/things/probe?${Math.random()}`)
          expect(headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
        },
        { within: 10_000 },
      )
    }
    watch = await monitor(redis.port)
  })
  after(async function () {
    this.timeout(20_000)
    watch?.stop()
    const ends = await Promise.all(members.map((member) => member.stop()))
    await Promise.all([redis.stop(), origin.stop()])
    expect(ends).to.deep.equal(Array(4).fill({ code: 0, errors: '' }))
  })

  /** Sends a crowd to each of some processes at the same time. */
  function crowds(path: string, asked: readonly Member[]): Promise<Answer[]> {
    const each = asked.flatMap((member) => Array.from({ length: CROWD }, () => ask(member, path)))
    return Promise.all(each)
  }

  // T48
  it("run one handler for a cold key with `lock: 'fleet'`", async function () {
    this.timeout(30_000)
    const before = origin.reads
    const held = origin.hold()
    const answers = crowds('/fleet/cold', members)
    await held.arrived
    // A process that does not wait for the run of another has begun one of its own before it answers something else.
    for (const member of members) expect(await member.events()).to.be.an('array')
    held.release()
    const heard = await answers
    expect(origin.reads - before, 'reads of the database').to.equal(1)
    expect(new Set(heard.map(({ status, text }) => `${status} ${text}`))).to.deep.equal(new Set(['200 0']))
  })

  it('send one GET each and run no handler where Redis has the answer', async function () {
    this.timeout(30_000)
    const [filler, ...others] = members
    await ask(filler!, '/things/warm')
    await eventually(async () => {
      const stored = (await watch.take()).some(({ name, args }) => name === 'set' && args[0]!.includes(':e:'))
      if (!stored) throw new Error('Not stored yet')
    })
    const before = origin.reads
    const heard = await crowds('/things/warm', others)
    const gets = (await watch.take()).filter(({ name, args }) => name === 'get' && args[0]!.includes(':e:'))
    expect(gets).to.have.length(others.length)
    expect(origin.reads).to.equal(before)
    expect(new Set(heard.map(({ text }) => text))).to.deep.equal(new Set(['0']))
    expect(heard.filter((answer) => outcomeOf(answer) === 'hit l2')).to.have.length(others.length)
  })
})
