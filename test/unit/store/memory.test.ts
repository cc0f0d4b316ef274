// L1: what it holds, bounded by count, and who leaves: the least recently used.
import { expect } from 'chai'
import fc from 'fast-check'
import { MemoryStore } from '../../../src/store/memory.ts'
import { entryOf } from '../fixtures/entry.ts'
import { openMemory } from '../fixtures/memory-store.ts'

const one = entryOf()

describe('a memory store', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  it('answers at once, with the entry it was given', () => {
    const { store } = openMemory(10)
    expect(store.get('a')).to.equal(undefined)
    expect(store.set('a', one)).to.equal(undefined)
    expect(store.get('a')).to.equal(one)
    expect(store).to.include({ name: 'l1' }).and.be.instanceOf(MemoryStore)
  })

  it('replaces an entry of the same key', () => {
    const { store } = openMemory(10)
    const other = entryOf({ body: Buffer.alloc(20) })
    store.set('a', one)
    const before = store.usage().bytes
    store.set('a', other)
    expect(store.get('a')).to.equal(other)
    expect(store.usage()).to.deep.equal({ entries: 1, bytes: before + 16, negativeEntries: 0, evictions: 0 })
  })

  it('drops an entry past its life when it is asked for, and counts it out', () => {
    const { store, time, holds } = openMemory(10)
    store.set('a', entryOf({ expiresAt: 100 }))
    time.now = 99.9
    expect(holds('a')).to.equal(true)
    time.now = 100
    expect(holds('a')).to.equal(false)
    expect(store.usage()).to.deep.equal({ entries: 0, bytes: 0, negativeEntries: 0, evictions: 0 })
  })

  // T42
  it('may have any key', () => {
    const { store, holds } = openMemory(10)
    for (const key of ['__proto__', 'constructor', '']) {
      expect(holds(key)).to.equal(false)
      store.set(key, one)
      expect(holds(key)).to.equal(true)
    }
  })

  // FEATURES 7: the library alone would hold up to twice its size.
  it('of 3,000 never holds more, and always close to it', () => {
    const { store, holds } = openMemory(3_000)
    const counts: number[] = []
    for (let i = 0; i < 12_000; i++) {
      store.set(`k${i}`, one)
      if (i >= 3_000) counts.push(store.usage().entries)
    }
    expect(Math.max(...counts)).to.equal(3_000)
    expect(Math.min(...counts)).to.be.at.least(2_800)
    const held = Array.from({ length: 12_000 }, (_, i) => `k${i}`).filter(holds)
    expect(held).to.have.length(store.usage().entries)
    expect(held.at(-1)).to.equal('k11999')
    expect(store.usage().evictions).to.equal(12_000 - held.length)
  })

  for (const maxEntries of [1, 2, 3, 16, 17]) {
    it(`of ${maxEntries} holds the last ones`, () => {
      const { store, holds } = openMemory(maxEntries)
      for (let i = 0; i < 100; i++) {
        store.set(`k${i}`, one)
        expect(store.usage().entries).to.be.within(1, maxEntries)
      }
      expect(holds('k99')).to.equal(true)
      if (maxEntries > 1) expect(holds('k98')).to.equal(true)
    })
  }

  it('lets the least recently used leave: what is read stays, from the first fill on', () => {
    const { store, holds } = openMemory(160)
    const hot = Array.from({ length: 40 }, (_, i) => `hot${i}`)
    for (const key of hot) store.set(key, one)
    for (let i = 0; i < 1_600; i++) {
      store.set(`cold${i}`, one)
      if (i % 8 === 0) expect(hot.filter((key) => !holds(key))).to.deep.equal([])
    }
    expect(hot.every(holds)).to.equal(true)
  })

  it('never lets one of the more recently used half leave, whatever is read and written', () => {
    const step = fc.record({ write: fc.boolean(), key: fc.nat(60) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 300 }), (steps) => {
        const { store, holds } = openMemory(32)
        const lastUse = new Map<string, number>()
        for (const [i, { write, key }] of steps.entries()) {
          if (write) store.set(`k${key}`, one)
          if (write || holds(`k${key}`)) lastUse.set(`k${key}`, i)
        }
        const [held, left] = [true, false].map((wanted) => [...lastUse].filter(([key]) => holds(key) === wanted))
        const middle = held!.map(([, use]) => use).sort((a, b) => a - b)[Math.floor(held!.length / 2)]!
        expect(left!.filter(([, use]) => use >= middle)).to.deep.equal([])
      }),
    )
  })

  it('lets none leave that was read after most others, though nothing was written in between', () => {
    const { store, holds } = openMemory(160)
    for (let i = 0; i < 160; i++) store.set(`k${i}`, one)
    for (let i = 0; i < 160; i++) holds(`k${i}`)
    holds('k0')
    for (let i = 0; i < 12; i++) store.set(`new${i}`, one)
    expect(holds('k0')).to.equal(true)
  })
})
