// What a primary's answers about itself change: the history of its data, its clock, and the slots it owns.
import { expect } from 'chai'
import { UNKNOWN_GENERATION } from '../../../src/connection/vitals.ts'
import { deferred } from '../../support/gate.ts'
import { fakePrimary, replication } from '../fixtures/fake-primary.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

describe('a primary that is checked', () => {
  let clock: ManualClock
  let primary: ReturnType<typeof fakePrimary>

  beforeEach(() => {
    clock = manualClock()
    primary = fakePrimary(clock, { cluster: true })
  })

  it('has no history before it was', () => {
    expect([primary.shard.generation, primary.shard.serverTime]).to.deep.equal(['', undefined])
  })

  it('tells of each change of its history, once it is known by its new name', async () => {
    const seen: (string | number)[][] = []
    for (const history of ['one', 'one', 'two', 'two', 'one']) {
      primary.answers.info = async () => replication('master', history)
      await primary.shard.check()
      seen.push([primary.shard.generation, primary.counts.changes])
    }
    expect(seen).to.deep.equal([
      ['one', 1],
      ['one', 1],
      ['two', 2],
      ['two', 2],
      ['one', 3],
    ])
  })

  it('has the clock of its last answer, also where that went back or is told no more', async () => {
    const times = [
      ['5', '1'],
      ['3', '2'],
    ]
    for (const [seconds, rest] of times) {
      primary.answers.time = async () => [seconds!, rest!]
      await primary.shard.feel()
      expect(primary.shard.serverTime).to.equal(Number(seconds) * 1e6 + Number(rest))
    }
    primary.answers.time = async () => {
      throw new Error("NOPERM User default has no permissions to run the 'time' command")
    }
    await primary.shard.feel()
    expect(primary.shard.serverTime).to.equal(undefined)
  })

  it('puts in doubt what was validated before slots moved', async () => {
    await primary.shard.feel()
    clock.pass(100)
    await primary.shard.feel()
    expect(primary.shard.hearing.floor).to.be.below(100)
    primary.answers.cluster = async () => 'cluster_current_epoch:7'
    await primary.shard.feel()
    expect(primary.shard.hearing.floor).to.equal(100)
  })

  it('says once that nobody can tell its histories apart', async () => {
    primary.answers.info = async () => {
      throw new Error("NOPERM User default has no permissions to run the 'info' command")
    }
    for (let i = 0; i < 3; i++) await primary.shard.check()
    expect(primary.shard.generation).to.equal(UNKNOWN_GENERATION)
    expect(primary.events.map((event) => event.type === 'trouble' && [event.operation, event.kind])).to.deep.equal([
      ['generation', 'auth'],
    ])
  })

  it('changes nothing where it turns out to be a replica, or does not answer', async () => {
    await primary.shard.check()
    const { generation, serverTime, hearing } = primary.shard
    for (const info of [
      async () => replication('slave', 'two'),
      async (): Promise<never> => {
        throw new Error('Connection is closed.')
      },
    ]) {
      primary.answers.info = info
      primary.answers.time = async () => ['9', '9']
      expect(await primary.shard.check().catch((error: Error) => error.message)).to.be.a('string')
      expect([primary.shard.generation, primary.shard.serverTime, primary.shard.hearing]).to.deep.equal([
        generation,
        serverTime,
        hearing,
      ])
    }
    expect(primary.counts.changes).to.equal(1)
  })

  it('is asked anew for whoever asks while it answers', async () => {
    const slow = deferred<string>()
    primary.answers.info = () => slow.promise
    const early = primary.shard.check()
    primary.answers.info = async () => replication('master', 'two')
    const later = primary.shard.check()
    slow.resolve(replication('master', 'one'))
    await early
    await later
    expect([primary.shard.generation, primary.counts.changes]).to.deep.equal(['two', 2])
  })
})
