// What counts as a token, and what each script is known by.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { bumpScript, createScript, prolongScript, tokenPattern } from '../../../src/versions/scripts.ts'

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

describe('the scripts', () => {
  for (const [name, { text, sha }] of Object.entries({ bumpScript, createScript, prolongScript })) {
    it(`${name} has the name Redis knows it by, and touches the one key it is given`, () => {
      expect(sha).to.equal(createHash('sha1').update(text).digest('hex'))
      expect(text).to.not.match(/KEYS\[[^1]/)
    })
  }
})
