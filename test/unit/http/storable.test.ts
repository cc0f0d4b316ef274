// The one predicate: what may be stored, shared and advertised.
import { expect } from 'chai'
import type { HeaderField } from '../../../src/http/headers.ts'
import { type StoringRules, unstorableBecause } from '../../../src/http/storable.ts'

const rules: StoringRules = {
  lifeOf: (status) => (status === 200 || status === 404 ? 60_000 : undefined),
  vary: ['accept-language'],
  maxBodyBytes: 1_000,
}
const past = 'Wed, 21 Oct 2015 07:28:00 GMT'
const future = 'Fri, 21 Oct 2095 07:28:00 GMT'

describe('unstorableBecause', () => {
  const cases: [headers: HeaderField[], because: string | undefined][] = [
    [[], undefined],
    [[['Content-Type', 'text/html']], undefined],
    // T31
    [[['Set-Cookie', 'a=1']], 'set-cookie'],
    [[['set-cookie', ['a=1', 'b=2']]], 'set-cookie'],
    // T8, T29, T15
    [[['Trailer', 'X-Checksum']], 'trailer'],
    [[['Content-Range', 'bytes 0-0/5']], 'content-range'],
    [[['Content-Type', 'text/event-stream']], 'event-stream'],
    [[['Content-Type', ' TEXT/Event-Stream; charset=utf-8']], 'event-stream'],
    [[['Content-Type', 'text/event-streaming']], undefined],
    // T32
    [[['Cache-Control', 'no-store']], 'no-store'],
    [[['cache-control', ['max-age=60', 'Private']]], 'private'],
    [
      [
        ['Cache-Control', 'max-age=60'],
        ['CACHE-CONTROL', 'no-cache="x"'],
      ],
      'no-cache',
    ],
    [[['Cache-Control', 'max-age=0']], 'max-age-0'],
    [[['Cache-Control', 'max-age=0, s-maxage=600']], undefined],
    // T33
    [[['Vary', '*']], 'vary-any'],
    [[['Vary', 'Accept-Language']], undefined],
    [[['Vary', 'Accept-Language, Origin']], undefined],
    [[['Vary', 'Accept-Language, *']], 'vary-any'],
    // The legacy fields, where Cache-Control does not override them (RFC 9111 §5.3, §5.4).
    [[['Pragma', 'no-cache']], 'expires'],
    [[['Pragma', 'No-Cache, x']], 'expires'],
    [[['Pragma', 'x']], undefined],
    [
      [
        ['Pragma', 'no-cache'],
        ['Cache-Control', 'max-age=60'],
      ],
      undefined,
    ],
    [[['Expires', past]], 'expires'],
    [[['Expires', future]], undefined],
    [[['Expires', '0']], 'expires'],
    [[['Expires', '-1']], 'expires'],
    [[['Expires', '']], 'expires'],
    [[['Expires', 'never']], 'expires'],
    // No dates, though `Date` reads years in them.
    [[['Expires', '3600']], 'expires'],
    [[['Expires', '9999']], 'expires'],
    [[['Expires', [future, past]]], 'expires'],
    [
      [
        ['Expires', '0'],
        ['Cache-Control', 's-maxage=60'],
      ],
      undefined,
    ],
    [
      [
        ['Expires', '0'],
        ['Cache-Control', 'public'],
      ],
      'expires',
    ],
    [
      [
        ['Expires', past],
        ['Date', 'Tue, 20 Oct 2015 07:28:00 GMT'],
      ],
      undefined,
    ],
    [
      [
        ['Expires', past],
        ['Date', past],
      ],
      'expires',
    ],
    // T15
    [[['Content-Length', '1000']], undefined],
    [[['Content-Length', '1001']], 'too-large'],
  ]
  for (const [headers, because] of cases) {
    it(`says ${because ?? 'nothing'} to ${JSON.stringify(headers)}`, () => {
      expect(unstorableBecause({ status: 200, headers }, rules)).to.equal(because)
    })
  }

  // T28
  it('says so to a status that the route gives no life', () => {
    expect(unstorableBecause({ status: 404, headers: [] }, rules)).to.equal(undefined)
    for (const status of [201, 206, 304, 401, 500]) {
      expect(unstorableBecause({ status, headers: [] }, rules)).to.equal(`status-${status}`)
    }
  })

  it('believes the length of the body more than the announced one', () => {
    const head = { status: 200, headers: [['Content-Length', '5']] as HeaderField[] }
    expect(unstorableBecause(head, rules, 1_000)).to.equal(undefined)
    expect(unstorableBecause(head, rules, 1_001)).to.equal('too-large')
  })
})
