// Handlers that are left alone for a while.
import { expect } from 'chai'
import { Backoffs } from '../../../src/guard/backoffs.ts'

describe('a handler that failed', () => {
  it('is left alone until its instant, for its key only', () => {
    const backoffs = new Backoffs()
    backoffs.failed('a', 100)
    expect([99, 100].map((now) => backoffs.has('a', now))).to.deep.equal([true, false])
    expect(backoffs.has('b', 0)).to.equal(false)
  })

  it('is asked again once it succeeded', () => {
    const backoffs = new Backoffs()
    backoffs.failed('a', 100)
    backoffs.succeeded('a')
    backoffs.succeeded('b')
    expect(backoffs.has('a', 0)).to.equal(false)
    backoffs.failed('a', 300)
    expect(backoffs.has('a', 200)).to.equal(true)
  })
})
