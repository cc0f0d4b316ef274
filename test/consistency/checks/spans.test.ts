// Spans are joined and found.
import { expect } from 'chai'
import { Spans } from './spans.ts'

describe('spans of time', () => {
  const spans = new Spans([
    { from: 50, until: 60 },
    { from: 10, until: 20 },
    { from: 15, until: 30 },
    { from: 16, until: 18 },
  ])

  it('overlap whatever touches them', () => {
    for (const [from, until] of [
      [0, 10],
      [25, 26],
      [30, 40],
      [0, 100],
      [55, 55],
    ] as const) {
      expect(spans.overlap(from, until), `${from} to ${until}`).to.equal(true)
    }
    for (const [from, until] of [
      [0, 9],
      [31, 49],
      [61, 99],
    ] as const) {
      expect(spans.overlap(from, until), `${from} to ${until}`).to.equal(false)
    }
  })

  it('end where the last one does that overlaps', () => {
    expect(spans.endOf(12, 14)).to.equal(30)
    expect(spans.endOf(0, 100)).to.equal(60)
    expect(spans.endOf(31, 49)).to.equal(undefined)
    expect(new Spans([]).endOf(0, 1)).to.equal(undefined)
  })
})
