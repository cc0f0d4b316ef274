// The checker of C0 sees an old answer return to a process that had validated since.
import { expect } from 'chai'
import type { Read, Write } from '../history.ts'
import { degradedHit, history, miss, read, strong, write } from './hand-written.ts'
import { nothingComesBack } from './nothing-comes-back.ts'

describe('the checker that nothing comes back', () => {
  const overwriting = write({ value: 1, start: 90, end: 100, process: 'B' })
  const judged = (reads: readonly Read[], writes: readonly Write[] = [], births = new Map([['A', -1_000]])) =>
    nothingComesBack.judge(history({ reads, writes: [overwriting, ...writes], births }))
  /** Without Redis nothing else is said of an answer that is so old. */
  const old = read({ value: 0, start: 2_000, label: degradedHit })

  it('accepts an old answer of a process that may not have validated', () => {
    expect(judged([old])).to.deep.equal([])
    expect(judged([read({ value: 0, start: 500, end: 501 }), old])).to.deep.equal([])
    expect(judged([read({ value: 1, start: 1_050, end: 1_060 }), old])).to.deep.equal([])
  })

  it('refuses it after an answer out of memory that was validated since', () => {
    const [violation] = judged([read({ value: 1, start: 1_150, end: 1_160 }), old])
    expect(violation?.operations.map(({ op, value }) => `${op} ${value}`)).to.deep.equal([
      'write 1',
      'read 1',
      'read 0',
    ])
  })

  it('refuses it after a strong answer out of memory', () => {
    expect(judged([read({ value: 1, start: 101, end: 102, route: strong }), old])).to.have.length(1)
    expect(judged([read({ value: 1, start: 99, end: 102, route: strong }), old])).to.deep.equal([])
  })

  it('refuses it after a bump of the process itself', () => {
    const own = write({ value: 2, start: 150, end: 160 })
    expect(judged([read({ value: 0, start: 150, label: degradedHit })], [own])).to.deep.equal([])
    expect(judged([read({ value: 0, start: 160, label: degradedHit })], [own])).to.have.length(1)
  })

  it('refuses it of a process that began later', () => {
    expect(judged([old], [], new Map([['A', 101]]))).to.have.length(1)
    expect(judged([old], [], new Map([['A', 99]]))).to.deep.equal([])
  })

  it('learns nothing from a run, nor from an answer without Redis', () => {
    for (const label of [miss, degradedHit]) {
      expect(judged([read({ value: 1, start: 1_150, end: 1_160, label }), old])).to.deep.equal([])
    }
  })

  it('learns nothing from an answer that was not over when the old one was asked for', () => {
    expect(judged([read({ value: 1, start: 1_150, end: 2_001 }), old])).to.deep.equal([])
  })
})
