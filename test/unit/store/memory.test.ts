// L1: bounded by count and by bytes, the least recently used first, with counts that are true.
import { expect } from 'chai'
import fc from 'fast-check'
import { MemoryStore, memoryStore } from '../../../src/store/memory.ts'
import { entryOf } from '../fixtures/entry.ts'

/** A store whose time the test moves. */
function open(maxEntries: number, maxBytes = 64_000_000) {
  const time = { now: 0 }
  const store = memoryStore({ maxEntries, maxBytes, clock: { now: () => time.now, after: () => () => undefined } })
  const holds = (key: string) => store.get(key) !== undefined
  return { store, time, holds }
}

const one = entryOf()
const sized = (bytes: number) => entryOf({ body: Buffer.allocUnsafeSlow(bytes) })

describe('a memory store', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  it('answers at once, with the entry it was given', () => {
    const { store } = open(10)
    expect(store.get('a')).to.equal(undefined)
    expect(store.set('a', one)).to.equal(undefined)
    expect(store.get('a')).to.equal(one)
    expect(store).to.include({ name: 'l1' }).and.be.instanceOf(MemoryStore)
  })

  it('replaces an entry of the same key', () => {
    const { store } = open(10)
    const other = entryOf({ body: Buffer.alloc(20) })
    store.set('a', one)
    const before = store.usage().bytes
    store.set('a', other)
    expect(store.get('a')).to.equal(other)
    expect(store.usage()).to.deep.equal({ entries: 1, bytes: before + 16, evictions: 0 })
  })

  it('drops an entry past its life when it is asked for, and counts it out', () => {
    const { store, time, holds } = open(10)
    store.set('a', entryOf({ expiresAt: 100 }))
    time.now = 99.9
    expect(holds('a')).to.equal(true)
    time.now = 100
    expect(holds('a')).to.equal(false)
    expect(store.usage()).to.deep.equal({ entries: 0, bytes: 0, evictions: 0 })
  })

  // T42
  it('may have any key', () => {
    const { store, holds } = open(10)
    for (const key of ['__proto__', 'constructor', '']) {
      expect(holds(key)).to.equal(false)
      store.set(key, one)
      expect(holds(key)).to.equal(true)
    }
  })

  // FEATURES 7: the library alone would hold up to twice its size.
  it('of 3,000 never holds more, and always close to it', () => {
    const { store, holds } = open(3_000)
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
      const { store, holds } = open(maxEntries)
      for (let i = 0; i < 100; i++) {
        store.set(`k${i}`, one)
        expect(store.usage().entries).to.be.within(1, maxEntries)
      }
      expect(holds('k99')).to.equal(true)
      if (maxEntries > 1) expect(holds('k98')).to.equal(true)
    })
  }

  it('lets the least recently used leave: what is read stays, from the first fill on', () => {
    const { store, holds } = open(160)
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
        const { store, holds } = open(32)
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
    const { store, holds } = open(160)
    for (let i = 0; i < 160; i++) store.set(`k${i}`, one)
    for (let i = 0; i < 160; i++) holds(`k${i}`)
    holds('k0')
    for (let i = 0; i < 12; i++) store.set(`new${i}`, one)
    expect(holds('k0')).to.equal(true)
  })

  // T77
  it('is bounded in bytes: at the bound the oldest leave in one batch', () => {
    const { store, holds } = open(1e9, 1_000_000)
    for (let i = 0; i < 1_000; i++) {
      store.set(`k${i}`, sized(10_000))
      expect(store.usage().bytes).to.be.at.most(1_000_000)
    }
    expect(store.usage().bytes).to.be.at.least(900_000)
    expect(holds('k999')).to.equal(true)
    expect(holds('k0')).to.equal(false)
  })

  it('does not keep an entry bigger than its bound, and empties nothing for it', () => {
    const { store, holds } = open(10, 100_000)
    store.set('small', one)
    store.set('huge', sized(100_000))
    expect([holds('small'), holds('huge'), store.usage().entries]).to.deep.equal([true, false, 1])
  })

  it('forgets the former entry of a key whose new one is too big: it is no answer any more', () => {
    const { store, holds } = open(10, 100_000)
    store.set('a', one)
    store.set('a', sized(100_000))
    expect(holds('a')).to.equal(false)
    expect(store.usage()).to.deep.equal({ entries: 0, bytes: 0, evictions: 0 })
  })

  it('makes room for an entry as big as its bound', () => {
    const { store, holds } = open(10, 100_000)
    for (let i = 0; i < 9; i++) store.set(`k${i}`, one)
    store.set('big', sized(98_000))
    expect([holds('big'), store.usage().entries]).to.deep.equal([true, 1])
    expect(store.usage().evictions).to.equal(9)
  })

  // T77
  it('weighs everything an entry keeps alive', () => {
    const weight = (changes: Parameters<typeof entryOf>[0], key = 'key') => {
      const { store } = open(10)
      store.set(key, entryOf(changes))
      return store.usage().bytes
    }
    const bare = weight({})
    const { response } = entryOf()
    const text = 'x'.repeat(1_000)
    const parts = {
      body: { body: Buffer.alloc(1_000 + 4) },
      // A slice keeps all of its memory alive.
      'the memory behind a body': { body: Buffer.alloc(1_004).subarray(0, 4) },
      'a field': { response: { ...response, headers: [...response.headers, ['X-A', text] as const] } },
      'a field of two lines': {
        response: { ...response, headers: [...response.headers, ['X-A', [text, text]] as const] },
      },
      'a phrase': { response: { ...response, statusMessage: text } },
      'a name that was removed': { response: { ...response, removed: [text] } },
      'members of other caches': { via: text },
      'a tag': { versions: { tags: ['/', '*', text], tokens: ['1', '1', '1'] } },
      'a token': { versions: { tags: ['/', '*'], tokens: ['1', text] } },
    }
    for (const [part, changes] of Object.entries(parts)) {
      expect(weight(changes) - bare, part).to.be.at.least(990)
    }
    expect(weight({}, text) - bare).to.be.at.least(990)
  })

  it('counts back to nothing when everything has left', () => {
    const op = fc.record({
      key: fc.nat(20).map(String),
      bytes: fc.constantFrom(0, 10, 5_000, 50_000),
      life: fc.constantFrom(10, 1_000),
      wait: fc.nat(20),
    })
    fc.assert(
      fc.property(fc.array(op, { maxLength: 60 }), (ops) => {
        const { store, time, holds } = open(8, 60_000)
        for (const { key, bytes, life, wait } of ops) {
          time.now += wait
          store.set(key, entryOf({ body: Buffer.allocUnsafeSlow(bytes), expiresAt: time.now + life }))
          holds(String(Number(key) + 1))
          const { entries, bytes: counted } = store.usage()
          expect([entries <= 8, counted <= 60_000, entries === 0 ? counted === 0 : counted > 0]).to.deep.equal([
            true,
            true,
            true,
          ])
        }
        time.now += 10_000
        for (let key = 0; key <= 21; key++) holds(String(key))
        expect(store.usage()).to.include({ entries: 0, bytes: 0 })
      }),
    )
  })
})
