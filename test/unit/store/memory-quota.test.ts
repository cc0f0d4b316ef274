// Entries that share a bound in memory: who leaves, what is counted, and that nobody else leaves for them.
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry, Quota } from '../../../src/entry.ts'
import { entryOf } from '../fixtures/entry.ts'
import { openMemory } from '../fixtures/memory-store.ts'

const sized = (bytes: number, parts: Partial<Entry> = {}) => entryOf({ body: Buffer.allocUnsafeSlow(bytes), ...parts })
const keys = (prefix: string, many: number) => Array.from({ length: many }, (_, i) => `${prefix}${i}`)

// FEATURES 7
describe('the entries of one quota in a memory store', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  it('are as many as it says at most: the oldest leave, and count as evicted', () => {
    const { store, holds } = openMemory(1_000)
    const entry = entryOf({ quota: { maxEntries: 3 } })
    for (const key of keys('a', 10)) store.set(key, entry)
    expect(store.usage()).to.include({ entries: 3, evictions: 7 })
    expect(keys('a', 10).filter(holds)).to.deep.equal(['a7', 'a8', 'a9'])
  })

  // T45
  it('push out no other, however many they are', () => {
    const { store, holds } = openMemory(1_000)
    const others = keys('other', 990)
    for (const key of others) store.set(key, entryOf())
    const entry = entryOf({ quota: { maxEntries: 10 } })
    for (const key of keys('flood', 5_000)) store.set(key, entry)
    expect(others.filter((key) => !holds(key))).to.deep.equal([])
    expect(store.usage().entries).to.equal(1_000)
  })

  it('are told by the object, not by what it says', () => {
    const { store } = openMemory(1_000)
    for (const [name, quota] of Object.entries({ a: { maxEntries: 2 }, b: { maxEntries: 2 } }))
      for (const key of keys(name, 5)) store.set(key, entryOf({ quota }))
    expect(store.usage()).to.include({ entries: 4, evictions: 6 })
  })

  it('stay while they are asked for: of a flood, the others leave', () => {
    const { store, holds } = openMemory(1_000)
    const entry = entryOf({ quota: { maxEntries: 10 } })
    for (const key of keys('hot', 5)) store.set(key, entry)
    for (const key of keys('flood', 500)) {
      store.set(key, entry)
      expect(keys('hot', 5).filter((hot) => !holds(hot))).to.deep.equal([])
    }
    expect(store.usage().entries).to.equal(10)
  })

  it('leave all the same where all are asked for: the least recently used', () => {
    const { store, holds } = openMemory(1_000)
    const entry = entryOf({ quota: { maxEntries: 3 } })
    for (const key of keys('a', 3)) store.set(key, entry)
    for (const key of ['a1', 'a0', 'a2', 'a0']) holds(key)
    store.set('new', entry)
    expect([...keys('a', 3), 'new'].filter(holds)).to.deep.equal(['a0', 'a2', 'new'])
  })

  it('may be one alone', () => {
    const { store, holds } = openMemory(1_000)
    const entry = entryOf({ quota: { maxEntries: 1 } })
    for (const key of ['a', 'b', 'b', 'c']) store.set(key, entry)
    expect(['a', 'b', 'c'].filter(holds)).to.deep.equal(['c'])
    expect(store.usage()).to.include({ entries: 1, evictions: 2 })
  })

  it('are not counted twice where one is replaced, nor once it has left the quota', () => {
    const { store, holds } = openMemory(1_000)
    const entry = entryOf({ quota: { maxEntries: 2 } })
    for (const key of ['a', 'b', 'b', 'a', 'b']) store.set(key, entry)
    expect(store.usage()).to.include({ entries: 2, evictions: 0 })
    store.set('a', entryOf())
    store.set('c', entry)
    expect(['a', 'b', 'c'].filter(holds)).to.deep.equal(['a', 'b', 'c'])
  })

  it('are weighed with what their places cost', () => {
    const { store } = openMemory(1_000)
    store.set('a', entryOf())
    const { bytes } = store.usage()
    store.set('a', entryOf({ quota: { maxEntries: 2 } }))
    expect(store.usage().bytes).to.equal(bytes + 120)
  })

  it('count back to nothing when everything has left, whichever way it left, and no bound is ever exceeded', () => {
    const quotas: readonly Quota[] = [{ maxEntries: 3 }, { maxEntries: 5, maxBytes: 20_000 }]
    const op = fc.record({
      key: fc.nat(20).map(String),
      bytes: fc.constantFrom(0, 10, 5_000, 50_000),
      life: fc.constantFrom(10, 1_000),
      wait: fc.nat(20),
      quota: fc.constantFrom(undefined, ...quotas),
      negative: fc.constantFrom(undefined, true as const),
    })
    fc.assert(
      fc.property(fc.array(op, { maxLength: 80 }), (ops) => {
        const { store, time, holds } = openMemory(8, 60_000, 0.5)
        const stored = new Map<string, Entry>()
        const held = () => [...stored].filter(([key]) => holds(key)).map(([, entry]) => entry)
        for (const { key, bytes, life, wait, quota, negative } of ops) {
          time.now += wait
          const entry = sized(bytes, { expiresAt: time.now + life, quota, negative })
          store.set(key, entry)
          stored.set(key, entry)
          const { entries, bytes: counted, negativeEntries } = store.usage()
          expect([entries <= 8, counted <= 60_000, negativeEntries <= 4]).to.deep.equal([true, true, true])
          for (const one of quotas)
            expect(held().filter((other) => other.quota === one).length).to.be.at.most(one.maxEntries)
          const negatives = held().filter((other) => other.negative)
          expect(negatives.reduce((sum, { response }) => sum + response.body.length, 0)).to.be.at.most(30_000)
          expect(store.usage().negativeEntries).to.equal(negatives.length)
        }
        time.now += 10_000
        for (let key = 0; key <= 21; key++) holds(String(key))
        expect(store.usage()).to.include({ entries: 0, bytes: 0, negativeEntries: 0 })
      }),
    )
  })
})

// T28, FEATURES 12
describe('the negative entries of a memory store', () => {
  const nothing = entryOf({ negative: true })

  it('are a share of all at most: a flood of them leaves the useful where they are', () => {
    const { store, holds } = openMemory(1_000, 64_000_000, 0.1)
    const useful = keys('useful', 900)
    for (const key of useful) store.set(key, entryOf())
    for (const key of keys('unknown', 10_000)) store.set(key, nothing)
    expect(store.usage()).to.include({ entries: 1_000, negativeEntries: 100, evictions: 9_900 })
    expect(useful.filter((key) => !holds(key))).to.deep.equal([])
    expect(keys('unknown', 10_000).filter(holds)).to.deep.equal(keys('unknown', 10_000).slice(-100))
  })

  it('that meet a full memory take no more room than their share, and one batch', () => {
    const { store, holds } = openMemory(1_000, 64_000_000, 0.1)
    const useful = keys('useful', 1_000)
    for (const key of useful) store.set(key, entryOf())
    for (const key of keys('unknown', 10_000)) store.set(key, nothing)
    const left = useful.filter((key) => !holds(key))
    expect(left.length).to.be.at.most(1_000 * (0.1 + 1 / 16))
    // Those that nobody asked for longest.
    expect(left).to.deep.equal(useful.slice(0, left.length))
  })

  it('are a share of the bytes at most, and one that is larger is not kept', () => {
    const { store, holds } = openMemory(1_000, 1_000_000, 0.1)
    for (const key of keys('useful', 8)) store.set(key, sized(100_000))
    for (const key of keys('unknown', 100)) {
      store.set(key, sized(10_000, { negative: true }))
      expect(store.usage().bytes).to.be.at.most(1_000_000)
    }
    expect(store.usage()).to.include({ entries: 16, negativeEntries: 8 })
    store.set('large', sized(100_000, { negative: true }))
    expect(holds('large')).to.equal(false)
    expect(keys('useful', 8).every(holds)).to.equal(true)
    expect(store.usage()).to.include({ entries: 16, negativeEntries: 8 })
  })

  it('are one at least, however small memory is', () => {
    const { store, holds } = openMemory(3, 64_000_000, 0.1)
    store.set('a', nothing)
    store.set('b', nothing)
    expect(['a', 'b'].filter(holds)).to.deep.equal(['b'])
  })

  it('count for their route as well, and whichever bound is reached makes one leave', () => {
    const { store } = openMemory(100, 64_000_000, 0.1)
    const quota = { maxEntries: 4 }
    for (const key of keys('own', 20)) store.set(key, entryOf({ negative: true, quota }))
    expect(store.usage()).to.include({ entries: 4, negativeEntries: 4, evictions: 16 })
    for (const key of keys('other', 8)) store.set(key, nothing)
    expect(store.usage()).to.include({ entries: 10, negativeEntries: 10, evictions: 18 })
    for (const key of keys('more', 4)) store.set(key, entryOf({ quota }))
    expect(store.usage()).to.include({ entries: 12, negativeEntries: 8 })
  })

  it('are negative no more once something useful takes their place', () => {
    const { store } = openMemory(100, 64_000_000, 0.1)
    store.set('a', nothing)
    store.set('a', entryOf())
    expect(store.usage()).to.include({ entries: 1, negativeEntries: 0, evictions: 0 })
  })
})
