// The checkers of C1, C2 and C3 accept what may lag and refuse what may not.
import { expect } from 'chai'
import { bounded } from './bounded.ts'
import { degraded } from './degraded.ts'
import {
  bounded as boundedRoute,
  degradedHit,
  history,
  hit,
  read,
  strong as strongRoute,
  write,
} from './hand-written.ts'
import { ownWrites } from './own-writes.ts'
import { strong } from './strong.ts'

describe('the checkers of staleness', () => {
  /** B reads what A overwrote at 100. */
  const reads = (start: number, parts: Partial<Parameters<typeof read>[0]> = {}) =>
    history({
      writes: [write({ value: 1, start: 90, end: 100 })],
      reads: [read({ value: 0, start, process: 'B', ...parts })],
    })

  it('refuse of a strong route whatever was old when it was asked for', () => {
    expect(strong.judge(reads(100, { route: strongRoute }))).to.have.length(1)
    expect(strong.judge(reads(99, { route: strongRoute, end: 500 }))).to.deep.equal([])
    expect(strong.judge(reads(100, { route: strongRoute, value: 1 }))).to.deep.equal([])
    expect(strong.judge(reads(5_000))).to.deep.equal([])
  })

  it('refuse of a bounded route what was old for as long as its bound', () => {
    expect(bounded.judge(reads(1_099))).to.deep.equal([])
    const [violation] = bounded.judge(reads(1_100))
    expect(violation?.message).to.equal('0 was read 1000 ms after 1 was acknowledged, 1000 ms are allowed')
    expect(violation?.operations.map(({ op }) => op)).to.deep.equal(['write', 'read'])
  })

  it('let an answer lag more only where it says so, and for no longer than it may', () => {
    expect(bounded.judge(reads(3_000, { label: degradedHit }))).to.deep.equal([])
    expect(degraded.judge(reads(3_099, { label: degradedHit }))).to.deep.equal([])
    expect(degraded.judge(reads(3_100, { label: degradedHit }))).to.have.length(1)
  })

  it('refuse an answer of the writing process that is behind its own write, whatever it says', () => {
    for (const label of [hit, degradedHit]) {
      expect(ownWrites.judge(reads(100, { process: 'A', label }))).to.have.length(1)
      expect(ownWrites.judge(reads(99, { process: 'A', label }))).to.deep.equal([])
      expect(ownWrites.judge(reads(100, { label }))).to.deep.equal([])
    }
  })

  it('bind the writing process to a write that Redis did not confirm', () => {
    const local = write({ value: 1, start: 90, end: 100, applied: 'locally' })
    const late = read({ value: 0, start: 100, route: boundedRoute })
    expect(ownWrites.judge(history({ writes: [local], reads: [late] }))).to.have.length(1)
  })
})
