// Ids on their way to a server that hashes them itself: every id once, in order, in pieces that a script can take.
import { expect } from 'chai'
import fc from 'fast-check'
import { IdPieces } from '../../../../src/guard/bloom/id-pieces.ts'

function piecesOf(ids: readonly string[]): readonly (readonly string[])[] {
  const batch = new IdPieces()
  for (const id of ids) batch.add(id)
  return batch.pieces()
}

describe('ids in pieces', () => {
  it('are all there, in order, 2,000 and 128 Ki characters a piece at most unless one is longer', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 140_000 }), { maxLength: 50 }), fc.nat({ max: 5_000 }), (lengths, short) => {
        const ids = [...lengths.map((length) => 'x'.repeat(length)), ...Array.from({ length: short }, (_, i) => `${i}`)]
        const pieces = piecesOf(ids)
        expect(pieces.flat()).to.deep.equal(ids)
        for (const piece of pieces) {
          expect(piece.length).to.be.within(1, 2_000)
          if (piece.length > 1) expect(piece.join('').length).to.be.at.most(131_072)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('of none are none', () => {
    expect(piecesOf([])).to.deep.equal([])
  })

  it('make a batch full after about 32,000', () => {
    const batch = new IdPieces()
    let count = 0
    while (!batch.isFull) batch.add(`${count++}`)
    expect(count).to.equal(32_001)
  })
})
