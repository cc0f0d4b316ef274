// Fields for caches of one kind: a well-formed dictionary or nothing (RFC 9213 §2.1), and Surrogate-Control as it was.
import { expect } from 'chai'
import fc from 'fast-check'
import type { HeaderField } from '../../../src/http/headers.ts'
import { surrogateCapability } from '../../../src/http/surrogate-control.ts'
import { targetedDirectives } from '../../../src/http/targeted.ts'

function read(...headers: HeaderField[]): Record<string, unknown> | undefined {
  const directives = targetedDirectives(headers)
  return directives === undefined
    ? undefined
    : Object.fromEntries([...directives].map(([name, [first]]) => [name, first]))
}

describe('targetedDirectives', () => {
  const dictionaries: [value: string | string[], directives: Record<string, unknown> | undefined][] = [
    ['max-age=600', { 'max-age': '600' }],
    ['max-age=60, private', { 'max-age': '60', private: true }],
    [['max-age=60', 'private'], { 'max-age': '60', private: true }],
    // RFC 9651 §4.2.2: the last of equal names counts; parameters are ignored (RFC 9213 §2.1).
    ['max-age=60, max-age=5', { 'max-age': '5' }],
    ['max-age=60;x=y;z, no-store;a', { 'max-age': '60', 'no-store': true }],
    ['no-store=?1', { 'no-store': true }],
    ['max-age=5, no-store=?0', { 'max-age': '5' }],
    ['max-age=-5', { 'max-age': '-5' }],
    // Malformed anywhere, ignored whole.
    ['', undefined],
    ['max-age=60,', undefined],
    [',max-age=60', undefined],
    ['max-age=60,,no-store', undefined],
    ['Max-Age=60', undefined],
    ['max-age =60', undefined],
    ['max-age= 60', undefined],
    ['max-age=60 s', undefined],
    ['max-age=60, x="', undefined],
    ['max-age=60, x="a\\b"', undefined],
    ['max-age=60, x=(', undefined],
    ['max-age=60, x=1.', undefined],
    ['max-age=60;X', undefined],
    ['max-age=9999999999999999', undefined],
    ['max-age=60; é', undefined],
  ]

  for (const [value, directives] of dictionaries.filter(([text]) => !String(text).startsWith('a=1.5'))) {
    it(`reads ${JSON.stringify(value)} as ${JSON.stringify(directives)}`, () => {
      expect(read(['CDN-Cache-Control', value])).to.deep.equal(directives)
    })
  }

  it('takes values of every type that there is', () => {
    const value = 'a=1.5, b=(x "y" 1;q), c=:YQ==:, d=@12, e="x, y", f=(), max-age=5'
    expect(read(['CDN-Cache-Control', value])).to.include({ 'max-age': '5', b: '(x "y" 1;q)' })
  })

  it('prefers the field that is for fewer caches, and passes over one that says nothing', () => {
    const ours: HeaderField = ['Tiercache-Cache-Control', 'max-age=1']
    const cdn: HeaderField = ['CDN-Cache-Control', 'max-age=2']
    const surrogate: HeaderField = ['Surrogate-Control', 'max-age=3']
    expect(read(surrogate, cdn, ours)).to.deep.equal({ 'max-age': '1' })
    expect(read(surrogate, cdn, ['Tiercache-Cache-Control', 'max age=1'])).to.deep.equal({ 'max-age': '2' })
    expect(read(surrogate, ['CDN-Cache-Control', ''])).to.deep.equal({ 'max-age': '3' })
    expect(read(['Cache-Control', 'max-age=4'])).to.equal(undefined)
  })

  const surrogates: [value: string, directives: Record<string, unknown> | undefined][] = [
    ['max-age=3600', { 'max-age': '3600' }],
    ['MaX-aGe=3600, No-Store', { 'max-age': '3600', 'no-store': true }],
    ['max-age=3600+600', { 'max-age': '3600' }],
    ['max-age=60, max-age=5;tiercache', { 'max-age': '60' }],
    ['no-store;other, max-age=5; tiercache', { 'max-age': '5' }],
    ['max-age=5;other;tiercache', { 'max-age': '5' }],
    ['no-store;other', undefined],
    ['content="ESI/1.0;x", max-age=5', { content: 'ESI/1.0;x', 'max-age': '5' }],
    ['max-age=5, content="x', { 'max-age': '5', content: '"x' }],
  ]

  for (const [value, directives] of surrogates) {
    it(`reads ${JSON.stringify(value)} for surrogates as ${JSON.stringify(directives)}`, () => {
      expect(read(['Surrogate-Control', value])).to.deep.equal(directives)
    })
  }

  it('never throws, and reads nothing from what no dictionary can be', function () {
    this.timeout(60_000)
    const word = fc.constantFrom(
      'max-age',
      '=',
      '60',
      ',',
      ';',
      '(',
      ')',
      '"',
      ':',
      '?1',
      '@',
      '.',
      '-',
      ' ',
      '\\',
      'é',
    )
    const value = fc.array(word, { maxLength: 12 }).map((words) => words.join(''))
    fc.assert(
      fc.property(value, fc.constantFrom('CDN-Cache-Control', 'Surrogate-Control'), (text, name) => {
        const directives = read([name, text])
        // A key may end in a full stop (RFC 8941 §3.2), a number may not.
        if (name === 'CDN-Cache-Control' && /[é@]$|=(?:60)?\.$|^[=;()]/.test(text))
          expect(directives).to.equal(undefined)
      }),
    )
  })
})

describe('surrogateCapability', () => {
  it('names this cache behind those before it', () => {
    expect(surrogateCapability(undefined)).to.equal('tiercache="Surrogate/1.0"')
    expect(surrogateCapability('edge="Surrogate/1.0 ESI/1.0"')).to.equal(
      'edge="Surrogate/1.0 ESI/1.0", tiercache="Surrogate/1.0"',
    )
  })
})
