// What counts as a token, and what each script is known by.
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { markerPattern, scripts, tokenPattern } from '../../../src/versions/scripts.ts'

const TOKEN = '1700000000000000.0123456789abcdef'

describe('tokenPattern', () => {
  const cases: [text: string, token: boolean][] = [
    [TOKEN, true],
    // The year 2400, and a clock far beyond.
    ['13569465600000000.ffffffffffffffff', true],
    ['17000000000000000000.0000000000000000', true],
    // T57: a counter could come back to a former value, one that counts in fractions as well.
    ['1', false],
    ['42', false],
    ['1.5', false],
    ['1700000000000000.5', false],
    ['', false],
    ['1700000000000000.', false],
    ['.0123456789abcdef', false],
    ['170000000000000.0123456789abcdef', false],
    ['1700000000000000.0123456789abcde', false],
    ['1700000000000000.0123456789abcdef0', false],
    ['1700000000000000.0123456789ABCDEF', false],
    ['1700000000000000.0123456789abcdeg', false],
    [`-${TOKEN}`, false],
    [` ${TOKEN}`, false],
    [`${TOKEN}\n`, false],
    [`${TOKEN}.b`, false],
  ]
  for (const [text, token] of cases) {
    it(`${token ? 'takes' : 'does not take'} ${JSON.stringify(text)} for a token`, () => {
      expect(tokenPattern.test(text)).to.equal(token)
    })
  }
})

describe('markerPattern', () => {
  const cases: [text: string, name: string | undefined][] = [
    [`!${TOKEN}!writer:1700000010000000,`, `!${TOKEN}`],
    [`!${TOKEN}!one:1,two:2,`, `!${TOKEN}`],
    [`!${TOKEN}!`, `!${TOKEN}`],
    // Not what the scripts make: taking it for a marker would let it stay for ever.
    [`!${TOKEN}`, undefined],
    [`${TOKEN}!writer:1,`, undefined],
    ['!1.5!writer:1,', undefined],
    ['!1700000000000000!writer:1,', undefined],
    ['!1700000000000000.0123456789ABCDEF!writer:1,', undefined],
    [` !${TOKEN}!writer:1,`, undefined],
    ['', undefined],
  ]
  for (const [text, name] of cases) {
    it(`${name === undefined ? 'finds no marker' : `finds the name ${name}`} in ${JSON.stringify(text)}`, () => {
      expect(markerPattern.exec(text)?.[1]).to.equal(name)
    })
  }

  it('finds nothing that counts as a token: no entry may live under a marker', () => {
    for (const [text] of cases) expect(tokenPattern.test(text)).to.equal(false)
  })
})

describe('the scripts', () => {
  for (const [name, { text, sha }] of Object.entries(scripts)) {
    it(`${name} has the name Redis knows it by, and touches the one key it is given`, () => {
      expect(sha).to.equal(createHash('sha1').update(text).digest('hex'))
      expect(text).to.not.match(/KEYS\[[^1]/)
    })
  }
})
