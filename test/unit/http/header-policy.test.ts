// What an answer's own header fields allow a shared cache (RFC 9111), and that what is malformed never allows more.
import { expect } from 'chai'
import fc from 'fast-check'
import { type HeaderPolicy, type HonourRules, headerPolicy } from '../../../src/http/header-policy.ts'
import type { HeaderField } from '../../../src/http/headers.ts'

const none: HonourRules = { heuristic: false, targeted: false, setCookie: false, staleOnError: false }
const NOW = Date.UTC(2026, 0, 10)
const day = (days: number) => new Date(NOW + days * 86_400_000).toUTCString()

interface Given {
  readonly status?: number
  readonly authorization?: string
  readonly rules?: Partial<HonourRules>
}

function policy(
  headers: readonly HeaderField[],
  { status = 200, authorization, rules }: Given = {},
): HeaderPolicy | string {
  const request = { headers: authorization === undefined ? {} : { authorization } }
  return headerPolicy({ status, headers }, request, { ...none, ...rules }, NOW)
}

const control = (value: string, given?: Given) => policy([['Cache-Control', value]], given)

/** Seconds of freshness, or why it may not be stored. */
function lifetime(headers: readonly HeaderField[], given?: Given): number | string {
  const judged = policy(headers, given)
  return typeof judged === 'string' ? judged : judged.lifetime / 1_000
}

describe('headerPolicy', () => {
  const lifetimes: [headers: HeaderField[], expected: number | string, given?: Given][] = [
    [[], 'no-freshness'],
    [[['Cache-Control', 'public']], 'no-freshness'],
    [[['Cache-Control', 'max-age=60']], 60],
    [[['cache-control', 'MAX-age=60']], 60],
    [[['Cache-Control', 'max-age="60"']], 60],
    [[['Cache-Control', 'x, max-age=60, y="max-age=5"']], 60],
    // §4.2.1: the first of s-maxage, max-age, Expires.
    [[['Cache-Control', 'max-age=60, s-maxage=5']], 5],
    [[['Cache-Control', ['s-maxage=600', 'max-age=1']]], 600],
    [[['Cache-Control', 's-maxage=0, max-age=60']], 0],
    [
      [
        ['Cache-Control', 'max-age=60'],
        ['Expires', day(1)],
      ],
      60,
    ],
    [
      [
        ['Cache-Control', 'max-age=60'],
        ['Expires', day(-1)],
      ],
      60,
    ],
    [[['Expires', day(1)]], 86_400],
    [
      [
        ['Expires', day(1)],
        ['Date', day(-1)],
      ],
      2 * 86_400,
    ],
    [
      [
        ['Expires', day(1)],
        ['Date', 'yesterday'],
      ],
      86_400,
    ],
    // §5.3
    [[['Expires', '0']], 0],
    [[['Expires', '']], 0],
    [[['Expires', day(-1)]], 0],
    [[['Expires', [day(1), '0']]], 86_400],
    // §1.2.2, §4.2.1: numbers that are none are 0, more than can be meant is a very long time, the least of several counts.
    [[['Cache-Control', 'max-age=']], 0],
    [[['Cache-Control', 'max-age']], 0],
    [[['Cache-Control', 'max-age=-1']], 0],
    [[['Cache-Control', 'max-age=1.5']], 0],
    [[['Cache-Control', 'max-age=1e3']], 0],
    [[['Cache-Control', 'max-age="60']], 0],
    [[['Cache-Control', "max-age='60'"]], 0],
    [[['Cache-Control', 'max-age=60, max-age=5']], 5],
    [[['Cache-Control', ['max-age=5', 'max-age=60']]], 5],
    [[['Cache-Control', 'max-age=2147483648']], 2 ** 31],
    [[['Cache-Control', `max-age=${'9'.repeat(400)}`]], 2 ** 31],
    // §3
    [[['Cache-Control', 'max-age=60, no-store']], 'no-store'],
    [[['Cache-Control', 'max-age=60, NO-STORE']], 'no-store'],
    [[['Cache-Control', 'max-age=60, private']], 'private'],
    [[['Cache-Control', 'max-age=60, private="x-user"']], 'private'],
    [[['Cache-Control', 'max-age=60, private=']], 'private'],
    [[['Cache-Control', 'max-age=60, private="x']], 'private'],
    [[['Cache-Control', 'x="a, max-age=60, no-store']], 'no-store'],
    [
      [
        ['Cache-Control', 'max-age=60'],
        ['Set-Cookie', 'a=b'],
      ],
      'set-cookie',
    ],
    [
      [
        ['Cache-Control', 'max-age=60'],
        ['Set-Cookie', 'a=b'],
      ],
      60,
      { rules: { setCookie: true } },
    ],
    [[['Cache-Control', 'max-age=60']], 'status-206', { status: 206 }],
    [[['Cache-Control', 'max-age=60']], 'status-304', { status: 304 }],
    [[['Cache-Control', 'max-age=60']], 'status-103', { status: 103 }],
    [[['Cache-Control', 'max-age=60']], 60, { status: 500 }],
    [[['Cache-Control', 'max-age=60']], 60, { status: 599 }],
    [[['Cache-Control', 'max-age=60']], 60, { status: 302 }],
    // §5.2.2.3
    [[['Cache-Control', 'max-age=60, must-understand']], 'status-599', { status: 599 }],
    [[['Cache-Control', 'max-age=60, must-understand, no-store']], 60],
    [[['Cache-Control', 'max-age=60, must-understand, no-store']], 'status-599', { status: 599 }],
    // §3.5
    [[['Cache-Control', 'max-age=60']], 'authorization', { authorization: 'x' }],
    [[['Cache-Control', 'max-age=60, proxy-revalidate']], 'authorization', { authorization: 'x' }],
    [[['Cache-Control', 'max-age=60, public']], 60, { authorization: 'x' }],
    [[['Cache-Control', 'max-age=60, must-revalidate']], 60, { authorization: 'x' }],
    [[['Cache-Control', 's-maxage=60']], 60, { authorization: 'x' }],
    // What must be confirmed each time is kept where it can be.
    [
      [
        ['Cache-Control', 'no-cache'],
        ['ETag', '"1"'],
      ],
      0,
    ],
    [
      [
        ['Cache-Control', 'no-cache="x"'],
        ['Last-Modified', day(-1)],
      ],
      0,
    ],
    [[['Cache-Control', 'no-cache']], 'no-freshness'],
    [
      [
        ['Cache-Control', 'no-cache'],
        ['ETag', '"1"'],
      ],
      'no-freshness',
      { status: 403 },
    ],
    // §4.2.2
    [[['Last-Modified', day(-10)]], 'no-freshness'],
    [[['Last-Modified', day(-5)]], 43_200, { rules: { heuristic: true } }],
    [
      [
        ['Last-Modified', day(-5)],
        ['Date', day(5)],
      ],
      86_400,
      { rules: { heuristic: true } },
    ],
    [[['Last-Modified', day(-10_000)]], 86_400, { rules: { heuristic: true } }],
    [[['Last-Modified', day(1)]], 0, { rules: { heuristic: true } }],
    [[['Last-Modified', 'then']], 'no-freshness', { rules: { heuristic: true } }],
    [[], 'no-freshness', { rules: { heuristic: true } }],
    [[['Last-Modified', day(-5)]], 'no-freshness', { status: 201, rules: { heuristic: true } }],
    [
      [
        ['Last-Modified', day(-5)],
        ['Cache-Control', 'public'],
      ],
      43_200,
      { status: 201, rules: { heuristic: true } },
    ],
    [
      [
        ['Last-Modified', day(-5)],
        ['Expires', '0'],
      ],
      0,
      { rules: { heuristic: true } },
    ],
    // RFC 9213 §2.2: then nothing else is looked at, but only where it is asked for.
    [
      [
        ['CDN-Cache-Control', 'max-age=5'],
        ['Cache-Control', 'no-store'],
        ['Expires', '0'],
      ],
      'no-store',
    ],
    [
      [
        ['CDN-Cache-Control', 'max-age=5'],
        ['Cache-Control', 'no-store'],
      ],
      5,
      { rules: { targeted: true } },
    ],
    [
      [
        ['CDN-Cache-Control', 'no-store'],
        ['Cache-Control', 'max-age=60'],
      ],
      'no-store',
      { rules: { targeted: true } },
    ],
    [
      [
        ['CDN-Cache-Control', 'public'],
        ['Expires', day(1)],
      ],
      'no-freshness',
      { rules: { targeted: true } },
    ],
    [
      [
        ['CDN-Cache-Control', 'Max-Age=5'],
        ['Cache-Control', 'max-age=60'],
      ],
      60,
      { rules: { targeted: true } },
    ],
  ]

  for (const [headers, expected, given = {}] of lifetimes) {
    it(`gives ${expected} to ${JSON.stringify(headers).slice(0, 120)} ${JSON.stringify(given)}`, () => {
      expect(lifetime(headers, given)).to.equal(expected)
    })
  }

  const ages: [headers: HeaderField[], seconds: number][] = [
    [[], 0],
    [[['Age', '20']], 20],
    // §5.1: of several the first, and none where it is no number.
    [[['Age', '20, 0']], 20],
    [[['Age', '0, 20']], 0],
    [[['Age', ['20', '0']]], 20],
    [[['Age', ['0', '20']]], 0],
    [[['Age', 'old']], 0],
    [[['Age', '-20']], 0],
    [[['Age', '20.5']], 0],
    [[['Age', '']], 0],
    [[['Age', '20;x=1']], 20],
    [[['Age', '9'.repeat(400)]], 2 ** 31],
    // §4.2.3
    [[['Date', day(-1)]], 86_400],
    [[['Date', day(1)]], 0],
    [
      [
        ['Date', 'x'],
        ['Age', '5'],
      ],
      5,
    ],
    [
      [
        ['Date', day(-1)],
        ['Age', '5'],
      ],
      86_400,
    ],
    [
      [
        ['Date', day(-1)],
        ['Age', '100000'],
      ],
      100_000,
    ],
  ]

  for (const [headers, seconds] of ages) {
    it(`takes ${JSON.stringify(headers).slice(0, 80)} to be ${seconds} seconds old`, () => {
      const judged = policy([...headers, ['Cache-Control', 'max-age=60']])
      expect(judged).to.have.property('initialAge', seconds * 1_000)
    })
  }

  it('says how what is stale may be used', () => {
    expect(control('max-age=1, stale-while-revalidate=5, stale-if-error=9')).to.include({
      staleWhileRevalidate: 5_000,
      staleIfError: 9_000,
      alwaysRevalidate: false,
      mustRevalidate: false,
      forAll: false,
    })
    for (const text of ['must-revalidate', 'proxy-revalidate', 's-maxage=5']) {
      expect(control(`max-age=1, ${text}`)).to.include({ mustRevalidate: true })
    }
    expect(control('max-age=1, stale-if-error=x, stale-while-revalidate')).to.include({
      staleIfError: 0,
      staleWhileRevalidate: 0,
    })
    expect(control('max-age=1', { rules: { staleOnError: true } })).to.include({ staleIfError: 2 ** 31 * 1_000 })
    expect(control('max-age=1, stale-if-error=3', { rules: { staleOnError: true } })).to.include({
      staleIfError: 3_000,
    })
  })

  it('keeps the Date it was made at, where it is one', () => {
    expect(
      policy([
        ['Date', day(-1)],
        ['Cache-Control', 'max-age=1'],
      ]),
    ).to.include({ date: day(-1) })
    for (const date of ['x', '', '0']) {
      expect(
        policy([
          ['Date', date],
          ['Cache-Control', 'max-age=1'],
        ]),
      ).to.have.property('date', undefined)
    }
  })

  it('never throws, never stores against a plain no-store or private, and gives no lifetime that is no number', function () {
    this.timeout(60_000)
    const word = fc.constantFrom(
      'max-age',
      's-maxage',
      'private',
      'no-cache',
      'public',
      '=',
      '"',
      ',',
      ';',
      '-',
      '60',
      ' ',
      '\\',
      '\t',
      'é',
    )
    const text = fc.array(word, { maxLength: 10 }).map((words) => words.join(''))
    const name = fc.constantFrom(
      'Cache-Control',
      'CDN-Cache-Control',
      'Surrogate-Control',
      'Expires',
      'Age',
      'Date',
      'Last-Modified',
    )
    const fields = fc.array(fc.tuple(name, fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 }))), {
      maxLength: 5,
    })
    const rules = fc.record({
      heuristic: fc.boolean(),
      targeted: fc.boolean(),
      setCookie: fc.boolean(),
      staleOnError: fc.boolean(),
    })
    fc.assert(
      fc.property(fields, rules, fc.constantFrom('no-store', 'private'), (headers, honoured, forbidden) => {
        const judged = headerPolicy({ status: 200, headers }, { headers: {} }, honoured, NOW)
        if (typeof judged !== 'string') {
          const { lifetime: fresh, initialAge, staleWhileRevalidate, staleIfError } = judged
          for (const amount of [fresh, initialAge, staleWhileRevalidate, staleIfError]) {
            expect(amount).to.be.within(0, 2 ** 31 * 1_000)
          }
        }
        const refused: HeaderField[] = [...headers, ['Cache-Control', forbidden]]
        const again = headerPolicy(
          { status: 200, headers: refused },
          { headers: {} },
          { ...honoured, targeted: false },
          NOW,
        )
        expect(again).to.be.a('string')
      }),
    )
  })
})
