// Ids on their way to Redis: few as offsets, many as a bitmap, and no bit is lost between the two.
import { expect } from 'chai'
import fc from 'fast-check'
import { Batch, type SegmentBits } from '../../../../src/guard/bloom/batch.ts'
import { hasBit } from '../../../../src/guard/bloom/bits.ts'
import { type FilterLayout, filterLayout, HEAD_BYTES, positionsOf } from '../../../../src/guard/bloom/layout.ts'

const isOffsets = (bits: SegmentBits): bits is readonly number[] => Array.isArray(bits)

/** The bits that must be set for these ids, each as `segment:offset`. */
function wantedBits(layout: FilterLayout, ids: readonly string[]): Set<string> {
  const positions: number[] = []
  return new Set(
    ids.flatMap((id) => {
      const segment = positionsOf(id, layout, positions)
      return positions.map((at) => `${segment}:${HEAD_BYTES * 8 + at}`)
    }),
  )
}

function heldBits(batch: Batch): Set<string> {
  return new Set([...batch.segments()].flatMap(([segment, bits]) => offsetsOf(bits).map((at) => `${segment}:${at}`)))
}

function offsetsOf(bits: SegmentBits): readonly number[] {
  if (isOffsets(bits)) return bits
  const all = Array.from({ length: bits.length * 8 }, (_, at) => at)
  return all.filter((at) => at >= HEAD_BYTES * 8 && hasBit(bits, at))
}

describe('a batch of ids', () => {
  it('holds every bit of every id, and none besides', () => {
    const sizes = fc.constantFrom(1, 50, 5_000, 200_000)
    fc.assert(
      fc.property(sizes, fc.array(fc.string(), { maxLength: 400 }), (size, ids) => {
        const layout = filterLayout(size, 0.01)
        const batch = new Batch(layout)
        for (const id of ids) batch.add(id)
        expect(batch.count).to.equal(ids.length)
        expect([...heldBits(batch)].sort()).to.deep.equal([...wantedBits(layout, ids)].sort())
      }),
      { numRuns: 60 },
    )
  })

  it('is a list of offsets for few ids, and a bitmap with its head for many', () => {
    const layout = filterLayout(10_000, 0.01)
    const batch = new Batch(layout)
    batch.add('1')
    expect([...batch.segments()].map(([, bits]) => Array.isArray(bits))).to.deep.equal([true])
    for (let i = 0; i < 1_000; i++) batch.add(`${i}`)
    const [[, bits] = []] = [...batch.segments()]
    expect(bits).to.be.instanceOf(Buffer)
    expect((bits as Buffer).subarray(0, HEAD_BYTES).toString('latin1')).to.equal(layout.head)
    expect(bits).to.have.length(HEAD_BYTES + layout.bytes)
  })

  it('touches no segment without ids', () => {
    expect([...new Batch(filterLayout(1_000_000, 0.01)).segments()]).to.deep.equal([])
  })
})
