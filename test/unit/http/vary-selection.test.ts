// What requests say in the headers that an answer was chosen by: equal only where every handler reads it alike.
import { expect } from 'chai'
import fc from 'fast-check'
import { negotiate } from '../../../src/http/accept-encoding.ts'
import { addVary, selection } from '../../../src/http/vary.ts'

const said = (field?: string) => selection(['accept-encoding'], field === undefined ? {} : { 'accept-encoding': field })

// T44, T83
describe('the selection by Accept-Encoding', () => {
  const groups: readonly (string | undefined)[][] = [
    [undefined],
    [''],
    ['gzip', 'GZIP', ' gzip ', 'gzip;q=1', 'gzip ; Q=1.000', 'gzip,'],
    ['gzip, br', 'br,gzip', 'br;q=1.0, gzip'],
    ['gzip;q=0', 'gzip; q=0.00'],
    ['gzip;q=0.5', 'gzip;q=0.500'],
    ['identity'],
    ['*'],
    ['*;q=0'],
    // Malformed: one handler reads yes, another no.
    ['gzip;q=0;q=1'],
    ['gzip;q=0 .5'],
    ['g zip'],
    ['gzip;q=1.5'],
    ['"gzip", br'],
    ['"gzip, br"'],
  ]

  it('is the same for requests that mean the same, and for no others', () => {
    const fields = groups.flatMap((group, at) => group.map((field) => ({ field, at })))
    for (const a of fields) {
      for (const b of fields)
        expect(said(a.field) === said(b.field), `${a.field} and ${b.field}`).to.equal(a.at === b.at)
    }
  })

  it('is never the same where a strict reader finds other codings wanted', () => {
    const member = fc
      .tuple(
        fc.constantFrom('gzip', 'br', 'identity', '*', 'GZIP', 'g zip', '"gzip"'),
        fc.constantFrom('', ';q=0', ';q=1', ';q=0.5', ';q=0;q=1', ';q=2', '; q=0.0', ';q=0"'),
      )
      .map((parts) => parts.join(''))
    const field = fc.array(member, { maxLength: 3 }).map((members) => members.join(','))
    fc.assert(
      fc.property(field, field, (a, b) => {
        if (said(a) !== said(b)) return
        expect(negotiate(a, ['br', 'gzip'])).to.deep.equal(negotiate(b, ['br', 'gzip']))
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('a Vary field with one more name', () => {
  const cases: [lines: string | string[] | undefined, field: string][] = [
    [undefined, 'Accept-Encoding'],
    ['', 'Accept-Encoding'],
    ['Origin', 'Origin, Accept-Encoding'],
    [['Origin', 'Cookie'], 'Origin, Cookie, Accept-Encoding'],
    ['accept-encoding', 'accept-encoding'],
    ['Origin, ACCEPT-ENCODING', 'Origin, ACCEPT-ENCODING'],
    ['*', '*'],
    ['X-Accept-Encoding', 'X-Accept-Encoding, Accept-Encoding'],
  ]
  for (const [lines, field] of cases) {
    it(`is ${field} after ${JSON.stringify(lines)}`, () => expect(addVary(lines, 'Accept-Encoding')).to.equal(field))
  }
})
