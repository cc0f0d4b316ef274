// What counts as a token, and what each script is known by.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { markerPattern, scripts, tokenPattern } from '../../../src/versions/scripts.ts'

describe('tokenPattern', () => {
  const cases: [text: string, token: boolean][] = [
    ['1700000000000000.0123456789abcdef', true],
    ['1.a', true],
    // T57: a counter could come back to a former value.
    ['1', false],
    ['42', false],
    ['', false],
    ['1700000000000000.', false],
    ['.0123', false],
    ['1.A', false],
    ['1.g', false],
    ['-1.a', false],
    [' 1.a', false],
    ['1.a\n', false],
    ['1.a.b', false],
  ]
  for (const [text, token] of cases) {
    it(`${token ? 'takes' : 'does not take'} ${JSON.stringify(text)} for a token`, () => {
      expect(tokenPattern.test(text)).to.equal(token)
    })
  }
})

describe('markerPattern', () => {
  const cases: [text: string, name: string | undefined][] = [
    ['!1700000000000000.0123456789abcdef!writer:1700000010000000,', '!1700000000000000.0123456789abcdef'],
    ['!1.a!one:1,two:2,', '!1.a'],
    ['!1.a!', '!1.a'],
    // Not what the scripts make: taking it for a marker would let it stay for ever.
    ['!1.a', undefined],
    ['1.a!writer:1,', undefined],
    ['!1!writer:1,', undefined],
    ['!1.A!writer:1,', undefined],
    ['!.a!writer:1,', undefined],
    [' !1.a!writer:1,', undefined],
    ['', undefined],
  ]
  for (const [text, name] of cases) {
    it(`${name === undefined ? 'finds no marker' : `finds the name ${name}`} in ${JSON.stringify(text)}`, () => {
      expect(markerPattern.exec(text)?.[1]).to.equal(name)
      // Nothing is both: a marker must never count as the token of an entry.
      expect(tokenPattern.test(text)).to.equal(false)
    })
  }
})

describe('the scripts', () => {
  for (const [name, { text, sha }] of Object.entries(scripts)) {
    it(`${name} has the name Redis knows it by, and touches the one key it is given`, () => {
      expect(sha).to.equal(createHash('sha1').update(text).digest('hex'))
      expect(text).to.not.match(/KEYS\[[^1]/)
    })
  }
})
