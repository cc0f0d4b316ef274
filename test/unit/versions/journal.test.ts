// Bumps that Redis has not confirmed are kept, bounded, and told until the last one of each tag is confirmed.
import { expect } from 'chai'
import fc from 'fast-check'
import { Journal } from '../../../src/versions/journal.ts'

describe('a journal', () => {
  it('keeps each tag until Redis knows of its bump', () => {
    const journal = new Journal(10)
    expect([journal.add('a'), journal.add('b')]).to.deep.equal(['a', 'b'])
    expect([journal.size, journal.has('a'), journal.has('c')]).to.deep.equal([2, true, false])
    const [a] = journal.pending()
    expect(a?.tag).to.equal('a')
    expect(journal.confirmed(a!)).to.equal(true)
    expect([journal.size, journal.has('a'), journal.has('b')]).to.deep.equal([1, false, true])
    expect(journal.confirmed(a!)).to.equal(false)
  })

  // T60
  it('keeps a tag that was bumped again while Redis was told', () => {
    const journal = new Journal(10)
    journal.add('a')
    const [told] = journal.pending()
    journal.add('a')
    expect(journal.confirmed(told!)).to.equal(false)
    expect(journal.has('a')).to.equal(true)
    expect(journal.confirmed(journal.pending()[0]!)).to.equal(true)
    expect(journal.size).to.equal(0)
  })

  it('stands for everything past its bound', () => {
    const journal = new Journal(2)
    expect(['a', 'b', 'c', 'd', 'a'].map((tag) => journal.add(tag))).to.deep.equal(['a', 'b', '*', '*', 'a'])
    expect(journal.size).to.equal(3)
    expect(journal.pending().map(({ tag }) => tag)).to.have.members(['a', 'b', '*'])
  })

  it('loses no bump, whatever is added and confirmed meanwhile', () => {
    const step = fc.record({ tag: fc.constantFrom('a', 'b', 'c', 'd'), confirm: fc.boolean() })
    fc.assert(fc.property(fc.array(step), loseNothing))
  })
})

/** Adds tags; where told to, what was pending before is confirmed only after the next bump. */
function loseNothing(steps: readonly { tag: string; confirm: boolean }[]): void {
  const journal = new Journal(2)
  const untold = new Set<string>()
  for (const { tag, confirm } of steps) {
    const told = confirm ? journal.pending() : []
    const kept = journal.add(tag)
    untold.add(kept)
    const confirmed = told.filter((pending) => journal.confirmed(pending))
    for (const pending of confirmed) untold.delete(pending.tag)
    expect(journal.has(kept), `${tag} as ${kept}`).to.equal(true)
  }
  expect(journal.pending().map((pending) => pending.tag)).to.have.members([...untold])
  expect(journal.size).to.be.at.most(3)
}
