// Two real processes, Express and Koa, and one Redis: what is written on one is seen on the other, also through faults.
import { expect } from 'chai'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { timed } from '../support/timed.ts'
import { type Member, startMember } from './fleet.ts'
import { type Origin, startOrigin } from './origin.ts'

describe('two processes that share one Redis', () => {
  let redis: RedisServer
  let origin: Origin
  let express: Member
  let koa: Member
  let statesBefore: string[][]
  let members: readonly (readonly [name: string, one: () => Member, other: () => Member])[]

  before(async function () {
    this.timeout(30_000)
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    ;[express, koa] = await Promise.all([
      startMember('Express', redis.url, origin.port),
      startMember('Koa', redis.url, origin.port),
    ])
    for (const member of [express, koa]) await sharing(member)
  })
  after(async function () {
    this.timeout(20_000)
    const ends = await Promise.all([express, koa].map((member) => member.stop()))
    await Promise.all([redis.stop(), origin.stop()])
    // T76: they end by themselves, and nothing was ever left unhandled.
    expect(ends).to.deep.equal(Array(2).fill({ code: 0, errors: '' }))
  })

  members = [
    ['Express', () => express, () => koa],
    ['Koa', () => koa, () => express],
  ]

  /** Resolves once the process stores in Redis. */
  async function sharing(member: Member, within = 5_000) {
    await eventually(
      async () => {
        const answer = await ask(member, `/things/probe?${Math.random()}`)
        expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
      },
      { within },
    )
  }

  async function warm(member: Member, path: string) {
    await eventually(async () => expect(outcomeOf(await ask(member, path))).to.equal('hit l1'))
  }

  async function states(member: Member): Promise<string[]> {
    return (await member.events()).flatMap((event) => (event.type === 'redis' ? [event.state] : []))
  }

  /** The work of a handler without a cache. */
  const plain = (member: Member) => () => ask(member, '/plain/control')

  for (const [name, one, other] of members) {
    it(`serve the new answer within 100 ms of a write on ${name}, though the former lay in memory`, async () => {
      const path = `/things/written-on-${name}`
      for (let round = 1; round <= 5; round++) {
        await warm(other(), path)
        await ask(one(), path, { method: 'PUT' })
        const seen = () => eventually(async () => expect((await ask(other(), path)).text).to.equal(`${round}`))
        const { ms, slack } = await timed(seen, plain(other()))
        expect(ms).to.be.below(100 + slack)
        expect((await ask(one(), path)).text).to.equal(`${round}`)
      }
    })
  }

  for (const [name, one, other] of members) {
    // T56
    it(`never use on ${name} an answer that was being made while the other process wrote`, async () => {
      const path = `/things/held-on-${name}`
      const held = origin.hold()
      const former = ask(one(), path)
      await held.arrived
      origin.set(path, 7)
      expect(await other().bump(`thing:held-on-${name}`)).to.have.property('applied', 'everywhere')
      held.release()
      expect((await former).text).to.equal('0')
      // The process that wrote does not find it in Redis; the one that made it lags by the bound at most.
      expect((await ask(other(), path)).text).to.equal('7')
      await eventually(async () => expect((await ask(one(), path)).text).to.equal('7'), { within: 1_000 })
      expect((await ask(one(), path)).text).to.equal('7')
    })
  }

  // T59
  it('serve no former answer after a pause in which they could not hear of the write', async () => {
    for (const [name, one, other] of members) {
      const path = `/things/paused-beside-${name}`
      await warm(other(), path)
      other().freeze()
      const answered = ask(other(), path, { headers: { 'x-late': '1' } })
      await ask(one(), path, { method: 'PUT' })
      await new Promise((resolve) => setTimeout(resolve, 1_100))
      other().thaw()
      // Asked before or after it thawed: both are judged after more than the bound.
      expect((await answered).text).to.equal('1')
      expect((await ask(other(), path)).text).to.equal('1')
    }
  })

  // T71
  it('answer within 150 ms of the handler while Redis is frozen, and from memory what they may', async function () {
    this.timeout(30_000)
    await Promise.all([express, koa].map((member) => warm(member, '/things/frozen')))
    statesBefore = await Promise.all([express, koa].map(states))
    await redis.freeze()
    const start = performance.now()
    // Longer than it takes to give up the connection.
    for (let round = 0; performance.now() - start < 3_800; round++) {
      for (const member of [express, koa]) {
        await readsInTime(member, ['/things/frozen', `/things/cold-${round}`, `/things/cold-${round}?again`])
      }
    }
    for (const member of [express, koa]) expect(outcomeOf(await ask(member, '/things/frozen'))).to.equal('hit l1')
  })

  // T60
  it('see a write at once where it was made while Redis is frozen, and everywhere once it is back, within a second', async () => {
    expect(await express.bump('thing:frozen')).to.deep.equal({ applied: 'locally', journalled: true })
    origin.set('/things/frozen', 3)
    expect((await ask(express, '/things/frozen')).text).to.equal('3')
    redis.thaw()
    for (const member of [express, koa]) {
      const { ms, slack } = await timed(() => sharing(member), plain(member))
      expect(ms).to.be.below(1_000 + slack)
    }
    await eventually(async () => expect((await ask(koa, '/things/frozen')).text).to.equal('3'), { within: 1_000 })
    // One event for the loss, one for the return.
    for (const [i, member] of [express, koa].entries()) {
      expect(await states(member)).to.deep.equal([...statesBefore[i]!, 'down', 'up'])
    }
  })

  async function readsInTime(member: Member, paths: readonly string[]) {
    for (const path of paths) {
      const { ms, slack, result } = await timed(() => ask(member, path), plain(member))
      expect(result.status).to.equal(200)
      expect(ms, path).to.be.below(150 + slack)
    }
  }
})
