// The route option `doorkeeper`.
import { expect } from 'chai'
import { doorkeeperOf } from '../../src/doorkeeper-option.ts'
import { Doorkeeper } from '../../src/guard/bloom/doorkeeper.ts'
import { expectError, show } from './fixtures/config-error.ts'

describe('the option doorkeeper', () => {
  it('stores everything unless it is asked not to', () => {
    expect([doorkeeperOf(undefined), doorkeeperOf(false)]).to.deep.equal([undefined, undefined])
  })

  it('remembers for each route on its own', () => {
    const made = [doorkeeperOf(true), doorkeeperOf({}), doorkeeperOf({ size: 10, errorRate: 0.1 })]
    for (const one of made) expect(one).to.be.instanceOf(Doorkeeper)
    expect(made[0]!.knows('a')).to.equal(false)
    expect(made[1]!.knows('a')).to.equal(false)
  })

  const wrong: [value: unknown, message: RegExp][] = [
    [null, /Expected `doorkeeper` to be an object, got null/],
    ['yes', /Expected `doorkeeper` to be true, false or an object, got "yes"/],
    [1, /true, false or an object, got 1/],
    [[], /an object, got an array of 0/],
    [{ sise: 1 }, /Unknown option `doorkeeper.sise`. Did you mean `size`\?/],
    [{ size: 0 }, /Expected `doorkeeper.size` to be a whole number of at least 1, got 0/],
    [{ size: 1e9 }, /Expected `doorkeeper.size` to be at most 100000000 requests/],
    [{ errorRate: 0 }, /Expected `doorkeeper.errorRate` to be a number between 0 and 1, got 0/],
    [{ errorRate: 1 }, /between 0 and 1, got 1/],
    [
      { size: 1e8, errorRate: 1e-300 },
      /Expected `doorkeeper.errorRate` to be one that takes at most 512 MB with a size/,
    ],
    [{ errorRate: Number.NaN }, /between 0 and 1, got NaN/],
  ]
  for (const [value, message] of wrong) {
    it(`refuses ${show(value)}`, () => {
      const isUnknown = message.source.startsWith('Unknown')
      const isSize = message.source.includes('size`')
      const code = isUnknown ? 'unknown-option' : isSize ? 'invalid-size' : 'invalid-option'
      expect(expectError(() => doorkeeperOf(value), code).message).to.match(message)
    })
  }
})
