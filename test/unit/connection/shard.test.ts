// What the bus of one primary proves, and up to when.
import { expect } from 'chai'
import type { Hearing } from '../../../src/connection/connection.ts'
import { provenUntil } from '../../../src/connection/shard.ts'
import { deferred } from '../../support/gate.ts'
import { channels, fakePrimary, replication, settled } from '../fixtures/fake-primary.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

const NEVER = Number.NEGATIVE_INFINITY
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'proved',
    (error: Error) => error.name,
  )

describe('provenUntil', () => {
  const heard = (parts: Partial<Hearing>): Hearing => ({
    since: undefined,
    provenSince: Number.POSITIVE_INFINITY,
    until: NEVER,
    floor: NEVER,
    ...parts,
  })

  it('is the instant at which the reading was sent, where the bus proves nothing', () => {
    expect(provenUntil(heard({}), 100)).to.equal(100)
    expect(provenUntil(heard({ since: 50 }), 100)).to.equal(100)
  })

  it('is later where the bus proved that nothing was missed since', () => {
    const proven = [99, 100, 300, 600].map((sentAt) => provenUntil(heard({ provenSince: 100, until: 500 }), sentAt))
    // What was read before the bus was heard is proved by nothing; what was read later is proved by its reading.
    expect(proven).to.deep.equal([99, 500, 500, 600])
  })
})

describe('the bus of a primary', () => {
  let clock: ManualClock
  let primary: ReturnType<typeof fakePrimary>

  beforeEach(() => {
    clock = manualClock()
    primary = fakePrimary(clock)
  })

  async function prove(): Promise<void> {
    const proof = primary.shard.prove()
    primary.echo()
    await proof
  }

  it('proves nothing before it is heard, nor is it asked', async () => {
    expect(primary.shard.hearing).to.deep.include({ since: undefined, until: NEVER, floor: NEVER })
    expect(await outcome(primary.shard.prove())).to.equal('UnreachableError')
    await primary.shard.keepHearing()
    expect([primary.questions, primary.subscriptions]).to.deep.equal([[], []])
  })

  // A paused process must not count the pause.
  it('proves up to the instant at which it was asked, not at which it answered', async () => {
    await primary.connect()
    clock.pass(100)
    const proof = primary.shard.prove()
    clock.pass(900)
    primary.echo()
    await proof
    expect(primary.shard.hearing).to.deep.include({ since: 0, until: 100 })
  })

  it('proves nothing by the echo of another question', async () => {
    await primary.connect()
    clock.pass(100)
    const proof = outcome(primary.shard.prove())
    for (const text of ['0', '1', '3', '', 'bump 1.a tag']) primary.tell(channels.echo, text)
    primary.tell(channels.bus, primary.questions.at(-1)!)
    await settled()
    expect(primary.shard.hearing.until).to.equal(0)
    primary.echo()
    expect(await proof).to.equal('proved')
    expect(primary.shard.hearing.until).to.equal(100)
  })

  it('is asked one question by all who ask while one is under way, and later than they asked', async () => {
    await primary.connect()
    clock.pass(10)
    const first = primary.shard.prove()
    clock.pass(10)
    const others = [1, 2, 3].map(() => primary.shard.prove())
    primary.echo()
    await first
    expect(primary.shard.hearing.until).to.equal(10)
    primary.echo()
    await Promise.all(others)
    expect(primary.shard.hearing.until).to.equal(20)
    expect(primary.questions).to.have.length(3)
  })

  // A replica's own echo comes back at once, whatever its primary acknowledged meanwhile.
  it('proves nothing before the server has said that it is a primary, or if it is none', async () => {
    await primary.connect()
    clock.pass(100)
    const said = deferred<string>()
    primary.answers.info = () => said.promise
    const proof = outcome(primary.shard.prove())
    primary.echo()
    await settled()
    expect(primary.shard.hearing.until).to.equal(0)
    said.resolve(replication('slave', 'one'))
    expect(await proof).to.equal('NoPrimaryError')
    expect(primary.shard.hearing.until).to.equal(0)
  })

  it('fails a proof under way as soon as it falls silent', async () => {
    await primary.connect()
    clock.pass(100)
    const proof = outcome(primary.shard.prove())
    primary.lose()
    expect(await proof).to.equal('UnreachableError')
    expect(primary.shard.hearing).to.deep.include({ since: undefined, floor: 100 })
  })

  it('proves nothing by an echo from before it was silent', async () => {
    await primary.connect()
    clock.pass(100)
    const published = deferred<number>()
    primary.answers.publish = () => published.promise
    const proof = outcome(primary.shard.prove())
    // The echo came before the loss; the answer to the question comes after the bus is heard again.
    primary.echo()
    primary.lose()
    primary.answers.subscribe = async () => 2
    clock.pass(100)
    const silent = deferred<number>()
    primary.answers.publish = () => silent.promise
    await primary.connect()
    published.resolve(1)
    await proof
    expect(primary.shard.hearing).to.deep.include({ since: 200, floor: 100 })
    expect(primary.shard.hearing.until).to.be.at.most(0)
  })

  // C3: what is known when Redis is lost may answer for `maxStale` after its last validation, the bus's own included.
  it('takes nothing back of what it had proved when it falls silent', async () => {
    await primary.connect()
    clock.pass(500)
    await prove()
    clock.pass(100)
    primary.lose()
    expect(provenUntil(primary.shard.hearing, 100)).to.equal(500)
    // What was read later is proved by its reading alone.
    expect(provenUntil(primary.shard.hearing, 550)).to.equal(550)
  })
})
