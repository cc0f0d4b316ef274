// Names in `Vary` that the fingerprint does not cover.
import { expect } from 'chai'
import type { HeaderField } from '../../../src/http/headers.ts'
import { selection, uncoveredVary } from '../../../src/http/vary.ts'

// T33
describe('uncoveredVary', () => {
  const cases: [headers: HeaderField[], covered: string[], uncovered: readonly string[] | '*'][] = [
    [[], [], []],
    [[['Vary', '']], [], []],
    [[['Vary', 'Accept']], ['accept'], []],
    [[['vary', 'ACCEPT']], ['accept'], []],
    [[['Vary', 'Accept']], [], ['accept']],
    [[['Vary', 'Accept, Origin']], ['accept'], ['origin']],
    [[['Vary', 'Accept,,Origin ,']], ['accept', 'origin'], []],
    [[['Vary', ['Accept', 'Origin']]], ['accept'], ['origin']],
    [
      [
        ['Vary', 'Accept'],
        ['VARY', 'Origin'],
      ],
      ['accept'],
      ['origin'],
    ],
    [[['Vary', 'Accept-Encoding']], ['accept'], ['accept-encoding']],
    [[['Vary', '*']], ['accept'], '*'],
    [[['Vary', 'Accept, *']], ['accept'], '*'],
    [[['Vary', '*']], ['*'], '*'],
    [[['Vary', 'not a name']], ['accept'], ['not a name']],
    [[['Vary', '"a, b']], ['a', 'b'], ['"a']],
    [[['Vary', '"a, b"']], ['a', 'b'], ['"a, b"']],
    [[['Vary', 'Origin, Accept,origin']], [], ['accept', 'origin']],
    [[['X-Vary', 'Accept']], [], []],
  ]
  for (const [headers, covered, uncovered] of cases) {
    it(`finds ${JSON.stringify(uncovered)} in ${JSON.stringify(headers)} where ${covered.join(' and ') || 'nothing'} is covered`, () => {
      expect(uncoveredVary(headers, covered)).to.deep.equal(uncovered)
    })
  }
})

describe('a selection', () => {
  const of = (name: string, value: string | undefined) =>
    selection([name], value === undefined ? {} : { [name]: value })

  const same: [name: string, a: string, b: string][] = [
    ['accept-language', 'de, en', 'de,en'],
    ['x-any', '1, 2', ' 1 ,2 '],
    ['accept-encoding', 'gzip, br', 'br,gzip'],
    ['accept-encoding', 'GZIP', 'gzip'],
    ['accept-encoding', 'gzip;q=1.0, br', 'br, gzip'],
    ['accept-encoding', 'gzip ; q=0.5', 'gzip;q=0.5'],
  ]
  for (const [name, a, b] of same) {
    it(`is the same for ${JSON.stringify(a)} and ${JSON.stringify(b)} in ${name}`, () => {
      expect(of(name, a)).to.equal(of(name, b))
    })
  }

  const different: [name: string, a: string | undefined, b: string | undefined][] = [
    ['x-any', undefined, ''],
    ['accept-encoding', undefined, ''],
    ['accept-encoding', 'gzip', 'gzip;q=0'],
    ['accept-encoding', 'gzip;q=0.1', 'gzip;q=0.12'],
    ['accept-language', 'de, en', 'en, de'],
    ['x-any', 'a', 'A'],
    // What is no list keeps its empty members: they may mean something to its handler.
    ['x-any', ',5', '5,'],
    ['x-any', '5', '5,'],
    ['x-any', 'a,,b', 'a,b'],
    ['x-any', 'a b', 'a  b'],
    ['x-any', '"a","b"', '"a,b"'],
  ]
  for (const [name, a, b] of different) {
    it(`tells ${JSON.stringify(a)} from ${JSON.stringify(b)} in ${name}`, () => {
      expect(of(name, a)).not.to.equal(of(name, b))
    })
  }

  it('tells apart which header said it', () => {
    expect(selection(['a', 'b'], { a: '1' })).not.to.equal(selection(['a', 'b'], { b: '1' }))
    expect(selection(['a', 'b'], { a: '1', b: '2' })).not.to.equal(selection(['a', 'b'], { a: '1,2' }))
  })

  // T42
  it('knows no header that was not sent, whatever its name', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(selection([name], {})).to.equal('[null]')
    }
  })
})
