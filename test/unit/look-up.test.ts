// What the shared tier and the versions know in time, and that everything else is a miss.
import { expect } from 'chai'
import { monotonicClock } from '../../src/clock.ts'
import type { Entry, VersionSet } from '../../src/entry.ts'
import { lookUp, type Question } from '../../src/look-up.ts'
import { memoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { memoryVersions } from '../../src/versions/memory.ts'
import type { Versions } from '../../src/versions/versions.ts'
import { TERMS } from '../contract/versions.ts'
import { deferred } from '../support/gate.ts'
import { entryOf } from './fixtures/entry.ts'

const AMPLE = 60_000
const SHORT = 10
const tags = ['/a', '*']
const never = new Promise<never>(() => undefined)

/** A shared tier that answers as told, and counts how often it was asked. */
function sharedTier(answer: () => Entry | undefined | Promise<Entry | undefined>): Store & { asked: number } {
  return {
    name: 'l2',
    asked: 0,
    get() {
      this.asked++
      return answer()
    },
    set: () => undefined,
  }
}

describe('a look-up', () => {
  let versions: Versions
  let present: VersionSet

  beforeEach(() => {
    versions = memoryVersions()
    present = versions.read(tags, TERMS) as VersionSet
  })

  /** An entry under the present versions, an hour to live. */
  function entry(changes: Partial<Entry> = {}): Entry {
    const now = monotonicClock.now()
    return entryOf({ storedAt: now, staleAt: now + 3.6e6, expiresAt: now + 3.6e6, versions: present, ...changes })
  }

  function ask(shared: Store | undefined, question: Partial<Question> = {}, budget = AMPLE) {
    const memory = memoryStore({ maxEntries: 1, maxBytes: 1e6, clock: monotonicClock })
    const parts = { clock: monotonicClock, tiers: { memory, shared }, versions }
    const variant = (names: readonly string[]) => names.join()
    const asked: Question = { key: 'key', variant, tags, terms: TERMS, budget, reading: present, suspect: undefined }
    return lookUp(parts, { ...asked, ...question })
  }

  it('finds an entry whose versions are the present ones', async () => {
    const kept = entry()
    expect(await ask(sharedTier(() => kept))).to.deep.equal({
      versions: present,
      lead: undefined,
      found: { entry: kept, tier: 'l2' },
    })
    const promised = await ask(
      sharedTier(async () => kept),
      { reading: Promise.resolve(present) },
    )
    expect(promised.found?.entry).to.equal(kept)
  })

  it('reads the versions of tags that only the entry knows', async () => {
    const late = versions.read([...tags, '/late'], TERMS) as VersionSet
    const kept = entry({ versions: late })
    expect((await ask(sharedTier(() => kept))).found?.entry).to.equal(kept)
    versions.bump(['/late'])
    expect(await ask(sharedTier(() => kept))).to.deep.equal({ versions: present })
  })

  const misses: [name: string, answer: () => Entry | undefined | Promise<Entry | undefined>][] = [
    ['nothing there', () => undefined],
    ['an entry whose life is over', () => entry({ expiresAt: monotonicClock.now() - 1 })],
    ['an entry of another token', () => entry({ versions: { tags, tokens: ['former', present.tokens[1]!] } })],
    ['a tier that fails', () => Promise.reject(new Error('lost'))],
  ]
  for (const [name, answer] of misses) {
    it(`is a miss that knows its versions: ${name}`, async () => {
      expect(await ask(sharedTier(answer))).to.deep.equal({ versions: present })
    })
  }

  // T56
  it('is a miss for an entry whose tag was bumped before the versions were read', async () => {
    const kept = entry()
    versions.bump(['*'])
    const now = versions.read(tags, TERMS) as VersionSet
    expect(
      await ask(
        sharedTier(() => kept),
        { reading: now },
      ),
    ).to.deep.equal({ versions: now })
  })

  it('takes an entry that is newer than what this process knew, once it has read that tag again', async () => {
    versions.bump(['/a'])
    const newer = entry({ versions: versions.read(tags, TERMS) as VersionSet })
    const { found, versions: known } = await ask(
      sharedTier(() => newer),
      { reading: present },
    )
    expect([found?.entry, known]).to.deep.equal([newer, present])
  })

  it('is only versions without a shared tier, or nothing where they cannot be known', async () => {
    expect(await ask(undefined, { reading: Promise.resolve(present) })).to.deep.equal({ versions: present })
    expect(await ask(undefined, { reading: Promise.resolve(undefined) })).to.deep.equal({ versions: undefined })
  })

  it('finds nothing without versions, though an entry is there', async () => {
    const answer = await ask(
      sharedTier(() => entry()),
      { reading: Promise.resolve(undefined) },
    )
    expect(answer).to.deep.equal({ versions: undefined })
  })

  // T71, T72
  it('knows its versions where only the shared tier is late, and ignores what comes after that', async () => {
    const late = deferred<Entry>()
    expect(
      await ask(
        sharedTier(() => late.promise),
        {},
        SHORT,
      ),
    ).to.deep.equal({ versions: present })
    late.reject(new Error('too late'))
    await new Promise(setImmediate)
  })

  it('knows nothing where the versions are late', async () => {
    const answer = await ask(
      sharedTier(() => entry()),
      { reading: never },
      SHORT,
    )
    expect(answer).to.deep.equal({ versions: undefined })
  })

  it('is answered from memory where only the versions were in doubt, without a question to the shared tier', async () => {
    const suspect = entry()
    const shared = sharedTier(() => undefined)
    expect(await ask(shared, { suspect })).to.deep.equal({ versions: present, found: { entry: suspect, tier: 'l1' } })
    expect(shared.asked).to.equal(0)
  })

  it('asks the shared tier where the doubt was right', async () => {
    const suspect = entry()
    versions.bump(['/a'])
    const now = versions.read(tags, TERMS) as VersionSet
    const newer = entry({ versions: now })
    const answer = await ask(
      sharedTier(() => newer),
      { suspect, reading: now },
    )
    expect(answer).to.deep.equal({ versions: now, lead: undefined, found: { entry: newer, tier: 'l2' } })
  })

  it('goes on to the variant that an entry leads to, and tells of that entry', async () => {
    const lead = entry({ variants: { names: ['accept'], keys: ['accept'] } })
    const kept = entry()
    const shared: Store = {
      name: 'l2',
      get: (key) => (key === 'key' ? lead : key === 'accept' ? kept : undefined),
      set: () => undefined,
    }
    expect(await ask(shared)).to.deep.equal({ versions: present, lead, found: { entry: kept, tier: 'l2' } })
    expect(await ask({ ...shared, get: (key) => (key === 'key' ? lead : undefined) })).to.deep.equal({
      versions: present,
      lead,
    })
  })

  it('never rejects, whatever fails', async () => {
    const failing: Versions = {
      ...versions,
      read: () => Promise.reject(new Error('lost')),
      reread: () => Promise.reject(new Error('lost')),
    }
    versions = failing
    const late = { tags: ['/late'], tokens: ['1'] }
    expect(await ask(sharedTier(() => entry({ versions: late })))).to.deep.equal({ versions: present })
    expect((await ask(undefined, { suspect: entry() })).found).to.equal(undefined)
  })
})
