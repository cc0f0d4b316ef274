// A circuit breaker opens on what keeps failing, lets one probe through, and says each change once.
import { expect } from 'chai'
import fc from 'fast-check'
import { CacheConfigError } from '../../../src/errors.ts'
import { BreakerOpenError, type BreakerOptions, breaker } from '../../../src/guard/breaker.ts'
import { deferred } from '../../support/gate.ts'
import { unhandledDuring } from '../../support/unhandled.ts'
import { type ManualClock, manualClock } from '../fixtures/manual-clock.ts'

describe('a circuit breaker', () => {
  let clock: ManualClock
  let changes: string[]

  beforeEach(() => {
    clock = manualClock()
    changes = []
  })

  const make = (options: BreakerOptions = {}) =>
    breaker({ onStateChange: ({ from, to }) => changes.push(`${from} > ${to}`), ...options }, clock)
  const fail = () => Promise.reject(new Error('down'))
  const outcome = (work: Promise<unknown>) =>
    work.then(
      (value) => value,
      (error: Error & { code?: string }) => error.code ?? error.message,
    )
  const repeat = (times: number, action: () => void) => {
    for (let i = 0; i < times; i++) action()
  }

  it('lets everything through while it is closed, and hands on how it ended', async () => {
    const { execute, state } = make()
    expect(await execute(() => 'at once')).to.equal('at once')
    expect(await execute(async () => 'later')).to.equal('later')
    const thrown = () => {
      throw new Error('thrown')
    }
    expect([await outcome(execute(fail)), await outcome(execute(thrown))]).to.deep.equal(['down', 'thrown'])
    expect([state, changes]).to.deep.equal(['closed', []])
  })

  it('opens after five failures in a row, and runs nothing for half a minute', async () => {
    const guarded = make()
    for (let i = 0; i < 5; i++) expect(await outcome(guarded.execute(fail))).to.equal('down')
    expect(guarded.state).to.equal('open')
    let runs = 0
    clock.pass(29_999)
    const error = await guarded.execute(() => ++runs).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(BreakerOpenError).with.property('code', 'breaker-open')
    expect(error).to.have.property('retryIn', 1)
    expect([runs, guarded.isAvailable(), changes]).to.deep.equal([0, false, ['closed > open']])
  })

  it('forgets failures with each success, and whatever came while it was open', () => {
    const guarded = make({ failureThreshold: 3 })
    repeat(20, () => {
      repeat(2, guarded.recordFailure)
      guarded.recordSuccess()
    })
    expect(guarded.state).to.equal('closed')
    repeat(3, guarded.recordFailure)
    repeat(9, guarded.recordSuccess)
    expect(guarded.state).to.equal('open')
    expect(changes).to.deep.equal(['closed > open'])
  })

  // T71
  it('lets exactly one of a crowd be the probe, which closes it', async () => {
    const guarded = make({ failureThreshold: 1 })
    guarded.recordFailure()
    clock.pass(30_000)
    expect(guarded.state).to.equal('open')
    const gate = deferred()
    let runs = 0
    const crowd = Array.from({ length: 50 }, () =>
      outcome(
        guarded.execute(async () => {
          runs++
          await gate.promise
          return 'back'
        }),
      ),
    )
    expect([runs, guarded.state, guarded.isAvailable()]).to.deep.equal([1, 'half-open', false])
    gate.resolve()
    const ends = await Promise.all(crowd)
    expect(ends.filter((end) => end === 'back')).to.have.length(1)
    expect(ends.filter((end) => end === 'breaker-open')).to.have.length(49)
    expect([guarded.state, guarded.isAvailable()]).to.deep.equal(['closed', true])
    expect(changes).to.deep.equal(['closed > open', 'open > half-open', 'half-open > closed'])
  })

  it('lets the first who asks be the probe, where results are recorded by hand', () => {
    const guarded = make({ failureThreshold: 1, recoveryTime: '1s' })
    guarded.recordFailure()
    expect(guarded.isAvailable()).to.equal(false)
    clock.pass(1_000)
    expect([guarded.isAvailable(), guarded.isAvailable(), guarded.state]).to.deep.equal([true, false, 'half-open'])
    guarded.recordFailure()
    expect(guarded.state).to.equal('open')
    clock.pass(999)
    expect(guarded.isAvailable()).to.equal(false)
    clock.pass(1)
    expect(guarded.isAvailable()).to.equal(true)
    guarded.recordSuccess()
    expect(guarded.state).to.equal('closed')
    // One failure too few.
    expect(make({ failureThreshold: 2 }).isAvailable()).to.equal(true)
  })

  it('lets another probe through where the first never came back, without a further change', async () => {
    const guarded = make({ failureThreshold: 1, recoveryTime: '1s' })
    guarded.recordFailure()
    clock.pass(1_000)
    const never = deferred<string>()
    const first = guarded.execute(() => never.promise)
    clock.pass(1_000)
    expect(guarded.isAvailable()).to.equal(true)
    expect(changes).to.deep.equal(['closed > open', 'open > half-open'])
    // The first comes back after all: it is not the probe any more.
    never.resolve('late')
    expect(await first).to.equal('late')
    expect(guarded.state).to.equal('half-open')
  })

  it('does not count what was begun before it opened', async () => {
    const guarded = make({ failureThreshold: 1, recoveryTime: '1s' })
    const slow = deferred<string>()
    const begun = outcome(guarded.execute(() => slow.promise))
    guarded.recordFailure()
    clock.pass(1_000)
    expect(guarded.isAvailable()).to.equal(true)
    slow.reject(new Error('late failure'))
    await begun
    expect(guarded.state).to.equal('half-open')
    guarded.recordSuccess()
    expect(guarded.state).to.equal('closed')
  })

  it('opens by rate from the share of failures within its window, once there were enough attempts', () => {
    const guarded = make({ rate: 0.5, window: '10s', minimum: 10 })
    repeat(9, guarded.recordFailure)
    expect(guarded.state).to.equal('closed')
    guarded.recordFailure()
    expect(guarded.state).to.equal('open')
    const mixed = make({ rate: 0.5, window: '10s', minimum: 10 })
    repeat(100, () => {
      mixed.recordSuccess()
      mixed.recordSuccess()
      mixed.recordFailure()
    })
    expect(mixed.state).to.equal('closed')
    repeat(100, mixed.recordFailure)
    expect(mixed.state).to.equal('open')
  })

  it('forgets by rate what lies behind its window', () => {
    const guarded = make({ rate: 0.5, window: '10s', minimum: 10 })
    repeat(9, guarded.recordFailure)
    clock.pass(10_001)
    guarded.recordFailure()
    expect(guarded.state).to.equal('closed')
    repeat(8, guarded.recordFailure)
    expect(guarded.state).to.equal('closed')
    guarded.recordFailure()
    expect(guarded.state).to.equal('open')
  })

  it('does not open by rate on a success', () => {
    const guarded = make({ rate: 0.5, minimum: 4 })
    repeat(3, guarded.recordFailure)
    guarded.recordSuccess()
    expect(guarded.state).to.equal('closed')
    guarded.recordFailure()
    expect(guarded.state).to.equal('open')
  })

  it('counts only the errors that are failures of what it guards', async () => {
    const guarded = make({ failureThreshold: 1, isFailure: (error) => (error as Error).message !== 'not found' })
    await outcome(guarded.execute(() => Promise.reject(new Error('not found'))))
    expect(guarded.state).to.equal('closed')
    await outcome(guarded.execute(fail))
    expect(guarded.state).to.equal('open')
  })

  // T75
  it('goes on where the functions it was given throw: the error counts, and reaches the caller', async () => {
    const broken = () => {
      throw new Error('broken')
    }
    const guarded = make({ failureThreshold: 1, isFailure: broken, onStateChange: broken })
    expect(await outcome(guarded.execute(fail))).to.equal('down')
    expect(guarded.state).to.equal('open')
  })

  // T72
  it('goes on where they reject: a promise says nothing, and no rejection is left to end the process', async () => {
    const broken = async () => {
      throw new Error('broken')
    }
    const guarded = make({ failureThreshold: 1, isFailure: broken as never, onStateChange: broken as never })
    expect(await unhandledDuring(() => outcome(guarded.execute(fail)))).to.deep.equal([])
    expect(guarded.state).to.equal('open')
  })

  it('holds no timer', () => {
    const guarded = make({ failureThreshold: 1 })
    guarded.recordFailure()
    clock.pass(30_000)
    guarded.isAvailable()
    expect(clock.timers).to.equal(0)
  })

  const steps: Readonly<Record<string, (guarded: ReturnType<typeof breaker>, time: ManualClock) => unknown>> = {
    ask: (guarded, time) => guarded.isAvailable() && guarded.state === 'half-open' && time.now(),
    success: (guarded) => guarded.recordSuccess(),
    failure: (guarded) => guarded.recordFailure(),
    pass: (_guarded, time) => time.pass(400),
  }
  for (const options of [{ rate: 0.5, minimum: 3, window: '2s' as const }, { failureThreshold: 3 }]) {
    const names = fc.array(fc.constantFrom(...Object.keys(steps)), { maxLength: 200 })
    it(`never has two probes under way, and opens only by what it is told, with ${JSON.stringify(options)}`, () => {
      fc.assert(
        fc.property(names, (chosen) => {
          const log = play(options, chosen)
          const told = ['closed', ...log.filter((entry) => typeof entry === 'string')]
          expect(told.filter((name, i) => name === told[i + 1])).to.deep.equal([])
          // Probes of one half-open stretch are at least the recovery time apart.
          const gaps = split(log).flatMap((stretch) => stretch.slice(1).map((at, i) => at - stretch[i]!))
          expect(gaps.filter((gap) => gap < 1_000)).to.deep.equal([])
        }),
      )
    })
  }

  /** The changes of state, and the instants of probes. */
  function play(options: BreakerOptions, chosen: readonly string[]): unknown[] {
    const time = manualClock()
    const log: unknown[] = []
    const guarded = breaker({ ...options, recoveryTime: '1s', onStateChange: ({ to }) => log.push(to) }, time)
    for (const name of chosen) log.push(steps[name]!(guarded, time))
    return log.filter((entry) => typeof entry === 'string' || typeof entry === 'number')
  }

  /** The instants of probes, from one change of state to the next. */
  function split(log: readonly unknown[]): number[][] {
    const stretches: number[][] = [[]]
    for (const entry of log) {
      if (typeof entry === 'number') stretches.at(-1)!.push(entry)
      else stretches.push([])
    }
    return stretches
  }

  const wrong: readonly [options: object, message: RegExp][] = [
    [{ failureThreshold: 0 }, /`failureThreshold` to be a whole number of at least 1, got 0/],
    [{ failureThreshold: 1.5 }, /`failureThreshold`/],
    [{ failureThreshold: null as never }, /`failureThreshold` to be a whole number of at least 1, got null/],
    [{ recoveryTime: -1 }, /`recoveryTime` to be a duration/],
    [{ rate: 0 }, /`rate` to be a number above 0 and at most 1, got 0/],
    [{ rate: 1.1 }, /`rate`/],
    [{ rate: '50%' }, /`rate`/],
    [{ rate: 0.5, minimum: 0 }, /`minimum`/],
    [{ rate: 0.5, window: 'soon' }, /`window`/],
    [{ rate: 0.5, failureThreshold: 5 }, /either `failureThreshold` or `rate`/],
    [{ window: '10s' }, /`window` needs `rate`/],
    [{ onStateChange: 'log' }, /`onStateChange` to be a function/],
    [{ failureTreshold: 5 }, /Unknown option `failureTreshold`. Did you mean `failureThreshold`\?/],
  ]
  for (const [options, message] of wrong) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => breaker(options as BreakerOptions)).to.throw(CacheConfigError, message)
    })
  }
})
