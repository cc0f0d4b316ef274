// Versions of one process: tokens never repeat, and forgetting can only cause misses.
import { expect } from 'chai'
import fc from 'fast-check'
import { memoryVersions } from '../../../src/versions/memory.ts'
import type { Versions } from '../../../src/versions/versions.ts'
import { TERMS } from '../../contract/versions.ts'

const read = (versions: Versions, ...tags: string[]) => versions.read(tags, TERMS) as { tokens: readonly string[] }
const tags = ['a', 'b', 'c', '*', '__proto__', 'constructor', '']
const bumps = fc.array(fc.array(fc.constantFrom(...tags), { maxLength: 3 }), { maxLength: 40 })

describe('versions of one process', () => {
  it('answer at once', () => {
    const versions = memoryVersions()
    expect(versions.read(['a', 'b'], TERMS)).to.deep.equal({
      tags: ['a', 'b'],
      tokens: [versions.usable('a', TERMS), versions.usable('b', TERMS)],
    })
    expect(versions.reread(['a'], TERMS)).to.deep.equal(versions.read(['a'], TERMS))
    expect(versions.bump(['a'])).to.deep.equal({ applied: 'everywhere', journalled: false })
    expect(versions.degraded).to.equal(false)
  })

  it('change for the tags that are bumped, and for no other', () => {
    const versions = memoryVersions()
    const [a, b] = read(versions, 'a', 'b').tokens
    versions.bump(['a'])
    expect(versions.usable('a', TERMS)).to.not.equal(a)
    expect(versions.usable('b', TERMS)).to.equal(b)
    expect(versions.usable('a', TERMS)).to.equal(versions.usable('a', TERMS))
  })

  // T57
  for (const capacity of [100, 2]) {
    it(`never give a tag a token that it had before a bump, remembering ${capacity} tags`, () => {
      fc.assert(fc.property(bumps, (bumped) => neverRepeat(memoryVersions(capacity), bumped)))
    })
  }

  it('forget past their capacity: every tag then has a token it never had', () => {
    const versions = memoryVersions(3)
    const before = new Map(['a', 'b', 'c', 'd', 'never'].map((tag) => [tag, [versions.usable(tag, TERMS)]]))
    for (const tag of ['a', 'b', 'c']) {
      versions.bump([tag])
      before.get(tag)!.push(versions.usable(tag, TERMS))
    }
    versions.bump(['d'])
    for (const [tag, tokens] of before) expect(tokens, tag).to.not.include(versions.usable(tag, TERMS))
  })

  // T62
  it('take a bump of more tags than they remember', () => {
    const versions = memoryVersions(2)
    const many = Array.from({ length: 10 }, (_, i) => `t${i}`)
    const before = read(versions, ...many).tokens
    versions.bump(many)
    const after = read(versions, ...many).tokens
    expect(before.filter((token, i) => token === after[i])).to.deep.equal([])
  })

  describe('after a run', () => {
    const changes: [name: string, change: (versions: Versions) => void, known: boolean][] = [
      ['nothing happened', () => undefined, true],
      ['another tag was bumped', (versions) => void versions.bump(['b']), true],
      ['the tag was bumped', (versions) => void versions.bump(['a']), false],
      ['the tag was bumped twice', (versions) => void versions.bump(['a', 'a']), false],
      ['everything was forgotten', (versions) => void versions.bump(['w', 'x', 'y', 'z']), false],
    ]
    for (const [name, change, known] of changes) {
      it(`${known ? 'know' : 'do not know'} the token of a late tag where ${name}`, () => {
        const versions = memoryVersions(3)
        versions.bump(['before'])
        const mark = versions.mark()
        change(versions)
        const expected = known ? versions.read(['a'], TERMS) : undefined
        expect(versions.unchangedSince(mark, ['a'], TERMS)).to.deep.equal(expected)
      })
    }

    it('know none of several late tags where one of them changed', () => {
      const versions = memoryVersions()
      const mark = versions.mark()
      versions.bump(['b'])
      expect(versions.unchangedSince(mark, ['a', 'b'], TERMS)).to.equal(undefined)
    })
  })

  it('are known to everyone there is', () => {
    const versions = memoryVersions()
    expect(versions.reach({ tags: ['a'], tokens: ['1'] })).to.equal('every process')
  })
})

/** Bumps one after the other, and looks after each whether any tag has a token that was its own before a bump. */
function neverRepeat(versions: Versions, bumped: readonly string[][]): void {
  const former = new Map(tags.map((tag) => [tag, new Set<string>()]))
  for (const now of bumped) {
    for (const tag of now) former.get(tag)!.add(versions.usable(tag, TERMS)!)
    versions.bump(now)
    for (const [tag, tokens] of former) expect([...tokens], tag).to.not.include(versions.usable(tag, TERMS))
  }
}
