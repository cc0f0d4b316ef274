// What a cut connection lost is tried again, later each time, and never beyond its budget.
import { expect } from 'chai'
import { repeated } from '../../../src/connection/repeated.ts'
import { LateError, UnreachableError } from '../../../src/connection/trouble.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

const cut = () => new Error('Connection is closed.')
const settled = () => new Promise(setImmediate)

// T71
describe('what a cut connection lost', () => {
  let clock: ManualClock
  let attempts: number[]

  beforeEach(() => {
    clock = manualClock()
    attempts = []
  })

  /** Tries with these ends, one after the other, and says how it ended. */
  function start(ends: readonly (Error | string)[], { mayTryAgain = true, reconnected = async () => {} } = {}) {
    let attempt = 0
    const work = repeated<string>(clock, 100, {
      attempt: async () => {
        attempts.push(clock.now())
        const end = ends[Math.min(attempt++, ends.length - 1)]!
        if (end === 'never') return new Promise<never>(() => {})
        if (end instanceof Error) throw end
        return end
      },
      mayTryAgain: () => mayTryAgain,
      reconnected,
    })
    return work.then(
      (value) => value,
      (error: Error) => error.message,
    )
  }

  /** Lets time pass in small steps, in which everything else happens. */
  async function pass(ms: number): Promise<void> {
    await settled()
    for (let passed = 0; passed < ms; passed++) {
      clock.pass(1)
      await settled()
    }
  }

  it('is tried again, each time after twice the pause', async () => {
    const end = start([cut(), cut(), cut(), cut(), 'answer'])
    await pass(50)
    expect([await end, attempts]).to.deep.equal(['answer', [0, 2, 6, 14, 30]])
  })

  it('is given up when the next try would begin after its budget', async () => {
    const end = start([cut()])
    await pass(100)
    expect([await end, attempts]).to.deep.equal(['Connection is closed.', [0, 2, 6, 14, 30, 62]])
    expect(clock.timers).to.equal(0)
  })

  it('is late at the end of the budget, however late the last try began', async () => {
    const end = start([cut(), cut(), 'never'])
    await pass(101)
    expect(await end).to.contain('did not answer within 100 ms')
  })

  it('is not tried again for any other trouble, nor where that is of no use', async () => {
    for (const error of [new LateError('late'), new UnreachableError('down'), new Error('OOM command not allowed')]) {
      expect(await start([error, 'answer'])).to.equal(error.message)
    }
    expect(await start([cut(), 'answer'], { mayTryAgain: false })).to.equal('Connection is closed.')
    expect(attempts).to.have.length(4)
  })

  it('waits for the connection, and fails where that is given up', async () => {
    const givenUp = async () => {
      throw new UnreachableError('Redis is not reachable')
    }
    const end = start([cut(), 'answer'], { reconnected: givenUp })
    await pass(10)
    expect([await end, attempts]).to.deep.equal(['Redis is not reachable', [0]])
  })
})
