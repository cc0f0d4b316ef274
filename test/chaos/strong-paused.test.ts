// Strong consistency and processes that stand still: what was written meanwhile is seen by the first request after it.
import { expect } from 'chai'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Member, startMember } from './fleet.ts'
import { type Origin, startOrigin } from './origin.ts'

// C1
describe('a process that stood still while another wrote', () => {
  let redis: RedisServer
  let origin: Origin
  let express: Member
  let koa: Member

  before(async function () {
    this.timeout(30_000)
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    ;[express, koa] = await Promise.all([
      startMember('Express', redis.url, origin.port),
      startMember('Koa', redis.url, origin.port),
    ])
  })
  after(async function () {
    this.timeout(20_000)
    const ends = await Promise.all([express, koa].map((member) => member.stop()))
    await Promise.all([redis.stop(), origin.stop()])
    expect(ends).to.deep.equal(Array(2).fill({ code: 0, errors: '' }))
  })

  const pauses = [0, 5, 20, 60, 120, 250]
  for (const [name, one, other] of [
    ['Koa', () => express, () => koa],
    ['Express', () => koa, () => express],
  ] as const) {
    it(`answers with what is new, on ${name}, after pauses of up to ${Math.max(...pauses)} ms`, async () => {
      const path = `/strong/${name}`
      for (const [round, pause] of pauses.entries()) {
        await eventually(async () => expect(outcomeOf(await ask(other(), path))).to.equal('hit l1'), { within: 5_000 })
        other().freeze()
        await ask(one(), `/things/${name}`, { method: 'PUT' })
        // Sent after the write was acknowledged; it waits in the socket.
        const waiting = ask(other(), path)
        await new Promise((resolve) => setTimeout(resolve, pause))
        other().thaw()
        expect((await ask(other(), path)).text, `after ${pause} ms`).to.equal(`${round + 1}`)
        expect((await waiting).text, `sent before it woke, after ${pause} ms`).to.equal(`${round + 1}`)
      }
    })
  }
})
