// May an entry still answer: by its age, and by the versions it carries.
import { expect } from 'chai'
import fc from 'fast-check'
import { confirms, type Freshness, freshness, joinVersions, sameVersions, type VersionSet } from '../../src/entry.ts'
import { TERMS } from '../contract/versions.ts'
import { entryOf } from './fixtures/entry.ts'

const set = (tokens: Record<string, string>): VersionSet => ({
  tags: Object.keys(tokens),
  tokens: Object.values(tokens),
})
const known = (tokens: Record<string, string | undefined>) => ({ usable: (tag: string) => tokens[tag] })

describe('freshness', () => {
  const entry = entryOf({ storedAt: 0, staleAt: 100, expiresAt: 200, versions: set({ a: '1', b: '2' }) })
  const good = { a: '1', b: '2' }
  const cases: [name: string, tokens: Record<string, string | undefined>, now: number, expected: Freshness][] = [
    ['young', good, 0, 'fresh'],
    ['a moment before it is stale', good, 99.9, 'fresh'],
    ['of exactly the stale age', good, 100, 'stale'],
    ['a moment before its end', good, 199.9, 'stale'],
    ['of exactly its life', good, 200, 'dead'],
    ['long past', good, 1e9, 'dead'],
    ['of a bumped tag', { a: '1', b: '3' }, 0, 'dead'],
    ['of a bumped tag, and stale', { a: '3', b: '2' }, 150, 'dead'],
    ['of a tag that is not known now', { a: '1' }, 0, 'unvalidated'],
    ['of no tag that is known now', {}, 150, 'unvalidated'],
    ['of one tag not known and one bumped', { b: '3' }, 0, 'dead'],
    ['of one tag bumped and one not known', { a: '3' }, 0, 'dead'],
    ['of no tag that is known now, past its life', {}, 200, 'dead'],
  ]
  for (const [name, tokens, now, expected] of cases) {
    it(`is ${expected} for an entry ${name}`, () =>
      expect(freshness(entry, known(tokens), TERMS, now)).to.equal(expected))
  }

  it('asks for no token of an entry past its life', () => {
    const asked: string[] = []
    freshness(entry, { usable: (tag) => void asked.push(tag) }, TERMS, 200)
    expect(asked).to.deep.equal([])
  })

  it('asks for each token on the terms it was asked on', () => {
    const asked: unknown[] = []
    const versions = { usable: (tag: string, terms: unknown) => void asked.push([tag, terms]) }
    freshness(entry, versions, TERMS, 0)
    expect(asked).to.deep.equal([
      ['a', TERMS],
      ['b', TERMS],
    ])
    expect(asked.map((pair) => (pair as unknown[])[1] === TERMS)).to.deep.equal([true, true])
  })

  // C1, C2: what one asker may use, another may not.
  it('is fresh for those whose terms a token meets, unvalidated for the others, dead for whoever sees another token', () => {
    const validatedAt: Record<string, number> = { a: 50, b: 80 }
    const versions = (tokens: Record<string, string>) => ({
      usable: (tag: string, since: number) => (validatedAt[tag]! >= since ? tokens[tag] : undefined),
    })
    const states = (tokens: Record<string, string>) =>
      [50, 51, 81].map((since) => freshness(entry, versions(tokens), since, 90))
    expect(states(good)).to.deep.equal(['fresh', 'unvalidated', 'unvalidated'])
    expect(states({ a: '1', b: '3' })).to.deep.equal(['dead', 'dead', 'unvalidated'])
  })

  it('never makes an entry better as it ages', () => {
    const order: Freshness[] = ['fresh', 'stale', 'dead']
    const instant = fc.double({ min: -1e12, max: 1e12, noNaN: true })
    fc.assert(
      fc.property(instant, instant, instant, instant, (staleAt, expiresAt, one, other) => {
        const aged = entryOf({ staleAt, expiresAt, versions: set({}) })
        const [early, late] = one < other ? [one, other] : [other, one]
        const rank = (now: number) => order.indexOf(freshness(aged, known({}), TERMS, now))
        expect(rank(late)).to.be.at.least(rank(early))
      }),
    )
  })
})

describe('version sets', () => {
  const pairs: [a: VersionSet, b: VersionSet, same: boolean, confirmed: boolean][] = [
    [set({ a: '1' }), set({ a: '1' }), true, true],
    [set({}), set({}), true, true],
    [set({ a: '1' }), set({ a: '2' }), false, false],
    [set({ a: '1', b: '2' }), set({ a: '1' }), false, true],
    [set({ a: '1' }), set({ a: '1', b: '2' }), false, false],
    [set({ a: '1', b: '2' }), set({ b: '2', a: '1' }), false, true],
    [set({ a: '1' }), set({ b: '1' }), false, false],
    [set({ a: '1' }), set({}), false, true],
    [set({}), set({ a: '1' }), false, false],
  ]
  for (const [a, b, same, confirmed] of pairs) {
    const names = `${JSON.stringify(a)} and ${JSON.stringify(b)}`
    it(`are ${same ? '' : 'not '}the same: ${names}`, () => expect(sameVersions(a, b)).to.equal(same))
    it(`are ${confirmed ? '' : 'not '}confirmed: ${names}`, () => expect(confirms(a, b)).to.equal(confirmed))
  }

  it('are joined in order', () => {
    expect(joinVersions(set({ a: '1' }), set({ b: '2' }))).to.deep.equal(set({ a: '1', b: '2' }))
  })
})
