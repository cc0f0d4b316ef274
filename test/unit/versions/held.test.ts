// How long a token may be believed: by its reading, by what the bus proved, and on whose terms.
import { expect } from 'chai'
import type { Terms } from '../../../src/versions/versions.ts'
import { TERMS } from '../../contract/versions.ts'
import { openHeldTokens } from '../fixtures/held-tokens.ts'

const strongSince = (since: number): Terms => ({ ...TERMS, bound: Number.POSITIVE_INFINITY, since })

describe('a held token', () => {
  let parts: ReturnType<typeof openHeldTokens>

  beforeEach(() => {
    parts = openHeldTokens()
    parts.clock.pass(10_000)
  })

  const usable = (tag: string, terms: Terms = TERMS) => parts.held.usable(tag, terms)
  const hear = (since: number, until: number, floor = Number.NEGATIVE_INFINITY) => {
    parts.shard.hearing = { since, provenSince: since, until, floor }
  }

  it('is known with the history it belongs to, and only where it was entered', () => {
    parts.enter('a', '1.a')
    expect([usable('a'), usable('b'), usable('__proto__')]).to.deep.equal(['one:1.a', undefined, undefined])
  })

  // C2
  it('is usable for as long after its reading was sent as the asker allows, and no longer', () => {
    parts.enter('a', '1.a', 400)
    parts.clock.pass(600)
    expect(usable('a')).to.equal('one:1.a')
    parts.clock.pass(1)
    expect(usable('a')).to.equal(undefined)
    expect(usable('a', { ...TERMS, bound: 1_001 })).to.equal('one:1.a')
    expect(usable('a', { ...TERMS, bound: 500 })).to.equal(undefined)
  })

  it('is usable further where the bus proved that nothing was missed since it was read', () => {
    parts.enter('a', '1.a')
    hear(10_000, 14_000)
    parts.clock.pass(5_000)
    expect(usable('a')).to.equal('one:1.a')
    parts.clock.pass(1)
    expect(usable('a')).to.equal(undefined)
  })

  it('is not helped by a bus that is heard only since it was read', () => {
    parts.enter('a', '1.a')
    hear(10_001, 14_000)
    parts.clock.pass(1_001)
    expect(usable('a')).to.equal(undefined)
  })

  // T59
  it('is not usable at all where it was read before the last doubt, whatever was proved', () => {
    for (const [tag, ago] of Object.entries({ before: 301, at: 300, after: 299 })) parts.enter(tag, '1.a', ago)
    hear(0, 10_000, 9_700)
    expect(['before', 'at', 'after'].map((tag) => usable(tag))).to.deep.equal([undefined, 'one:1.a', 'one:1.a'])
    hear(9_800, 10_000, 9_700)
    expect(usable('before', strongSince(0))).to.equal(undefined)
  })

  // C1
  it('is usable to one who asks for strong consistency if it was read, or proved, since then', () => {
    parts.enter('a', '1.a', 100)
    const answers = () => [9_899, 9_900, 9_901, 9_950, 9_951].map((since) => usable('a', strongSince(since)))
    expect(answers()).to.deep.equal(['one:1.a', 'one:1.a', undefined, undefined, undefined])
    hear(0, 9_950)
    expect(answers()).to.deep.equal(['one:1.a', 'one:1.a', 'one:1.a', 'one:1.a', undefined])
  })

  it('that names writers at work is believed no longer than its reading: it vanishes without a word', () => {
    parts.enter('a', '!1.a')
    hear(0, 14_000)
    expect(usable('a')).to.equal('one:!1.a')
    expect(usable('a', strongSince(10_001))).to.equal(undefined)
    parts.clock.pass(1_001)
    expect(usable('a')).to.equal(undefined)
  })

  it('counts as in use from the moment somebody may use it', () => {
    for (const tag of ['asked', 'refused', 'idle']) parts.enter(tag, '1.a')
    usable('asked')
    usable('refused', strongSince(10_001))
    expect(parts.table.takeUsed(10_000, 10)).to.deep.equal(['asked'])
  })

  describe('while Redis is away', () => {
    // C3
    it('is usable up to maxStale after its last validation, whatever is in doubt', () => {
      parts.enter('a', '1.a')
      hear(0, 12_000)
      parts.connection.up = false
      hear(0, 12_000, 13_000)
      parts.clock.pass(32_000)
      expect(usable('a')).to.equal('one:1.a')
      parts.clock.pass(1)
      expect(usable('a')).to.equal(undefined)
      expect(usable('a', { ...TERMS, maxStale: 60_000 })).to.equal('one:1.a')
    })

    it('is never usable with strong consistency', () => {
      parts.enter('a', '1.a')
      parts.connection.up = false
      parts.held.makeLocal('b')
      expect([usable('a', strongSince(0)), usable('b', strongSince(0))]).to.deep.equal([undefined, undefined])
    })
  })

  it('counts as held since it was entered here, not since its reading was sent', () => {
    parts.enter('a', '1.a', 5_000)
    parts.clock.pass(100)
    // Before that, a message about it went unheeded.
    expect([9_999, 10_000, 10_100].map((at) => parts.held.since('a', at))).to.deep.equal([
      undefined,
      'one:1.a',
      'one:1.a',
    ])
    expect(parts.held.since('b', 10_100)).to.equal(undefined)
  })
})
