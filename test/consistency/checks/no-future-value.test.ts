// The checker sees values that nobody can have known.
import { expect } from 'chai'
import { history, read, write } from './hand-written.ts'
import { noFutureValue } from './no-future-value.ts'

describe('the checker of future values', () => {
  const writes = [write({ value: 1, start: 10, end: 20 })]
  const judged = (value: number, start: number, end = start) =>
    noFutureValue.judge(history({ writes, reads: [read({ value, start, end })] }))

  it('accepts the first value, and one that was being written before the reading was over', () => {
    expect(judged(0, 5)).to.deep.equal([])
    expect(judged(1, 5, 10)).to.deep.equal([])
    expect(judged(1, 30)).to.deep.equal([])
  })

  it('refuses a value before anyone began to write it', () => {
    const [violation] = judged(1, 5, 9)
    expect(violation?.message).to.equal('a value before anyone began to write it')
    expect(violation?.operations.map(({ op }) => op)).to.deep.equal(['read', 'write'])
  })

  it('refuses a value that nobody wrote, of another tag or of none', () => {
    expect(judged(2, 30)[0]?.message).to.equal('a value that nobody wrote')
    expect(judged(Number.NaN, 30)).to.have.length(1)
    const elsewhere = history({ writes, reads: [read({ value: 1, start: 30, tag: 'other' })] })
    expect(noFutureValue.judge(elsewhere)).to.have.length(1)
  })
})
