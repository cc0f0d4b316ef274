// L1 is bounded in bytes, and its counts are true.
import { expect } from 'chai'
import fc from 'fast-check'
import { entryOf } from '../fixtures/entry.ts'
import { openMemory } from '../fixtures/memory-store.ts'

const one = entryOf()
const sized = (bytes: number) => entryOf({ body: Buffer.allocUnsafeSlow(bytes) })

describe('a memory store bounded in bytes', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  // T77
  it('never holds more: at the bound the oldest leave in one batch', () => {
    const { store, holds } = openMemory(1e9, 1_000_000)
    for (let i = 0; i < 1_000; i++) {
      store.set(`k${i}`, sized(10_000))
      expect(store.usage().bytes).to.be.at.most(1_000_000)
    }
    expect(store.usage().bytes).to.be.at.least(900_000)
    expect(holds('k999')).to.equal(true)
    expect(holds('k0')).to.equal(false)
  })

  it('does not keep an entry bigger than its bound, and empties nothing for it', () => {
    const { store, holds } = openMemory(10, 100_000)
    store.set('small', one)
    store.set('huge', sized(100_000))
    expect([holds('small'), holds('huge'), store.usage().entries]).to.deep.equal([true, false, 1])
  })

  it('forgets the former entry of a key whose new one is too big: it is no answer any more', () => {
    const { store, holds } = openMemory(10, 100_000)
    store.set('a', one)
    store.set('a', sized(100_000))
    expect(holds('a')).to.equal(false)
    expect(store.usage()).to.deep.equal({ entries: 0, bytes: 0, negativeEntries: 0, evictions: 0 })
  })

  it('makes room for an entry as big as its bound', () => {
    const { store, holds } = openMemory(10, 100_000)
    for (let i = 0; i < 9; i++) store.set(`k${i}`, one)
    store.set('big', sized(98_000))
    expect([holds('big'), store.usage().entries]).to.deep.equal([true, 1])
    expect(store.usage().evictions).to.equal(9)
  })

  // T77
  it('weighs everything an entry keeps alive', () => {
    const weight = (changes: Parameters<typeof entryOf>[0], key = 'key') => {
      const { store } = openMemory(10)
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
      'a coded body': {
        response: { ...response, coded: { br: Buffer.allocUnsafeSlow(1_000), gzip: 'useless' as const } },
      },
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
        const { store, time, holds } = openMemory(8, 60_000)
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
