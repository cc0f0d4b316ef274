// A 304 brings a stored answer up to date (RFC 9111 §3.2, §4.3.4).
import { expect } from 'chai'
import fc from 'fast-check'
import type { StoredResponse } from '../../../src/http/exchange.ts'
import { confirmedBy, dated, freshened, validatorsOf } from '../../../src/http/freshen.ts'
import type { HeaderField } from '../../../src/http/headers.ts'

const stored = (...headers: HeaderField[]): StoredResponse => ({
  status: 200,
  headers,
  removed: [],
  body: Buffer.from('a'),
})
const notModified = (...headers: HeaderField[]) => ({ status: 304, headers })

describe('freshened', () => {
  it('replaces each field that the 304 has, whatever its letter case, and keeps the others', () => {
    const before = stored(
      ['ETag', '"1"'],
      ['X-Old', 'kept'],
      ['cache-control', 'max-age=1'],
      ['Content-Type', 'text/plain'],
    )
    const after = freshened(
      before,
      notModified(['Cache-Control', 'max-age=60'], ['Content-Type', 'text/plain;charset=utf-8'], ['X-New', ['1', '2']]),
    )
    expect(after.headers).to.deep.equal([
      ['ETag', '"1"'],
      ['X-Old', 'kept'],
      ['Cache-Control', 'max-age=60'],
      ['Content-Type', 'text/plain;charset=utf-8'],
      ['X-New', ['1', '2']],
    ])
    expect(after).to.include({ status: 200, body: before.body })
  })

  it('takes neither a length nor what is not stored: that of one connection, and what Connection names', () => {
    const after = freshened(
      stored(['X-Hop', 'stored']),
      notModified(
        ['Content-Length', '0'],
        ['Connection', 'x-hop'],
        ['X-Hop', 'news'],
        ['Keep-Alive', 'x'],
        ['Age', '5'],
        ['Date', 'x'],
      ),
    )
    expect(after.headers).to.deep.equal([['X-Hop', 'stored']])
  })

  it('writes to nothing it is given', () => {
    const field = fc.tuple(fc.constantFrom('a', 'A', 'b', 'Connection', 'Content-Length'), fc.string())
    fc.assert(
      fc.property(fc.array(field), fc.array(field), (own, news) => {
        const before = stored(...own)
        const copy = structuredClone(before.headers)
        freshened(Object.freeze(before), notModified(...news))
        expect(before.headers).to.deep.equal(copy)
      }),
    )
  })
})

describe('confirmedBy', () => {
  const cases: [own: HeaderField[], news: HeaderField[], confirmed: boolean][] = [
    [[['ETag', '"1"']], [], true],
    [[], [], true],
    [[['ETag', '"1"']], [['etag', '"1"']], true],
    [[['ETag', '"1"']], [['ETag', '"2"']], false],
    // A strong one stands for the same bytes, which a weak one never promised.
    [[['ETag', 'W/"1"']], [['ETag', '"1"']], false],
    [[['ETag', '"1"']], [['ETag', 'W/"1"']], true],
    [[['ETag', 'W/"1"']], [['ETag', 'W/"1"']], true],
    [[['ETag', 'W/"1"']], [['ETag', 'W/"2"']], false],
    [[['Last-Modified', 'a']], [['ETag', '"1"']], false],
    [[['Last-Modified', 'a']], [['Last-Modified', 'a']], true],
    [[['Last-Modified', 'a']], [['Last-Modified', 'b']], false],
    [
      [
        ['ETag', '"1"'],
        ['Last-Modified', 'a'],
      ],
      [
        ['ETag', '"1"'],
        ['Last-Modified', 'b'],
      ],
      true,
    ],
    [[['ETag', '"1"']], [['Last-Modified', 'b']], true],
  ]

  for (const [own, news, confirmed] of cases) {
    it(`says that ${JSON.stringify(news)} is ${confirmed ? '' : 'not '}about ${JSON.stringify(own)}`, () => {
      expect(confirmedBy(stored(...own), notModified(...news))).to.equal(confirmed)
    })
  }
})

describe('dated', () => {
  it('gives an answer its Date, or takes away what would belong to another age', () => {
    const one = stored(['X', '1'], ['date', 'old'])
    expect(dated(one, 'new').headers).to.deep.equal([
      ['X', '1'],
      ['Date', 'new'],
    ])
    expect(dated(one, undefined).headers).to.deep.equal([['X', '1']])
  })
})

describe('validatorsOf', () => {
  it('names what a stored answer can be confirmed by, or nothing', () => {
    expect(validatorsOf(stored(['ETag', '"1"'], ['Last-Modified', 'a']))).to.deep.equal({
      etag: '"1"',
      lastModified: 'a',
    })
    expect(validatorsOf(stored(['Last-Modified', 'a']))).to.deep.equal({ etag: undefined, lastModified: 'a' })
    expect(validatorsOf(stored(['X', 'a']))).to.equal(undefined)
  })
})
