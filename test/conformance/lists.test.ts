// The lists are about the suite that is installed, and leave nothing of it out.
import { expect } from 'chai'
import { lists, obsolete } from './lists.ts'
import { kinds, tests } from './suite.ts'

describe('the lists of conformance tests', () => {
  const listed = [...Object.values(lists), ...obsolete.map(({ ids }) => ids)].flat()

  it('name each test once', () => expect(new Set(listed).size).to.equal(listed.length))

  it('name every test that is more than a question, and no other', () => {
    const demands = tests.filter(({ kind }) => kind !== 'check').map(({ id }) => id)
    expect(listed).to.have.members(demands)
  })

  it('are as long as the suite is large', () => {
    const sizes = Object.entries(lists).map(([name, ids]) => [name, ids.length])
    expect(sizes).to.deep.equal([
      ['required', 140],
      ['optimal', 64],
      ['setCookie', 3],
      ['heuristic', 9],
      ['targeted', 17],
      ['luxury', 12],
    ])
    expect(kinds.map((kind) => tests.filter((test) => test.kind === kind).length)).to.deep.equal([165, 95, 90])
  })
})
