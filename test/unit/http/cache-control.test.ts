// `Cache-Control` read the safe way: nothing that cannot be understood makes an answer more cacheable.
import { expect } from 'chai'
import fc from 'fast-check'
import { forbidsStoring, parseCacheControl, seconds } from '../../../src/http/cache-control.ts'

const forbids = (value: string | undefined) => forbidsStoring(parseCacheControl(value))

// T32
describe('forbidsStoring', function () {
  // Properties take long on a busy machine.
  this.timeout(60_000)

  const cases: [value: string | undefined, because: string | undefined][] = [
    [undefined, undefined],
    ['', undefined],
    [',,', undefined],
    ['public', undefined],
    ['max-age=60', undefined],
    ['no-store', 'no-store'],
    ['private', 'private'],
    ['no-cache', 'no-cache'],
    ['NO-Store', 'no-store'],
    ['  no-store  ', 'no-store'],
    ['\tno-store', 'no-store'],
    ['public, max-age=60, no-store', 'no-store'],
    ['public,no-store,max-age=60', 'no-store'],
    ['no-store=1', 'no-store'],
    ['no-store ="x"', 'no-store'],
    // Field lists forbid as a whole.
    ['private="set-cookie"', 'private'],
    ['no-cache="set-cookie, x"', 'no-cache'],
    ['no-cache="set-cookie, max-age=60", max-age=60', 'no-cache'],
    // CVE-2026-13697
    ['private=', 'private'],
    ['private=""', 'private'],
    ['private="', 'private'],
    ['private="set-cookie', 'private'],
    ['max-age=60, private=x', 'private'],
    ['no-cache=set-cookie, x', 'no-cache'],
    // Never a substring.
    ['x-no-store', undefined],
    ['no-store-x', undefined],
    ['no-storex', undefined],
    ['privately', undefined],
    ['not-private', undefined],
    ['ext="no-store"', undefined],
    ['ext="a, no-store, b"', undefined],
    ['ext="a\\", no-store, \\"b"', undefined],
    ['max-age=60, ext="private, no-cache"', undefined],
    // Lives of nothing.
    ['max-age=0', 'max-age-0'],
    ['max-age=00', 'max-age-0'],
    ['max-age="0"', 'max-age-0'],
    ['max-age="60"', undefined],
    ['Max-Age=0', 'max-age-0'],
    ['max-age = 0', 'max-age-0'],
    ['s-maxage=0', 's-maxage-0'],
    ['s-maxage=0, max-age=600', 's-maxage-0'],
    ['max-age=0, s-maxage=600', undefined],
    ['max-age=600, s-maxage=600', undefined],
    // No number: as if 0.
    ['max-age', 'max-age-0'],
    ['max-age=', 'max-age-0'],
    ['max-age=""', 'max-age-0'],
    ['max-age=soon', 'max-age-0'],
    ['max-age=-1', 'max-age-0'],
    ['max-age=1.5', 'max-age-0'],
    ['max-age=1e3', 'max-age-0'],
    ['max-age=0x10', 'max-age-0'],
    ['max-age=+60', 'max-age-0'],
    ['max-age=60s', 'max-age-0'],
    ['max-age=6 0', 'max-age-0'],
    ['max-age=٦٠', 'max-age-0'],
    ['max-age=99999999999999999999999', undefined],
    ['s-maxage=x, max-age=60', 's-maxage-0'],
    // Doubled and conflicting: the strictest.
    ['max-age=60, max-age=0', 'max-age-0'],
    ['max-age=0, max-age=60', 'max-age-0'],
    ['max-age=60, max-age', 'max-age-0'],
    ['s-maxage=600, s-maxage=0', 's-maxage-0'],
    ['public, private', 'private'],
    ['max-age=60, no-cache, public', 'no-cache'],
    // Broken quotes hide nothing.
    ['ext="x, no-store', 'no-store'],
    ['ext=x", no-store', 'no-store'],
    ['ext="x\\", no-store', 'no-store'],
    ['x"a, no-store, b"', 'no-store'],
    ['a\\", no-store, \\"b', 'no-store'],
    ['ext=a"b, no-store, c"', 'no-store'],
    ['ext="a"b", no-store, "c"', 'no-store'],
    ['"a, no-store, b"', 'no-store'],
    ['ext="a" "b, private, c"', 'private'],
  ]
  for (const [value, because] of cases) {
    it(`says ${because ?? 'nothing'} to ${JSON.stringify(value) ?? 'no field'}`, () => {
      expect(forbids(value)).to.equal(because)
    })
  }

  it('never throws, whatever it reads', () => {
    const header = fc.string({ unit: fc.constantFrom(...'noasremxgpivt-=",\\ 0159\t;'), maxLength: 60 })
    fc.assert(fc.property(fc.oneof(header, fc.string({ unit: 'binary' })), (value) => void forbids(value)))
  })

  it('has no stack to overflow', () => {
    for (const value of ['max-age=1,', 'a="', '\\"']) void forbids(value.repeat(150_000))
  })

  it('is never more permissive than the strict reading', () => {
    const piece = fc.constantFrom(
      ...['no-store', 'private', 'no-cache', 'max-age=0', 'max-age=60', 's-maxage=0', 's-maxage=60', 'public', 'ext'],
      ...[',', ',', ', ', ' ', '=', '="', '"', '\\"', '\\', '\\\\', 'x', '0', '\t'],
    )
    const value = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(value, (text) => {
        const strict = strictlyForbidden(text)
        expect(forbids(text) !== undefined || !strict, JSON.stringify(text)).to.equal(true)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('parseCacheControl', () => {
  it('keeps every argument, by lower-case name', () => {
    const directives = parseCacheControl('Max-Age=1, public, MAX-AGE="2", private="a, b\\"c"')
    expect([...directives]).to.deep.equal([
      ['max-age', ['1', '2']],
      ['public', [true]],
      ['private', ['a, b"c']],
    ])
  })

  // T42
  it('is not confused by the names of prototypes', () => {
    const directives = parseCacheControl('__proto__=1, constructor=2')
    expect([...directives.keys()]).to.deep.equal(['__proto__', 'constructor'])
    expect(parseCacheControl('public').get('constructor')).to.equal(undefined)
  })
})

describe('seconds', () => {
  const cases: [value: string, seconds: number | undefined][] = [
    ['public', undefined],
    ['max-age=60', 60],
    ['max-age=60, max-age=30', 30],
    ['max-age', 0],
    ['max-age=x', 0],
  ]
  for (const [value, expected] of cases) {
    it(`of ${value} are ${expected}`, () => expect(seconds(parseCacheControl(value), 'max-age')).to.equal(expected))
  }
})

/**
 * The strict reading: by the grammar of RFC 9111 §5.2 and RFC 9110 §5.6 where the field follows it; where it does not, quotes mean
 * nothing and every comma separates. Written without a look at the parser under test.
 */
function strictlyForbidden(value: string): boolean {
  const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
  const member = `${token}(?:[ \\t]*=[ \\t]*(?:${token}|"(?:[^"\\\\]|\\\\.)*"))?`
  const list = new RegExp(`^[ \\t,]*(?:${member}[ \\t]*(?:,[ \\t,]*${member}[ \\t]*)*)?[ \\t,]*$`)
  const members = list.test(value) ? (value.match(new RegExp(member, 'g')) ?? []) : value.split(',')
  const found = members.map((text) => {
    const [name = '', ...rest] = text.split('=')
    return {
      name: name.trim().toLowerCase(),
      argument: rest
        .join('=')
        .trim()
        .replace(/^"(.*)"$/s, '$1'),
    }
  })
  if (found.some(({ name }) => ['no-store', 'private', 'no-cache'].includes(name))) return true
  const lives = (wanted: string) => found.filter(({ name }) => name === wanted).map(({ argument }) => argument)
  const isZero = (argument: string) => !/^\d+$/.test(argument) || Number(argument) === 0
  return (lives('s-maxage').length > 0 ? lives('s-maxage') : lives('max-age')).some(isZero)
}
