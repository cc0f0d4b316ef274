// The route option `compress`.
import { expect } from 'chai'
import { compressRules } from '../../src/compress-option.ts'
import { makeableCodings } from '../../src/http/coding.ts'
import { expectError } from './fixtures/config-error.ts'

describe('the option compress', () => {
  it('codes nothing unless it is asked to', () => {
    expect([compressRules(undefined), compressRules(false)]).to.deep.equal([undefined, undefined])
  })

  it('codes from 1 KB on, in all that this Node can make', () => {
    for (const value of [true, {}, { from: undefined, codings: undefined }])
      expect(compressRules(value)).to.deep.equal({ from: 1024, codings: makeableCodings })
  })

  it('takes a size and a list of codings, of which each counts once', () => {
    const codings = ['gzip', 'br', 'gzip']
    const rules = compressRules({ from: '4kb', codings })
    codings.length = 0
    expect(rules).to.deep.equal({ from: 4096, codings: ['gzip', 'br'] })
    expect(rules).to.be.frozen
  })

  const wrong: [value: unknown, message: RegExp][] = [
    [null, /Expected `compress` to be an object, got null/],
    ['gzip', /Expected `compress` to be true, false or an object, got "gzip"/],
    [1, /Expected `compress` to be true, false or an object, got 1/],
    [[], /Expected `compress` to be an object, got an array of 0/],
    [{ form: '1kb' }, /Unknown option `compress.form`. Did you mean `from`\?/],
    [{ from: 'much' }, /Expected `compress.from` to be a size/],
    [{ from: 0 }, /Expected `compress.from` to be a size/],
    [{ codings: 'br' }, /Expected `compress.codings` to be an array of what this Node can make: br, .*, got "br"/],
    [{ codings: [] }, /got an array of 0/],
    [{ codings: ['br', 'deflate'] }, /Expected `compress.codings` to be .*, got "deflate"/],
    [{ codings: ['toString'] }, /got "toString"/],
  ]
  for (const [value, message] of wrong) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      const code = /^Unknown/.test(message.source)
        ? 'unknown-option'
        : /from/.test(message.source)
          ? 'invalid-size'
          : 'invalid-option'
      expect(expectError(() => compressRules(value), code).message).to.match(message)
    })
  }
})
