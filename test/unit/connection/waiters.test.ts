// Those who wait for Redis are let go together: by its answer, by the end, or each at its own deadline.
import { expect } from 'chai'
import { Waiters } from '../../../src/connection/waiters.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

const late = () => new Error('late')
const turn = () => new Promise(setImmediate)

describe('those who wait', () => {
  let clock: ManualClock
  let waiters: Waiters

  beforeEach(() => {
    clock = manualClock()
    waiters = new Waiters(clock)
  })

  /** Waits, and says how it ended. */
  const wait = (ms: number, name = 'waiter', log: string[] = []) =>
    waiters
      .wait(ms, late)
      .then(
        () => 'resolved',
        ({ message }: Error) => message,
      )
      .then((end) => {
        log.push(`${name} ${end}`)
        return end
      })

  it('are let go together, whatever their deadlines', async () => {
    const waiting = Promise.all([wait(10), wait(1_000), wait(Number.POSITIVE_INFINITY)])
    waiters.resolve()
    expect(await waiting).to.deep.equal(['resolved', 'resolved', 'resolved'])
    expect(clock.timers).to.equal(0)
  })

  it('are told why there is nothing to wait for any more', async () => {
    const waiting = Promise.all([wait(10), wait(1_000)])
    waiters.reject(new Error('closed'))
    expect(await waiting).to.deep.equal(['closed', 'closed'])
    expect(clock.timers).to.equal(0)
  })

  it('give up each at its own deadline, and not before', async () => {
    const log: string[] = []
    const waiting = [wait(100, 'short', log), wait(200, 'long', log)]
    clock.pass(99)
    await turn()
    expect(log).to.deep.equal([])
    clock.pass(1)
    await waiting[0]
    clock.pass(99)
    await turn()
    expect(log).to.deep.equal(['short late'])
    clock.pass(1)
    await waiting[1]
    expect(log).to.deep.equal(['short late', 'long late'])
  })

  it('wait for the next answer: the one before they came is no answer to them', async () => {
    waiters.resolve()
    const log: string[] = []
    const waiting = wait(1_000, 'later', log)
    await turn()
    expect(log).to.deep.equal([])
    waiters.resolve()
    expect(await waiting).to.equal('resolved')
  })

  it('take the first of several ends', async () => {
    const waiting = wait(10)
    waiters.resolve()
    waiters.reject(new Error('closed'))
    clock.pass(10)
    expect(await waiting).to.equal('resolved')
  })

  it('who gave up are told nothing more', async () => {
    const log: string[] = []
    const gone = wait(10, 'gone', log)
    clock.pass(10)
    await gone
    const other = wait(1_000, 'other', log)
    waiters.resolve()
    await other
    expect(log).to.deep.equal(['gone late', 'other resolved'])
  })

  it('may be nobody', () => {
    waiters.resolve()
    waiters.reject(new Error('closed'))
    expect(clock.timers).to.equal(0)
  })
})
