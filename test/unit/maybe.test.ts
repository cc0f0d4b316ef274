// What can be answered at once is, and whatever a foreign function does becomes a value.
import { expect } from 'chai'
import { andThen, attempt } from '../../src/maybe.ts'
import { thenable } from './fixtures/thenable.ts'

const boom = new Error('boom')

describe('andThen', () => {
  it('goes on at once with a value, even with undefined', () => {
    expect(andThen(1, (value) => value + 1)).to.equal(2)
    expect(andThen(undefined, (value) => [value])).to.deep.equal([undefined])
  })

  it('goes on later with a promise, and hands on what it rejects with', async () => {
    expect(await andThen(Promise.resolve(1), (value) => value + 1)).to.equal(2)
    const failed = andThen(Promise.reject(boom), () => 'not called') as Promise<unknown>
    expect(await failed.catch((error: unknown) => error)).to.equal(boom)
  })
})

describe('andThen after promises of other libraries', () => {
  it('goes on with what they resolve to', async () => {
    const foreign = thenable((resolve) => resolve(1)) as Promise<number>
    expect(await andThen(foreign, (value) => value + 1)).to.equal(2)
  })
})

describe('attempt', () => {
  const failed = (error: unknown) => ['failed', error]

  it('answers at once where the function does', () => {
    expect(attempt(() => 1, failed)).to.equal(1)
    expect(attempt(() => undefined, failed)).to.equal(undefined)
  })

  it('answers at once where the function throws', () => {
    expect(
      attempt(() => {
        throw boom
      }, failed),
    ).to.deep.equal(['failed', boom])
  })

  it('answers for one that rejects', async () => {
    expect(await attempt(() => Promise.resolve(1), failed)).to.equal(1)
    expect(await attempt(() => Promise.reject(boom), failed)).to.deep.equal(['failed', boom])
  })

  it('turns foreign promises into native ones', async () => {
    const good = attempt(() => thenable((resolve) => resolve(1)) as never, failed)
    const bad = attempt(() => thenable((_resolve, reject) => reject(boom)) as never, failed)
    expect([good, bad]).to.satisfy((all: unknown[]) => all.every((one) => one instanceof Promise))
    expect(await Promise.all([good, bad])).to.deep.equal([1, ['failed', boom]])
  })
})
