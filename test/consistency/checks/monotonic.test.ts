// The checker of monotonic reads sees a session go back in time.
import { expect } from 'chai'
import type { History, Read } from '../history.ts'
import { history, miss, read, strong } from './hand-written.ts'
import { monotonic } from './monotonic.ts'

describe('the checker of monotonic reads', () => {
  const judged = (reads: readonly Read[], parts: Partial<History> = {}) => monotonic.judge(history({ reads, ...parts }))
  const later = read({ value: 2, start: 10 })

  it('refuses an older value after a newer one', () => {
    const [violation] = judged([later, read({ value: 1, start: 20 })])
    expect(violation?.operations.map(({ value }) => value)).to.deep.equal([2, 1])
    expect(judged([later, read({ value: 2, start: 20 }), read({ value: 3, start: 30 })])).to.deep.equal([])
  })

  it('compares only reads of one session, on one process, of one route and tag', () => {
    for (const parts of [{ session: 'x' }, { process: 'B' }, { route: strong }, { tag: 'x' }]) {
      expect(judged([later, read({ value: 1, start: 20, ...parts })])).to.deep.equal([])
    }
  })

  it('does not expect the cache to remember what a run told its asker alone', () => {
    const alone = { ...later, label: { ...miss, stored: false } }
    expect(judged([alone, read({ value: 1, start: 20 })])).to.deep.equal([])
    expect(judged([{ ...later, label: miss }, read({ value: 1, start: 20 })])).to.have.length(1)
  })

  it('leaves out what was read while Redis was away', () => {
    const outages = [{ from: 15, until: 25 }]
    expect(judged([later, read({ value: 1, start: 20 })], { outages })).to.deep.equal([])
    expect(judged([later, read({ value: 1, start: 30 })], { outages })).to.have.length(1)
  })
})
