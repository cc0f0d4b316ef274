// The marks of a filter of the server's own: others than those of any other parameters, and enough of them.
import { expect } from 'chai'
import { filterLayout } from '../../../../src/guard/bloom/layout.ts'
import { marksOf } from '../../../../src/guard/bloom/marks.ts'

describe('the marks of a filter', () => {
  for (const [errorRate, count] of [
    [0.01, 5],
    [0.1, 9],
    [0.000_000_000_1, 1],
    [0.5, 30],
    [0.99, 64],
  ] as const) {
    it(`are ${count} at an error rate of ${errorRate}, so that another filter seldom seems to hold them`, () => {
      const marks = marksOf(filterLayout(1_000, errorRate))
      expect(new Set(marks).size).to.equal(count)
    })
  }

  it('differ where the size or the error rate differs', () => {
    const all = [filterLayout(1_000, 0.01), filterLayout(1_001, 0.01), filterLayout(1_000, 0.02)].map(marksOf)
    expect(new Set(all.flat()).size).to.equal(all.flat().length)
  })
})
