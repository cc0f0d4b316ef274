// What clients say of codings: they never get one that they did not ask for, or forbade.
import { expect } from 'chai'
import fc from 'fast-check'
import { negotiate } from '../../../src/http/accept-encoding.ts'
import type { Coding } from '../../../src/http/coding.ts'

const all: readonly Coding[] = ['br', 'zstd', 'gzip']

// T83
describe('the codings a client wants', () => {
  const cases: [field: string | undefined, codings: Coding[], identity: boolean][] = [
    [undefined, [], true],
    ['', [], true],
    [' ', [], true],
    ['identity', [], true],
    ['gzip', ['gzip'], true],
    ['GZip', ['gzip'], true],
    ['x-gzip', ['gzip'], true],
    ['gzip, deflate, br, zstd', ['br', 'zstd', 'gzip'], true],
    ['gzip;q=1.0,br;q=1', ['br', 'gzip'], true],
    ['gzip, br;q=0.9', ['gzip', 'br'], true],
    ['br ; Q=0.5 , gzip ; q=0.500', ['br', 'gzip'], true],
    ['gzip;q=0.001', ['gzip'], true],
    ['deflate, compress', [], true],
    // Forbidden ones.
    ['gzip;q=0', [], true],
    ['gzip;Q=0.000', [], true],
    ['*;q=0', [], false],
    ['*, gzip;q=0', ['br', 'zstd'], true],
    ['br, *;q=0', ['br'], false],
    ['gzip, identity;q=0', ['gzip'], false],
    ['identity;q=0', [], false],
    ['*', ['br', 'zstd', 'gzip'], true],
    ['*;q=0.1, gzip', ['gzip', 'br', 'zstd'], true],
    // The body as it is, where the client likes that better.
    ['gzip;q=0.5, identity', [], true],
    ['gzip;q=0.5, br;q=0.8, identity;q=0.5', ['br', 'gzip'], true],
    // Malformed: what may mean no is no.
    ['gzip;q=', [], true],
    ['gzip;q=1.5', [], true],
    ['gzip;q=-1', [], true],
    ['gzip;q=0.1234', [], true],
    ['gzip;q=yes', [], true],
    ['gzip;q="0"', [], true],
    ['gzip;q=0;q=1', [], true],
    ['gzip;level=9', [], true],
    ['gzip br', [], true],
    ['"gzip"', [], true],
    ['"gzip, br"', [], true],
    ['gzip, gzip;q=0', [], true],
    ['gzip;q=0, gzip', [], true],
    ['x-gzip;q=0, gzip', [], true],
    [',,gzip,', ['gzip'], true],
    ['gzipp, br2', [], true],
    ['constructor, __proto__', [], true],
  ]
  for (const [field, codings, identity] of cases) {
    it(`are ${codings.join(' and ') || 'none'} for ${field === undefined ? 'no field' : JSON.stringify(field)}`, () => {
      expect(negotiate(field, all)).to.deep.equal({ codings, identity })
    })
  }

  it('are among those that are offered', () => {
    expect(negotiate('gzip, br', ['gzip']).codings).to.deep.equal(['gzip'])
    expect(negotiate('gzip, br', ['gzip', 'br']).codings).to.deep.equal(['gzip', 'br'])
    expect(negotiate('*', []).codings).to.deep.equal([])
  })

  const name = fc.constantFrom('gzip', 'br', 'zstd', 'x-gzip', 'identity', 'deflate', '*', 'GZIP', 'Br')
  const weight = fc.constantFrom('', ';q=1', ';q=0', ';q=0.0', '; q=0.000', ';Q=0', ';q=0.5', ' ;q=0.001', ';q=1.000')
  const malformed = fc.constantFrom(
    ';q=2',
    ';q',
    ';;q=1',
    ';q=NaN',
    ';q=1e3',
    '"',
    ';q="1"',
    '\t',
    ' x',
    ';q=.5',
    ';q=0x1',
  )
  const junk = fc.string({ unit: fc.constantFrom(...'gzipbrx-*;=q.01", \t\\()é\u0000'), maxLength: 40 })
  const member = fc.tuple(name, fc.oneof(weight, malformed)).map((parts) => parts.join(''))
  const field = fc.oneof(
    fc.array(member, { maxLength: 6 }).map((members) => members.join(', ')),
    fc.array(fc.oneof(member, junk), { maxLength: 6 }).map((members) => members.join(',')),
    junk,
    fc.string({ unit: 'binary' }),
  )

  it('are never one that the field does not name, or forbids, whatever the field', () => {
    fc.assert(
      fc.property(field, (text) => {
        for (const coding of negotiate(text, all).codings) {
          const own = text.split(',').filter((part) => nameIn(part) === coding)
          const any = text.split(',').filter((part) => nameIn(part) === '*')
          const counted = own.length > 0 ? own : any
          expect(counted, `${coding} is nowhere`).not.to.deep.equal([])
          for (const part of counted) expect(part, coding).not.to.match(/q\s*=\s*"?0?\.?0*"?\s*(?:;|$)/i)
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it('never include one twice, and take time that grows with the field alone', () => {
    fc.assert(
      fc.property(field, (text) => {
        const { codings } = negotiate(text, all)
        expect(new Set(codings).size).to.equal(codings.length)
      }),
    )
    for (const unit of ['gzip;q=0', ' ', ';', '\t;q=', '"', 'a', ',']) negotiate(unit.repeat(16_384), all)
  })
})

/** What a lenient reader takes for the name of a member. */
function nameIn(part: string): string {
  const name = (/^[^\s;]*/.exec(part.trim())?.[0] ?? '').toLowerCase()
  return name === 'x-gzip' ? 'gzip' : name
}
