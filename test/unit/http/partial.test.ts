// Parts of a stored answer: their bytes, their fields, and the whole wherever a part would not be safe.
import type { IncomingHttpHeaders } from 'node:http'
import { expect } from 'chai'
import fc from 'fast-check'
import type { StoredResponse } from '../../../src/http/exchange.ts'
import { fieldLines, type HeaderField } from '../../../src/http/headers.ts'
import { partialAnswer } from '../../../src/http/partial.ts'
import { readMultipart } from '../../support/multipart.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'
const madeAt = Date.parse(MODIFIED) + 60_000

const stored = (headers: HeaderField[] = [], body: string | Buffer = '0123456789'): StoredResponse => ({
  status: 200,
  headers,
  removed: ['x-outer'],
  body: Buffer.from(body),
})
const ask = (request: IncomingHttpHeaders, answer = stored(), at = madeAt) => partialAnswer(request, answer, at)
const fieldsOf = (answer: StoredResponse | undefined) =>
  Object.fromEntries((answer?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]))

// T29
describe('partialAnswer', () => {
  it('is one part with its place, the stored fields, and what the run had removed', () => {
    const answer = ask(
      { range: 'bytes=2-4' },
      stored([
        ['ETag', '"a"'],
        ['Link', ['<a>', '<b>']],
      ]),
    )
    expect(answer?.status).to.equal(206)
    expect(answer?.body.toString()).to.equal('234')
    expect(answer?.removed).to.deep.equal(['x-outer'])
    expect(fieldsOf(answer)).to.deep.equal({
      etag: '"a"',
      link: ['<a>', '<b>'],
      'accept-ranges': 'bytes',
      'content-range': 'bytes 2-4/10',
    })
  })

  it('shares the stored bytes, and does not change the stored answer', () => {
    const whole = stored([['ETag', '"a"']])
    const copy = structuredClone(whole.headers)
    const answer = ask({ range: 'bytes=2-4' }, whole)
    expect(answer?.body.buffer).to.equal(whole.body.buffer)
    expect(whole.headers).to.deep.equal(copy)
    expect(whole.body.toString()).to.equal('0123456789')
  })

  it('drops a custom phrase: it was said of another status', () => {
    expect(ask({ range: 'bytes=2-4' }, { ...stored(), statusMessage: 'Fine' })).not.to.have.property('statusMessage')
  })

  it('drops digests of the whole body, but keeps those of the representation', () => {
    const digests: HeaderField[] = ['Content-MD5', 'Content-Digest', 'Repr-Digest'].map((name) => [name, 'x'])
    expect(fieldsOf(ask({ range: 'bytes=0-0' }, stored(digests)))).to.have.all.keys(
      'repr-digest',
      'accept-ranges',
      'content-range',
    )
  })

  it('is several parts, each with its place and type', () => {
    const answer = ask({ range: 'bytes=8-,0-1' }, stored([['content-type', 'text/plain; charset=utf-8']]))
    const { 'content-type': type, ...others } = fieldsOf(answer)
    expect(others).to.deep.equal({ 'accept-ranges': 'bytes' })
    expect(readMultipart(String(type), answer!.body)).to.deep.equal([
      {
        fields: { 'content-type': 'text/plain; charset=utf-8', 'content-range': 'bytes 8-9/10' },
        body: Buffer.from('89'),
      },
      {
        fields: { 'content-type': 'text/plain; charset=utf-8', 'content-range': 'bytes 0-1/10' },
        body: Buffer.from('01'),
      },
    ])
  })

  it('gives parts of an answer without a type none either', () => {
    const answer = ask({ range: 'bytes=0-0,2-2' })
    const parts = readMultipart(String(fieldsOf(answer)['content-type']), answer!.body)
    expect(parts.map(({ fields }) => fields)).to.deep.equal([
      { 'content-range': 'bytes 0-0/10' },
      { 'content-range': 'bytes 2-2/10' },
    ])
  })

  it('parts them by a boundary that is another one each time', () => {
    const types = [1, 2].map(() => fieldsOf(ask({ range: 'bytes=0-0,2-2' }))['content-type'])
    expect(types[0]).to.match(/boundary=[0-9a-f]{32,}$/)
    expect(types[0]).not.to.equal(types[1])
  })

  it('is a 416 with the length where no part exists, without what speaks of the body or of storing', () => {
    const gone: HeaderField[] = [
      ['Content-Type', 'text/plain'],
      ['Content-Encoding', 'gzip'],
      ['ETag', '"a"'],
      ['Last-Modified', MODIFIED],
      ['Expires', MODIFIED],
      ['CDN-Cache-Control', 'max-age=60'],
      ['Cache-Control', 'public, max-age=60'],
    ]
    const kept: HeaderField[] = [
      ['Vary', 'Origin'],
      ['Access-Control-Allow-Origin', '*'],
    ]
    const answer = ask({ range: 'bytes=10-' }, stored([...gone, ...kept]))
    expect(answer?.status).to.equal(416)
    expect(answer?.body).to.have.length(0)
    expect(fieldsOf(answer)).to.deep.equal({
      vary: 'Origin',
      'access-control-allow-origin': '*',
      'accept-ranges': 'bytes',
      'cache-control': 'no-store',
      'content-range': 'bytes */10',
    })
  })

  const whole: Record<string, [IncomingHttpHeaders, StoredResponse?]> = {
    'no Range': [{}],
    'another unit': [{ range: 'chapters=1' }],
    'a malformed Range': [{ range: 'bytes=abc-' }],
    'a handler that wants no ranges': [{ range: 'bytes=0-0' }, stored([['Accept-Ranges', 'none']])],
    'a handler with units of its own': [{ range: 'bytes=0-0' }, stored([['accept-ranges', 'Chapters']])],
    'several parts of a coded body': [{ range: 'bytes=0-0,2-2' }, stored([['Content-Encoding', 'gzip']])],
    ...Object.fromEntries(
      [201, 203, 204, 206, 301, 404, 503].map((status) => [
        `status ${status}`,
        [{ range: 'bytes=0-0' }, { ...stored(), status }],
      ]),
    ),
  }
  for (const [what, [request, answer]] of Object.entries(whole)) {
    it(`leaves the answer whole for ${what}`, () => expect(ask(request, answer)).to.equal(undefined))
  }

  it('gives one part of a coded body: its bytes are those of the coding', () => {
    const answer = ask({ range: 'bytes=0-0' }, stored([['Content-Encoding', 'gzip']]))
    expect(fieldsOf(answer)).to.include({ 'content-encoding': 'gzip', 'content-range': 'bytes 0-0/10' })
  })

  it('gives parts where the handler offers bytes among other units', () => {
    const answer = ask({ range: 'bytes=0-0' }, stored([['Accept-Ranges', 'chapters, Bytes']]))
    expect(answer?.status).to.equal(206)
    expect(fieldLines(answer!.headers, 'accept-ranges')).to.deep.equal(['chapters, Bytes'])
  })

  it('is bounded by the body and a little for each part, and made of its bytes, whatever is asked', () => {
    const number = fc.integer({ min: 0, max: 600 }).map(String)
    const spec = fc.oneof(
      fc.tuple(number, number).map((pair) => pair.join('-')),
      number.map((from) => `${from}-`),
      number.map((size) => `-${size}`),
    )
    const range = fc.array(spec, { minLength: 1, maxLength: 36 }).map((specs) => `bytes=${specs.join()}`)
    fc.assert(
      fc.property(range, fc.uint8Array({ maxLength: 500 }), (text, bytes) => {
        const body = Buffer.from(bytes)
        const answer = ask({ range: text }, stored([['Content-Type', 'a/b']], body))
        if (answer === undefined || answer.status === 416) return
        expect(answer.body.length).to.be.at.most(body.length + 33 * 140)
        const { 'content-range': place, 'content-type': type } = fieldsOf(answer)
        const single = [{ fields: { 'content-range': String(place) }, body: answer.body }]
        const parts = place === undefined ? readMultipart(String(type), answer.body) : single
        for (const part of parts) {
          const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(part.fields['content-range'] ?? '') ?? []
          expect(Number(size)).to.equal(body.length)
          expect(part.body.equals(body.subarray(Number(first), Number(last) + 1))).to.equal(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('partialAnswer by If-Range', () => {
  const has = (etag: string | undefined, modified?: string): HeaderField[] => [
    ...(etag === undefined ? [] : [['ETag', etag] as const]),
    ...(modified === undefined ? [] : [['Last-Modified', modified] as const]),
  ]
  const cases: [ifRange: string, headers: HeaderField[], status: 200 | 206][] = [
    ['"a"', has('"a"'), 206],
    ['"a,b"', has('"a,b"'), 206],
    ['"a"', has('"b"'), 200],
    // Weak validators never say that bytes are the same (§13.1.5).
    ['W/"a"', has('W/"a"'), 200],
    ['W/"a"', has('"a"'), 200],
    ['"a"', has('W/"a"'), 200],
    // No lists, no star, nothing that is no validator.
    ['"a", "b"', has('"a"'), 200],
    ['"a", "b"', has('"a", "b"'), 200],
    ['*', has('"a"'), 200],
    ['*', has('*'), 200],
    ['a', has('a'), 200],
    ['"a', has('"a'), 200],
    ['', has(''), 200],
    ['', has(undefined), 200],
    ['"a"', has(undefined), 200],
    ['"a"', has(undefined, MODIFIED), 200],
    // The exact date, in any of its forms
    [MODIFIED, has(undefined, MODIFIED), 206],
    ['Wednesday, 21-Oct-15 07:28:00 GMT', has(undefined, MODIFIED), 206],
    ['Wed, 21 Oct 2015 07:28:01 GMT', has(undefined, MODIFIED), 200],
    ['Wed, 21 Oct 2015 07:27:59 GMT', has(undefined, MODIFIED), 200],
    [MODIFIED, has('"a"', MODIFIED), 206],
    [MODIFIED, has('"a"'), 200],
    ['yesterday', has(undefined, 'yesterday'), 200],
    ['0', has(undefined, '0'), 200],
  ]
  for (const [validator, headers, status] of cases) {
    it(`is ${status} for ${validator || 'nothing'} where there is ${JSON.stringify(headers)}`, () => {
      const answer = ask({ range: 'bytes=0-0', 'if-range': validator }, stored(headers))
      expect(answer?.status ?? 200).to.equal(status)
    })
  }

  it('takes a date for a strong validator only a minute after it (§8.8.2.2)', () => {
    const asked = { range: 'bytes=0-0', 'if-range': MODIFIED }
    expect(ask(asked, stored(has(undefined, MODIFIED)), madeAt)?.status).to.equal(206)
    expect(ask(asked, stored(has(undefined, MODIFIED)), madeAt - 1)).to.equal(undefined)
  })

  it('leaves the answer whole before it says that a range does not exist', () => {
    expect(ask({ range: 'bytes=10-', 'if-range': '"b"' }, stored(has('"a"')))).to.equal(undefined)
    expect(ask({ range: 'bytes=10-', 'if-range': '"a"' }, stored(has('"a"')))?.status).to.equal(416)
  })

  it('takes nothing but the strong tag itself or the very date, and never throws', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', 'W', '/', 'a', ',', ' ', '*', '\\'), maxLength: 8 }),
    )
    fc.assert(
      fc.property(text, text, text, (validator, etag, modified) => {
        const answer = ask({ range: 'bytes=0-0', 'if-range': validator }, stored(has(etag, modified)))
        if (answer !== undefined)
          expect(validator)
            .to.equal(etag)
            .and.match(/^"[^"]*"$/)
      }),
      { numRuns: 1_000 },
    )
  })
})
