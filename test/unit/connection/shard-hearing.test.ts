// When the bus of one primary is heard, and what puts in doubt what was heard before.
import { expect } from 'chai'
import { deferred } from '../../support/gate.ts'
import { channels, fakePrimary, settled } from '../fixtures/fake-primary.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

describe('the bus of a primary', () => {
  let clock: ManualClock
  let primary: ReturnType<typeof fakePrimary>

  beforeEach(() => {
    clock = manualClock()
    primary = fakePrimary(clock)
  })

  it('is heard from the instant at which both channels were subscribed, and is asked for a proof at once', async () => {
    const subscribed = deferred<unknown>()
    primary.answers.subscribe = () => subscribed.promise
    await primary.connect()
    expect(primary.subscriptions).to.deep.equal([[channels.bus, channels.echo]])
    expect([primary.shard.hearing.since, primary.questions]).to.deep.equal([undefined, []])
    clock.pass(50)
    subscribed.resolve(2)
    await settled()
    expect([primary.shard.hearing.since, primary.questions]).to.deep.equal([50, ['1']])
  })

  it('is subscribed once for each connection, however often it is looked after', async () => {
    await primary.connect()
    const kept = primary.shard.keepHearing()
    primary.echo()
    await kept
    expect(primary.subscriptions).to.have.length(1)
    primary.lose()
    await primary.shard.keepHearing()
    expect(primary.subscriptions).to.have.length(1)
    await primary.connect()
    expect(primary.subscriptions).to.have.length(2)
  })

  it('says once that it cannot be heard, and once that it can, when it is tried again', async () => {
    primary.answers.subscribe = async () => {
      throw Object.assign(new Error('NOPERM No permissions to access a channel'), { name: 'ReplyError' })
    }
    await primary.connect()
    await primary.shard.keepHearing()
    expect([primary.subscriptions.length, primary.shard.hearing.since]).to.deep.equal([2, undefined])
    primary.answers.subscribe = async () => 2
    const heard = primary.shard.keepHearing()
    await settled()
    primary.echo()
    await heard
    expect(primary.shard.hearing.since).to.equal(0)
    expect(primary.events.map((event) => event.type === 'trouble' && [event.operation, event.kind])).to.deep.equal([
      ['bus', 'auth'],
      ['bus', undefined],
    ])
  })

  it('is not heard where its connection was lost while it was being subscribed', async () => {
    const subscribed = deferred<unknown>()
    primary.answers.subscribe = () => subscribed.promise
    await primary.connect()
    primary.lose()
    subscribed.resolve(2)
    await settled()
    expect([primary.shard.hearing.since, primary.questions]).to.deep.equal([undefined, []])
  })

  it('hands on what is told there, and keeps its echoes to itself', async () => {
    await primary.connect()
    primary.tell(channels.bus, 'bump 1.a tag')
    primary.tell(channels.echo, '1')
    primary.tell(channels.bus, 'anything')
    expect(primary.messages).to.deep.equal(['bump 1.a tag', 'anything'])
  })

  it('is torn down where it owes an answer for long, and is in doubt from then on', async () => {
    await primary.connect()
    clock.pass(100)
    const kept = primary.shard.keepHearing()
    clock.pass(399)
    await settled()
    expect([primary.counts.torn, primary.shard.hearing.since]).to.deep.equal([0, 0])
    clock.pass(1)
    await kept
    expect([primary.counts.torn, primary.shard.hearing.since]).to.deep.equal([1, undefined])
    expect(primary.shard.hearing.floor).to.equal(500)
  })

  // T59
  it('puts in doubt what was validated before it fell silent, and again where it is told to doubt', async () => {
    await primary.connect()
    clock.pass(300)
    primary.lose()
    expect(primary.shard.hearing.floor).to.equal(300)
    clock.pass(100)
    await primary.connect()
    expect(primary.shard.hearing).to.deep.include({ since: 400, until: 400, floor: 300 })
    clock.pass(100)
    primary.shard.doubt()
    expect(primary.shard.hearing).to.deep.include({ since: 400, until: 400, floor: 500 })
  })
})
