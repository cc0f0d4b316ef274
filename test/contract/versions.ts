// The contract of versions, written once: whatever gives tags their tokens must pass it.
import { expect } from 'chai'
import type { Terms, Versions } from '../../src/versions/versions.ts'
import { eventually } from '../support/gate.ts'

/** Versions under test, and what must be done afterwards. */
export interface OpenedVersions {
  readonly versions: Versions
  close(): Promise<void>
}

/** The default terms, for entries that live a minute. */
export const TERMS: Terms = { bound: 1_000, maxStale: 30_000, since: Number.NEGATIVE_INFINITY, life: 60_000 }

/** The present token of one tag. */
export async function tokenOf(versions: Versions, tag: string): Promise<string> {
  const { tokens } = await versions.read([tag], TERMS)
  return tokens[0]!
}

/** Tests versions that `open` makes; tags are told apart by the tests themselves. */
export function versionsContract(title: string, open: () => Promise<OpenedVersions>): void {
  describe(`${title} keep the contract of versions`, () => {
    let opened: OpenedVersions
    let versions: Versions

    before(async () => {
      opened = await open()
      versions = opened.versions
    })
    after(() => opened.close())

    it('give a tag one token and stay with it', async () => {
      const first = await tokenOf(versions, 'steady')
      expect(await tokenOf(versions, 'steady')).to.equal(first)
      expect((await versions.reread(['steady'], TERMS)).tokens).to.deep.equal([first])
    })

    it('answer in the order of the question', async () => {
      await versions.bump(['b'])
      await versions.bump(['a'])
      const [a, b] = [await tokenOf(versions, 'a'), await tokenOf(versions, 'b')]
      expect(await versions.read(['a', 'b', 'a'], TERMS)).to.deep.equal({ tags: ['a', 'b', 'a'], tokens: [a, b, a] })
      expect(await versions.read(['b', 'a'], TERMS)).to.deep.equal({ tags: ['b', 'a'], tokens: [b, a] })
      expect(a).not.to.equal(b)
    })

    it('know the tokens of no tags at once', async () => {
      expect(await versions.read([], TERMS)).to.deep.equal({ tags: [], tokens: [] })
    })

    it('answer without waiting what was read a moment ago', async () => {
      const token = await tokenOf(versions, 'ready')
      expect(versions.usable('ready', TERMS)).to.equal(token)
      expect(versions.read(['ready'], TERMS)).to.deep.equal({ tags: ['ready'], tokens: [token] })
    })

    // T57
    it('never give a tag a token again that any tag had before', async () => {
      const seen = new Set<string>()
      for (let round = 0; round < 50; round++) {
        for (const tag of ['unique-1', 'unique-2']) {
          await versions.bump([tag])
          seen.add(await tokenOf(versions, tag))
        }
      }
      expect(seen.size).to.equal(100)
    })

    it('say that a bump holds everywhere, and use its former token no more', async () => {
      const former = await tokenOf(versions, 'bumped')
      expect(await versions.bump(['bumped'])).to.deep.equal({ applied: 'everywhere', journalled: false })
      expect(versions.usable('bumped', TERMS)).not.to.equal(former)
      expect(await tokenOf(versions, 'bumped')).not.to.equal(former)
    })

    it('use a token no more from the moment its tag is being bumped', async () => {
      const former = await tokenOf(versions, 'at-once')
      const bumping = versions.bump(['at-once'])
      expect(versions.usable('at-once', TERMS)).not.to.equal(former)
      await bumping
    })

    it('leave other tags alone', async () => {
      const other = await tokenOf(versions, 'other')
      await versions.bump(['one', 'another'])
      expect(await tokenOf(versions, 'other')).to.equal(other)
    })

    // T42
    for (const tag of ['__proto__', 'constructor', 'user:1 of 2', 'наим', '*', '{a}', 'a\nb']) {
      it(`take ${JSON.stringify(tag)} for a tag like any other`, async () => {
        const former = await tokenOf(versions, tag)
        await versions.bump([tag])
        const present = await tokenOf(versions, tag)
        expect(present).to.be.a('string').and.not.equal(former)
        expect(await tokenOf(versions, tag)).to.equal(present)
      })
    }

    // T62
    it('answer every bump of a storm only when it holds', async () => {
      const former = await tokenOf(versions, 'storm')
      await Promise.all(
        Array.from({ length: 200 }, async () => {
          const before = await tokenOf(versions, 'storm')
          expect(await versions.bump(['storm'])).to.have.property('applied', 'everywhere')
          expect(await tokenOf(versions, 'storm')).not.to.equal(before)
        }),
      )
      expect(await tokenOf(versions, 'storm')).not.to.equal(former)
    })

    it('do not mind a tag that is named twice', async () => {
      expect(await versions.bump(['twice', 'twice'])).to.have.property('applied', 'everywhere')
    })

    // T56
    it('vouch for a tag that is first named after a run if they held its token before and nothing changed', async () => {
      const token = await tokenOf(versions, 'held')
      const mark = versions.mark()
      expect(await versions.unchangedSince(mark, ['held'], TERMS)).to.deep.equal({ tags: ['held'], tokens: [token] })
    })

    // T56
    it('do not vouch for a tag that was bumped since the run began', async () => {
      await tokenOf(versions, 'changed')
      const mark = versions.mark()
      await versions.bump(['changed'])
      expect(await versions.unchangedSince(mark, ['changed'], TERMS)).to.equal(undefined)
      await tokenOf(versions, 'changed')
      expect(await versions.unchangedSince(mark, ['changed'], TERMS)).to.equal(undefined)
    })

    it('vouch for a bumped tag in a later run', async () => {
      await versions.bump(['later'])
      await eventually(async () => {
        const token = await tokenOf(versions, 'later')
        const vouched = await versions.unchangedSince(versions.mark(), ['later'], TERMS)
        expect(vouched?.tokens).to.deep.equal([token])
      })
    })

    it('have tokens that reach every process, and are not degraded', async () => {
      expect(versions.reach(await versions.read(['steady', 'ready'], TERMS))).to.equal('every process')
      expect(versions.degraded).to.equal(false)
    })
  })
}
