// A storm of equal work costs two runs, and everyone is answered by one that began after they asked.
import { expect } from 'chai'
import fc from 'fast-check'
import { Coalesced } from '../../src/coalesced.ts'
import { type Deferred, deferred } from '../support/gate.ts'

describe('coalesced work', () => {
  let runs: Deferred<void>[]
  let coalesced: Coalesced
  const work = () => {
    const run = deferred()
    runs.push(run)
    return run.promise
  }

  beforeEach(() => {
    runs = []
    coalesced = new Coalesced()
  })

  it('begins at once where none is under way', async () => {
    const running = coalesced.run('a', work)
    expect(runs).to.have.length(1)
    runs[0]?.resolve()
    await running
  })

  // T62
  it('runs once more for all who asked meanwhile, after the present run', async () => {
    const first = coalesced.run('a', work)
    const others = Array.from({ length: 100 }, () => coalesced.run('a', work))
    expect(runs).to.have.length(1)
    expect(new Set(others).size).to.equal(1)
    runs[0]?.resolve()
    await first
    await new Promise(setImmediate)
    expect(runs).to.have.length(2)
    runs[1]?.resolve()
    await Promise.all(others)
    expect(runs).to.have.length(2)
  })

  it('is separate by name', () => {
    for (const name of ['a', 'b', '__proto__']) void coalesced.run(name, work)
    expect(runs).to.have.length(3)
  })

  it('that fails tells those it was for, and the next run begins all the same', async () => {
    const first = coalesced.run('a', work)
    const second = coalesced.run('a', work)
    runs[0]?.reject(new Error('lost'))
    expect(await first.catch((error: Error) => error.message)).to.equal('lost')
    await new Promise(setImmediate)
    runs[1]?.resolve()
    await second
    const third = coalesced.run('a', work)
    expect(runs).to.have.length(3)
    runs[2]?.resolve()
    await third
  })

  it('answers everyone by a run that began after they asked', async () => {
    const steps = fc.array(fc.constantFrom('ask', 'resolve', 'reject'), { maxLength: 30 })
    await fc.assert(fc.asyncProperty(steps, beganAfterAsked), { numRuns: 50 })
  })
})

/** Asks and ends runs in the given order; then ends all that is left. */
async function beganAfterAsked(steps: readonly ('ask' | 'resolve' | 'reject')[]): Promise<void> {
  const coalesced = new Coalesced()
  const underWay: Deferred<void>[] = []
  const answers: Promise<{ askedAt: number; begunAt: number }>[] = []
  let clock = 0
  let lastEnded = -1

  async function begin(): Promise<void> {
    const begunAt = clock++
    const gate = deferred()
    underWay.push(gate)
    await gate.promise.finally(() => {
      lastEnded = begunAt
    })
  }

  function ask(): void {
    const askedAt = clock++
    const answered = () => ({ askedAt, begunAt: lastEnded })
    answers.push(coalesced.run('a', begin).then(answered, answered))
  }

  async function end(how: 'resolve' | 'reject'): Promise<void> {
    underWay.shift()?.[how](new Error('lost') as never)
    await new Promise(setImmediate)
  }

  for (const step of steps) await (step === 'ask' ? ask() : end(step))
  while (underWay.length > 0) await end('resolve')
  for (const { askedAt, begunAt } of await Promise.all(answers)) expect(begunAt).to.be.greaterThan(askedAt)
}
