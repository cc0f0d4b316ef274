// How large a Bloom filter is, and where in it an id leaves its mark.
import { expect } from 'chai'
import fc from 'fast-check'
import { bloomLayout, filterLayout, HEAD_BYTES, positionsOf } from '../../../../src/guard/bloom/layout.ts'
import { expectError } from '../../fixtures/config-error.ts'

describe('the layout of a Bloom filter', () => {
  const sizes: [size: number, errorRate: number, bits: number, hashes: number][] = [
    [100_000, 0.01, 958_506, 7],
    [1_000_000, 0.01, 9_585_059, 7],
    [1_000_000, 0.001, 14_377_588, 10],
    [1, 0.5, 2, 1],
    [10, 0.9, 3, 1],
  ]
  for (const [size, errorRate, bits, hashes] of sizes) {
    it(`takes ${bits} bits and ${hashes} hashes for ${size} ids at ${errorRate}`, () => {
      expect(bloomLayout(size, errorRate)).to.deep.equal({ segments: 1, bits, hashes })
    })
  }

  it('shares the bits among segments that stay below 64 KB with their head, and loses none', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50_000_000 }),
        fc.double({ min: 1e-9, max: 0.99, noNaN: true }),
        (size, errorRate) => {
          const { segments, bits, bytes } = filterLayout(size, errorRate)
          const whole = bloomLayout(size, errorRate)
          expect(HEAD_BYTES + bytes).to.be.below(65_536 - 100)
          expect(bytes).to.equal(Math.ceil(bits / 8))
          expect(segments * bits).to.be.within(whole.bits, whole.bits + segments)
        },
      ),
    )
  })

  it('begins each segment with a head of its own parameters, always equally long', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000_000 }),
        fc.double({ min: 1e-12, max: 0.999, noNaN: true }),
        (size, errorRate) => {
          const { head } = filterLayout(size, errorRate)
          expect(head).to.have.length(HEAD_BYTES)
          expect(head).to.match(/^[0-9a-f]{8} tiercache bloom 1 bitmap /)
          expect(head.trimEnd().endsWith(`size=${size} errorRate=${errorRate}`)).to.equal(true)
        },
      ),
    )
    expect(filterLayout(100, 0.01).head.slice(0, 8)).not.to.equal(filterLayout(101, 0.01).head.slice(0, 8))
    expect(filterLayout(100, 0.01).head.slice(0, 8)).not.to.equal(filterLayout(100, 0.02).head.slice(0, 8))
  })

  it('refuses what takes more than 512 MB', () => {
    const { message } = expectError(() => filterLayout(1_000_000_000, 0.01), 'invalid-size')
    expect(message).to.include('at most 512 MB').and.to.include('got 1000000000')
  })
})

describe('the positions of an id', () => {
  it('lie inside its segment, as many as there are hashes, and are always the same', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: 1, max: 3_000_000 }),
        fc.constantFrom(0.3, 0.01, 0.0001),
        (id, size, errorRate) => {
          const layout = filterLayout(size, errorRate)
          const positions: number[] = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]
          const again: number[] = []
          const segment = positionsOf(id, layout, positions)
          expect(positionsOf(id, layout, again)).to.equal(segment)
          expect(again).to.deep.equal(positions)
          expect(positions).to.have.length(layout.hashes)
          expect(segment).to.be.within(0, layout.segments - 1)
          for (const at of positions) expect(at).to.be.within(0, layout.bits - 1)
        },
      ),
    )
  })

  it('spread over all segments, and over each of them, evenly', () => {
    const layout = filterLayout(1_000_000, 0.01)
    const counts = new Array<number>(layout.segments).fill(0)
    let sum = 0
    const positions: number[] = []
    for (let i = 0; i < 19_000; i++) {
      counts[positionsOf(`${i}`, layout, positions)]!++
      for (const at of positions) sum += at / layout.bits
    }
    // Six standard deviations.
    for (const count of counts) expect(count).to.be.within(1_000 - 200, 1_000 + 200)
    expect(sum / (19_000 * layout.hashes)).to.be.within(0.49, 0.51)
  })
})
