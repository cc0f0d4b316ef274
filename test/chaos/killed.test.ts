// Processes that are killed in the middle of something that others rely on: an announced write, a run for the whole fleet.
import { expect } from 'chai'
import { MARKER, TOKEN } from '../contract/invalidate/announced.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { unhurried } from '../support/unhurried.ts'
import { type Member, startMember } from './fleet.ts'
import { type Origin, startOrigin } from './origin.ts'

describe('a fleet of which one is killed', () => {
  let redis: RedisServer
  let origin: Origin
  /** The first is the one that goes. */
  let fleet: Member[]

  before(async function () {
    this.timeout(60_000)
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    fleet = await Promise.all(
      (['Express', 'Koa', 'Express', 'Koa'] as const).map((name) =>
        startMember(name, redis.url, origin.port, unhurried.budget),
      ),
    )
    for (const member of fleet) {
      await eventually(async () => expect(outcomeOf(await ask(member, '/fleet/warm'))).to.equal('hit l1'), {
        within: 5_000,
      })
    }
  })
  after(async function () {
    this.timeout(20_000)
    const ends = await Promise.all(fleet.map((member) => member.stop()))
    await Promise.all([redis.stop(), origin.stop()])
    for (const { code, errors } of ends) expect([0, null], errors).to.include(code)
  })

  // C4
  it('runs the handler once for a cold key before that, whoever asks', async () => {
    const { reads } = origin
    const held = origin.hold()
    const answers = [0, 1, 2, 3, 0, 1, 2, 3].map((member) => ask(fleet[member]!, '/fleet/cold'))
    await held.arrived
    held.release()
    for (const { status, text } of await Promise.all(answers)) expect([status, text]).to.deep.equal([200, '0'])
    expect(origin.reads).to.equal(reads + 1)
    await eventually(async () => expect(await redis.cli('KEYS', 'tiercache:lock:*')).to.equal(''))
  })

  // C4
  it('runs it again where the one that ran was killed, once its lease is over', async () => {
    const { reads } = origin
    const held = origin.hold()
    ask(fleet[0]!, '/fleet/held').catch(() => undefined)
    await held.arrived
    const waiting = [1, 2, 3].map((member) => ask(fleet[member]!, '/fleet/held'))
    await fleet[0]!.kill()
    held.release()
    const again = origin.hold()
    // A lease of three seconds.
    await again.arrived
    expect(origin.reads).to.equal(reads + 2)
    again.release()
    for (const { text } of await Promise.all(waiting)) expect(text).to.equal('0')
    expect(origin.reads).to.equal(reads + 2)
    await eventually(async () => expect(await redis.cli('KEYS', 'tiercache:lock:*')).to.equal(''))
  })

  it('does not serve what an announced write changed before its writer was killed', async () => {
    const [, writer, bounded, strong] = fleet as [Member, Member, Member, Member]
    const key = () => redis.cli('GET', 'tiercache:v:thing:written')
    const readers = [
      [bounded, '/things/written'],
      [strong, '/strong/written'],
    ] as const
    for (const [member, path] of readers) {
      await eventually(async () => expect(outcomeOf(await ask(member, path))).to.equal('hit l1'))
    }
    ask(writer, '/unanswered/written', { method: 'PUT' }).catch(() => undefined)
    // Committed, and its bump will never come.
    await eventually(async () => expect((await ask(strong, '/plain/written')).text).to.equal('1'))
    await writer.kill()
    // Who trusts the bus may lag by the bound.
    await eventually(async () => expect((await ask(bounded, '/things/written')).text).to.equal('1'), { within: 1_000 })
    const allNew = async () => {
      for (const [member, path] of readers) expect((await ask(member, path)).text, path).to.equal('1')
    }
    while (MARKER.test(await key())) await allNew()
    for (let i = 0; i < 20; i++) await allNew()
    expect(await key()).to.match(TOKEN)
    // And it is kept again.
    for (const [member, path] of readers) expect(outcomeOf(await ask(member, path))).to.equal('hit l1')
  })
})
