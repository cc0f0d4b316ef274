// Entity-tags of coded answers.
import { expect } from 'chai'
import { codedTag } from '../../../src/http/coded-etag.ts'

// T82, T83
describe('the tag of a coded answer', () => {
  const cases: [etag: string | undefined, coded: string | undefined][] = [
    ['"v1"', '"v1--br"'],
    ['W/"v1"', 'W/"v1--br"'],
    ['""', '"--br"'],
    ['"a\\"', '"a\\--br"'],
    [undefined, undefined],
    // No entity-tags: one that cannot be told from that of the plain answer is none.
    ['v1', undefined],
    ['w/"v1"', undefined],
    ['"v1', undefined],
    ['"a"b"', undefined],
    ['', undefined],
  ]
  for (const [etag, coded] of cases) {
    it(`is ${coded ?? 'none'} for ${etag ?? 'none'}`, () => expect(codedTag(etag, 'br')).to.equal(coded))
  }

  it('differs by coding, and is the plain one without', () => {
    const tags = [codedTag('"v1"', 'br'), codedTag('"v1"', 'gzip'), codedTag('"v1"', undefined)]
    expect(tags).to.deep.equal(['"v1--br"', '"v1--gzip"', '"v1"'])
  })
})
