// Lives that are drawn, and ended early by chance.
import { expect } from 'chai'
import fc from 'fast-check'
import { isDueEarly, lifeFactor } from '../../../src/guard/lives.ts'
import { entryOf } from '../fixtures/entry.ts'

describe('a drawn life', () => {
  // T66
  it('lies between both bounds, whatever is drawn', () => {
    const bounds = fc.tuple(
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
      fc.double({ min: 1e-6, max: 10, noNaN: true }),
    )
    fc.assert(
      fc.property(bounds, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ([a, b], drawn) => {
        const range = [Math.min(a, b), Math.max(a, b)] as const
        expect(lifeFactor(range, () => drawn)).to.be.within(range[0], range[1])
      }),
    )
  })

  it('takes up the whole range evenly', () => {
    expect([0, 0.5, 1].map((drawn) => lifeFactor([0.8, 1.2], () => drawn))).to.deep.equal([0.8, 1, 1.2])
  })
})

describe('an early refresh', () => {
  // now − δ·β·ln(rand) ≥ expiry, with δ = 100 ms and the expiry 1 s ahead: rand ≤ e^-10 at β = 1.
  const entry = { ...entryOf(), staleAt: 1_000, cost: 100 }

  it('comes exactly where the formula says', () => {
    const edge = Math.exp(-10)
    expect(isDueEarly(entry, 1, 0, () => edge * 0.999)).to.equal(true)
    expect(isDueEarly(entry, 1, 0, () => edge * 1.001)).to.equal(false)
    expect(isDueEarly(entry, 2, 0, () => Math.exp(-5) * 0.999)).to.equal(true)
  })

  it('never comes for what cost nothing, and always at the end of the life', () => {
    expect(isDueEarly({ ...entry, cost: undefined }, 1, 999, () => 1e-300)).to.equal(false)
    expect(isDueEarly(entry, 1, 1_000, () => 0.999)).to.equal(true)
  })

  it('comes where nothing at all was drawn', () => {
    expect(isDueEarly(entry, 1, 0, () => 0)).to.equal(true)
  })
})
