// Names in `Vary` that the fingerprint does not cover.
import { expect } from 'chai'
import type { HeaderField } from '../../../src/http/headers.ts'
import { uncoveredVary } from '../../../src/http/vary.ts'

// T33
describe('uncoveredVary', () => {
  const cases: [headers: HeaderField[], covered: string[], uncovered: string | undefined][] = [
    [[], [], undefined],
    [[['Vary', '']], [], undefined],
    [[['Vary', 'Accept']], ['accept'], undefined],
    [[['vary', 'ACCEPT']], ['accept'], undefined],
    [[['Vary', 'Accept']], [], 'accept'],
    [[['Vary', 'Accept, Origin']], ['accept'], 'origin'],
    [[['Vary', 'Accept,,Origin ,']], ['accept', 'origin'], undefined],
    [[['Vary', ['Accept', 'Origin']]], ['accept'], 'origin'],
    [
      [
        ['Vary', 'Accept'],
        ['VARY', 'Origin'],
      ],
      ['accept'],
      'origin',
    ],
    [[['Vary', 'Accept-Encoding']], ['accept'], 'accept-encoding'],
    [[['Vary', '*']], ['accept'], '*'],
    [[['Vary', 'Accept, *']], ['accept'], '*'],
    [[['Vary', '*']], ['*'], '*'],
    [[['Vary', 'not a name']], ['accept'], 'not a name'],
    [[['Vary', '"a, b']], ['a', 'b'], '"a'],
    [[['Vary', '"a, b"']], ['a', 'b'], '"a, b"'],
    [[['X-Vary', 'Accept']], [], undefined],
  ]
  for (const [headers, covered, uncovered] of cases) {
    it(`finds ${uncovered ?? 'nothing'} in ${JSON.stringify(headers)} where ${covered.join(' and ') || 'nothing'} is covered`, () => {
      expect(uncoveredVary(headers, covered)).to.equal(uncovered)
    })
  }
})
