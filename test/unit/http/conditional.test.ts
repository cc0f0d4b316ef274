// Conditional requests answered from an entry (RFC 9110 §13).
import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import { describesBody, isConditional, isNotModified, isSuccessful } from '../../../src/http/conditional.ts'
import type { HeaderField } from '../../../src/http/headers.ts'

const early = 'Wed, 21 Oct 2015 07:28:00 GMT'
const late = 'Thu, 22 Oct 2015 07:28:00 GMT'

// T80
describe('isNotModified by If-None-Match', () => {
  const cases: [list: string, etag: string | undefined, notModified: boolean][] = [
    ['"a"', '"a"', true],
    ['"a"', '"b"', false],
    ['"a"', undefined, false],
    ['W/"a"', '"a"', true],
    ['"a"', 'W/"a"', true],
    ['W/"a"', 'W/"a"', true],
    ['w/"a"', '"a"', false],
    ['"b", "a"', '"a"', true],
    ['"b","c"', '"a"', false],
    ['"b" , W/"a"', '"a"', true],
    ['"b",,"a"', '"a"', true],
    // Commas and backslashes are letters of a tag (§8.8.3).
    ['"a,b"', '"a,b"', true],
    ['"a,b"', '"b"', false],
    ['"x", "a,b"', '"a,b"', true],
    ['"x\\", "a"', '"a"', true],
    ['"x\\"', '"x\\"', true],
    ['""', '""', true],
    ['', '"a"', false],
    ['a', '"a"', false],
    ['"A"', '"a"', false],
    ['*', '"a"', true],
    [' * ', '"a"', true],
    ['*', undefined, true],
    ['"*"', '"a"', false],
    ['"a", *', '"b"', false],
  ]
  for (const [list, etag, notModified] of cases) {
    it(`says ${notModified ? 'yes' : 'no'} to ${list || 'nothing'} for ${etag ?? 'no ETag'}`, () => {
      const headers: HeaderField[] = etag === undefined ? [] : [['Etag', etag]]
      expect(isNotModified({ 'if-none-match': list }, headers)).to.equal(notModified)
    })
  }

  it('wins over If-Modified-Since, whatever that says', () => {
    const headers: HeaderField[] = [
      ['ETag', '"a"'],
      ['Last-Modified', early],
    ]
    expect(isNotModified({ 'if-none-match': '"b"', 'if-modified-since': late }, headers)).to.equal(false)
    expect(isNotModified({ 'if-none-match': '"a"', 'if-modified-since': '0' }, headers)).to.equal(true)
  })

  it('finds a tag in every list that holds it, and in no other', () => {
    const tag = fc
      .string({ unit: fc.constantFrom('a', 'b', ',', '\\', '*', '!'), maxLength: 4 })
      .map((text) => `"${text}"`)
    const member = fc.tuple(fc.constantFrom('', 'W/'), tag).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(member, { minLength: 1, maxLength: 5 }), tag, (list, etag) => {
        const holds = list.some((one) => one.replace(/^W\//, '') === etag)
        expect(isNotModified({ 'if-none-match': list.join(', ') }, [['ETag', etag]])).to.equal(holds)
      }),
      { numRuns: 500 },
    )
  })
})

describe('isNotModified by If-Modified-Since', () => {
  const cases: [since: string, modified: string | undefined, notModified: boolean][] = [
    [early, early, true],
    [late, early, true],
    [early, late, false],
    [early, undefined, false],
    // The two old forms of a date (§5.6.7).
    ['Wednesday, 21-Oct-15 07:28:00 GMT', early, true],
    ['Wed Oct 21 07:28:00 2015', early, true],
    // No dates: the field is ignored.
    ['0', early, false],
    ['2030', early, false],
    ['2030-01-01T00:00:00Z', early, false],
    ['never', early, false],
    ['', early, false],
    [early, '0', false],
    [early, '2015-01-01', false],
  ]
  for (const [since, modified, notModified] of cases) {
    it(`says ${notModified ? 'yes' : 'no'} to ${since || 'nothing'} for ${modified ?? 'no Last-Modified'}`, () => {
      const headers: HeaderField[] = modified === undefined ? [] : [['last-modified', modified]]
      expect(isNotModified({ 'if-modified-since': since }, headers)).to.equal(notModified)
    })
  }

  it('says no to a request without conditions', () => {
    expect(isNotModified({}, [['ETag', '"a"']])).to.equal(false)
  })
})

describe('isConditional', () => {
  const cases: [headers: IncomingHttpHeaders, conditional: boolean][] = [
    [{}, false],
    [{ 'if-none-match': '' }, true],
    [{ 'if-modified-since': early }, true],
    [{ 'if-match': '"a"', 'if-range': '"a"', 'if-unmodified-since': early }, false],
  ]
  for (const [headers, conditional] of cases) {
    it(`says ${conditional ? 'yes' : 'no'} to ${JSON.stringify(headers)}`, () => {
      expect(isConditional(headers)).to.equal(conditional)
    })
  }
})

describe('isSuccessful', () => {
  it('knows the 2xx', () => {
    const statuses = [199, 200, 204, 299, 300, 304, 404]
    expect(statuses.filter(isSuccessful)).to.deep.equal([200, 204, 299])
  })
})

describe('describesBody', () => {
  const out = [
    'Content-Type',
    'content-length',
    'CONTENT-ENCODING',
    'Content-Language',
    'Content-Range',
    'Content-Disposition',
    'Content-MD5',
    'Content-Digest',
  ]
  const kept = [
    'Content-Location',
    'content-location',
    'Content-Security-Policy',
    'Content-Security-Policy-Report-Only',
    'ETag',
    'Cache-Control',
    'Vary',
    'Date',
    'Expires',
    'Last-Modified',
    'X-Content-Type-Options',
    'Set-Cookie',
  ]
  it('keeps out of a 304 what speaks of a body', () => expect(out.filter(describesBody)).to.deep.equal(out))
  it('keeps in a 304 what speaks of the answer', () => expect(kept.filter(describesBody)).to.deep.equal([]))
})
