// Which answers may be coded by the cache.
import { expect } from 'chai'
import type { HeaderField } from '../../../src/http/headers.ts'
import { isTransformable } from '../../../src/http/transformable.ts'

const json: HeaderField = ['Content-Type', 'application/json; charset=utf-8']

describe('an answer that the cache may code', () => {
  const cases: [is: boolean, headers: HeaderField[], status?: number][] = [
    [true, [json]],
    [true, [['content-type', 'TEXT/HTML']]],
    [true, [['Content-Type', 'image/svg+xml']]],
    [true, [json], 404],
    [true, [json, ['Cache-Control', 'public, max-age=60']]],
    [false, []],
    [false, [['Content-Type', '']]],
    [false, [['Content-Type', 'no type']]],
    [false, [['Content-Type', 'image/png']]],
    [false, [['Content-Type', 'application/zip']]],
    // RFC 9110 §7.7
    [false, [json, ['Cache-Control', 'max-age=60, No-Transform']]],
    [false, [json, ['Cache-Control', ['max-age=60', 'no-transform']]]],
    [false, [json, ['Cache-Control', 'private="no-transform']]],
    // T38
    [false, [json, ['Content-Encoding', 'gzip']]],
    [false, [json, ['content-encoding', 'unheard-of']]],
    [false, [json, ['Content-Range', 'bytes 0-1/2']]],
    // What is true of these bytes alone.
    [false, [json, ['Content-MD5', 'x']]],
    [false, [json, ['Repr-Digest', 'sha-256=:x:']]],
    [false, [json, ['Content-Digest', 'sha-256=:x:']]],
    [false, [json], 204],
    [false, [json], 206],
    [false, [json], 304],
  ]
  for (const [is, headers, status = 200] of cases) {
    it(`is ${is ? '' : 'not '}one of ${status} with ${JSON.stringify(headers)}`, () => {
      expect(isTransformable({ status, headers })).to.equal(is)
    })
  }
})
