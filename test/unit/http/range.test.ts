// Range fields as positions in a body: what is understood, what is ignored, what does not exist, and bounds for the greedy.
import { expect } from 'chai'
import fc from 'fast-check'
import { type ByteRange, byteRanges } from '../../../src/http/range.ts'

const at = (...positions: [first: number, last: number][]): ByteRange[] =>
  positions.map(([first, last]) => ({ first, last }))

// T29
describe('byteRanges of ten bytes', () => {
  const cases: [field: string, expected: ByteRange[] | 'whole' | 'unsatisfiable'][] = [
    ['bytes=0-0', at([0, 0])],
    ['bytes=0-9', at([0, 9])],
    ['bytes=2-4', at([2, 4])],
    ['bytes=9-', at([9, 9])],
    ['bytes=0-', at([0, 9])],
    ['bytes=5-99', at([5, 9])],
    [`bytes=5-${'9'.repeat(400)}`, at([5, 9])],
    ['bytes=007-08', at([7, 8])],
    // The end
    ['bytes=-1', at([9, 9])],
    ['bytes=-10', at([0, 9])],
    ['bytes=-500', at([0, 9])],
    [`bytes=-${'9'.repeat(400)}`, at([0, 9])],
    // Letter case, blanks around commas, empty members
    ['BYTES=0-0', at([0, 0])],
    ['bytes=0-1, 4-5', at([0, 1], [4, 5])],
    ['bytes=0-1 \t,\t 4-5', at([0, 1], [4, 5])],
    ['bytes=1-2,', at([1, 2])],
    ['bytes=,,1-2,,4-4', at([1, 2], [4, 4])],
    // In the order of the request; joined where they overlap or touch
    ['bytes=4-5,0-1', at([4, 5], [0, 1])],
    ['bytes=0-3,2-5', at([0, 5])],
    ['bytes=0-3,4-5', at([0, 5])],
    ['bytes=8-9,0-3,2-5', at([8, 9], [0, 5])],
    ['bytes=8-9,2-5,0-3', at([8, 9], [0, 5])],
    ['bytes=0-9,2-3,-1', at([0, 9])],
    ['bytes=1-1,1-1,1-1', at([1, 1])],
    // Only those that exist
    ['bytes=0-1,20-30', at([0, 1])],
    ['bytes=-0,3-3', at([3, 3])],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-20', 'unsatisfiable'],
    ['bytes=10-20,30-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    [`bytes=${'9'.repeat(400)}-`, 'unsatisfiable'],
    // Malformed, in whole or in part
    ['', 'whole'],
    ['bytes', 'whole'],
    ['bytes=', 'whole'],
    ['bytes=,', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=--1', 'whole'],
    ['bytes=1--2', 'whole'],
    ['bytes=1-2-3', 'whole'],
    ['bytes=5', 'whole'],
    ['bytes=abc-', 'whole'],
    ['bytes=-abc', 'whole'],
    ['bytes=0-x', 'whole'],
    ['bytes=0x1-2', 'whole'],
    ['bytes=1.5-2', 'whole'],
    ['bytes=+1-2', 'whole'],
    ['bytes=1e0-2', 'whole'],
    ['bytes=\u0661-\u0662', 'whole'],
    ['bytes=0-1\u00a0', 'whole'],
    ['bytes= 0-1', 'whole'],
    ['bytes =0-1', 'whole'],
    [' bytes=0-1', 'whole'],
    ['bytes=0 - 1', 'whole'],
    ['bytes=0- 1', 'whole'],
    ['bytes=0-1 2-3', 'whole'],
    ['bytes=0-1;2-3', 'whole'],
    ['bytes=3-2', 'whole'],
    ['bytes=0-1,3-2', 'whole'],
    ['bytes=0-1,x', 'whole'],
    ['bytes=0-0,bytes=1-1', 'whole'],
    ['bytes=0-0, bytes=1-1', 'whole'],
    // Other units
    ['chapters=1-2', 'whole'],
    ['byte=0-1', 'whole'],
    ['xbytes=0-1', 'whole'],
    ['none', 'whole'],
  ]
  for (const [field, expected] of cases) {
    const said = typeof expected === 'string' ? expected : expected.map(({ first, last }) => `${first}-${last}`).join()
    it(`are ${said} for ${JSON.stringify(field.slice(0, 40))}`, () => {
      expect(byteRanges(field, 10)).to.deep.equal(expected)
    })
  }

  it('are up to 32 parts, and the whole for more', () => {
    const field = (count: number) => `bytes=${Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join()}`
    expect(byteRanges(field(32), 100)).to.have.length(32)
    expect(byteRanges(field(33), 100)).to.equal('whole')
    expect(byteRanges(`bytes=0-0${','.repeat(40)}`, 100)).to.equal('whole')
  })

  it('are none of an empty body: its end is the whole of it', () => {
    expect(byteRanges('bytes=0-', 0)).to.equal('unsatisfiable')
    expect(byteRanges('bytes=0-0', 0)).to.equal('unsatisfiable')
    expect(byteRanges('bytes=-0', 0)).to.equal('unsatisfiable')
    expect(byteRanges('bytes=-5', 0)).to.equal('whole')
  })
})

describe('byteRanges of any body', () => {
  const length = fc.integer({ min: 0, max: 300 })
  const number = fc.oneof(fc.integer({ min: 0, max: 320 }).map(String), fc.bigInt({ min: 0n }).map(String))
  const spec = fc.oneof(
    fc.tuple(number, number).map((pair) => pair.join('-')),
    number.map((from) => `${from}-`),
    number.map((size) => `-${size}`),
  )
  const odd = fc.string({ unit: fc.constantFrom(...'0123456789-, \t=bytesx'), maxLength: 40 })
  const field = fc.oneof(
    fc.array(spec, { minLength: 1, maxLength: 40 }).map((specs) => `bytes=${specs.join(', ')}`),
    odd.map((text) => `bytes=${text}`),
    odd,
    fc.string({ unit: 'binary' }),
  )

  it('never throws, and gives apart, ordinary, bounded parts of it', () => {
    fc.assert(
      fc.property(field, length, (text, size) => {
        const ranges = byteRanges(text, size)
        if (typeof ranges === 'string') return
        expect(ranges.length).to.be.within(1, 32)
        const seen = new Set<number>()
        for (const { first, last } of ranges) {
          expect([first, last].every(Number.isSafeInteger)).to.equal(true)
          expect(first).to.be.within(0, last)
          expect(last).to.be.below(size)
          for (let i = first; i <= last; i++) {
            expect(seen.has(i), 'a byte twice').to.equal(false)
            seen.add(i)
          }
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives exactly the bytes that a plain reading of well-formed ranges names', () => {
    const exact = fc.array(fc.tuple(fc.integer({ min: 0, max: 320 }), fc.integer({ min: 0, max: 40 })), {
      minLength: 1,
      maxLength: 32,
    })
    fc.assert(
      fc.property(exact, length, (pairs, size) => {
        const text = `bytes=${pairs.map(([first, more]) => `${first}-${first + more}`).join()}`
        const named = new Set(pairs.flatMap(([first, more]) => Array.from({ length: more + 1 }, (_, i) => first + i)))
        const wanted = [...named].filter((i) => i < size).sort((a, b) => a - b)
        const ranges = byteRanges(text, size)
        const given =
          typeof ranges === 'string'
            ? ranges
            : ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
        if (wanted.length === 0) expect(given).to.equal('unsatisfiable')
        else expect([...given].sort((a, b) => Number(a) - Number(b))).to.deep.equal(wanted)
      }),
      { numRuns: 500 },
    )
  })

  it('takes time in step with the length of the field', () => {
    // Would take minutes where blanks or digits were read again and again.
    for (const text of [
      `bytes=0-${' '.repeat(60_000)}x`,
      `bytes=0${' '.repeat(60_000)}-`,
      `bytes=${'1'.repeat(60_000)}`,
    ]) {
      expect(byteRanges(text, 10)).to.equal('whole')
    }
  })
})
