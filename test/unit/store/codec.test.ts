// Frames: what goes in comes out, lives never grow, and what is no frame is an error and never anything worse.
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry } from '../../../src/entry.ts'
import type { HeaderField } from '../../../src/http/headers.ts'
import { decode, encode } from '../../../src/store/codec.ts'
import { entryOf } from '../fixtures/entry.ts'

const value = fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', ',', '"', '\t', '\xff') })
const name = fc.string({ unit: fc.constantFrom('a', 'B', '-', '9', '!'), minLength: 1, maxLength: 8 })
const field: fc.Arbitrary<HeaderField> = fc.tuple(name, fc.oneof(value, fc.array(value, { maxLength: 3 })))
const text = fc.string({ unit: 'grapheme' })
const versions = fc
  .array(fc.tuple(text, text), { maxLength: 4 })
  .map((pairs) => ({ tags: pairs.map(([tag]) => tag), tokens: pairs.map(([, token]) => token) }))
const response = fc.record({
  status: fc.integer({ min: 200, max: 599 }),
  headers: fc.array(field, { maxLength: 5 }),
  removed: fc.array(name, { maxLength: 2 }),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
})
const phrase = fc.option(value, { nil: undefined })

const texts = fc.array(text, { maxLength: 3 })
const selection = fc.option(fc.record({ names: texts, text }), { nil: undefined })
const variants = fc.option(fc.record({ names: texts, keys: texts }), { nil: undefined })
const policy = fc.option(
  fc.record({
    forAll: fc.boolean(),
    alwaysRevalidate: fc.boolean(),
    mustRevalidate: fc.boolean(),
    staleWhileRevalidate: fc.nat(1e9),
    staleIfError: fc.nat(1e9),
  }),
  { nil: undefined },
)
const cost = fc.option(fc.nat(1e6), { nil: undefined })
const life = fc.record({ age: fc.nat(1e9), fresh: fc.nat(1e9), more: fc.nat(1e9) })

/** An entry packed at instant 0. */
const entries: fc.Arbitrary<Entry> = fc
  .record({ response, phrase, via: phrase, versions, selection, variants, policy, cost, life })
  .map(({ response, phrase: statusMessage, life: { age, fresh, more }, ...rest }) => ({
    response: statusMessage === undefined ? response : { ...response, statusMessage },
    ...rest,
    storedAt: 0 - age,
    staleAt: fresh,
    expiresAt: fresh + more,
  }))

describe('a frame', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  it('brings back what was packed', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const unpacked = decode(encode(entry, 0), entry.expiresAt, 0)
        expect(unpacked).to.deep.equal(entry)
      }),
    )
  })

  it('brings a body in memory of its own, of exactly its size', () => {
    const frame = encode(entryOf({ body: Buffer.alloc(100, 1) }), 0)
    const { body } = decode(frame, 1_000, 0).response
    expect(body.buffer.byteLength).to.equal(100)
    frame.fill(0)
    expect(body.equals(Buffer.alloc(100, 1))).to.equal(true)
  })

  it('can be a slice of a larger buffer', () => {
    const frame = encode(entryOf(), 0)
    const pool = Buffer.concat([Buffer.from('before'), frame, Buffer.from('behind')])
    expect(decode(pool.subarray(6, 6 + frame.length), 60_000, 0)).to.deep.equal({
      ...entryOf(),
      via: undefined,
      selection: undefined,
      variants: undefined,
      policy: undefined,
      cost: undefined,
    })
  })

  it('does not write to the entry it packs', () => {
    const entry = entryOf()
    expect(() => encode(Object.freeze({ ...entry, response: Object.freeze(entry.response) }), 0)).to.not.throw()
  })
})

// T64
describe('the life in a frame', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  const instant = fc.integer({ min: -1e9, max: 1e12 })

  it('never grows, wherever and whenever it is read', () => {
    const ms = fc.double({ min: 0.01, max: 1e10, noNaN: true })
    fc.assert(
      fc.property(ms, ms, fc.nat(1e9), instant, instant, fc.nat(1e12), (fresh, more, age, packed, read, remaining) => {
        const entry = entryOf({ storedAt: packed - age, staleAt: packed + fresh, expiresAt: packed + fresh + more })
        const back = decode(encode(entry, packed), remaining, read)
        const life = entry.expiresAt - packed
        expect(back.expiresAt - read).to.be.at.most(Math.min(life, remaining) + 0.001)
        expect(back.staleAt - read).to.be.at.most(entry.staleAt - packed + 0.001)
        // What passed in the store counts as age, and the fresh part ends as much earlier.
        expect(back.staleAt - back.storedAt).to.be.closeTo(entry.staleAt - entry.storedAt, 2)
        expect(read - back.storedAt).to.be.at.least(age - 2)
      }),
    )
  })

  it('is over for a frame that has none left', () => {
    for (const remaining of [0, -1, -2]) expect(decode(encode(entryOf(), 0), remaining, 50).expiresAt).to.be.at.most(50)
  })

  it('may be a hundred years', () => {
    const century = 100 * 365 * 86_400_000
    const back = decode(encode(entryOf({ staleAt: century, expiresAt: century }), 0), century, 0)
    expect(back).to.include({ storedAt: 0, staleAt: century, expiresAt: century })
  })
})
