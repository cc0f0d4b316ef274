// The cache option `degrade` as one word or as an object, and what is wrong with wrong ones.
import { expect } from 'chai'
import { lossTerms } from '../../src/connection/loss-terms.ts'
import { degradeTerms } from '../../src/degrade-option.ts'
import { CacheConfigError } from '../../src/errors.ts'
import { createCache } from '../../src/express.ts'

describe('the option degrade', () => {
  it('is a mode, or an object with one, over the same defaults', () => {
    expect(degradeTerms(undefined)).to.deep.equal({ mode: undefined, ...lossTerms })
    expect(degradeTerms('bypass')).to.deep.equal({ mode: 'bypass', ...lossTerms })
    expect(degradeTerms({})).to.deep.equal(degradeTerms(undefined))
    expect(degradeTerms({ mode: 'error', auto: false, failureThreshold: 5, recoveryCheck: '2s' })).to.deep.equal({
      mode: 'error',
      auto: false,
      failureThreshold: 5,
      recoveryCheck: 2_000,
    })
  })

  it('is the default of routes, and held against strong consistency', () => {
    const strong = /Expected `degrade` to be 'bypass' or 'error' with strong consistency, got "l1"/
    expect(() => createCache({ consistency: 'strong', degrade: { mode: 'l1' } })).to.throw(CacheConfigError, strong)
    createCache({ consistency: 'strong', degrade: { auto: false } })
    // When Redis counts as lost is no affair of one route.
    expect(() => createCache().cacheRoute(5, { degrade: { mode: 'l1' } as never })).to.throw(
      CacheConfigError,
      /`degrade`/,
    )
  })

  const wrong: readonly [given: unknown, message: RegExp][] = [
    ['l2', /`degrade` to be 'l1', 'bypass' or 'error', got "l2"/],
    [null, /`degrade`/],
    [5, /`degrade`/],
    [[], /`degrade` to be an object, got an array of 0/],
    [{ mode: 'l2' }, /`degrade.mode` to be 'l1', 'bypass' or 'error', got "l2"/],
    [{ auto: 'no' }, /`degrade.auto` to be true or false/],
    [{ failureThreshold: 0 }, /`degrade.failureThreshold`/],
    [{ recoveryCheck: 0 }, /`degrade.recoveryCheck`/],
    [{ failures: 3 }, /Unknown option `degrade.failures`/],
  ]
  for (const [given, message] of wrong) {
    it(`is not ${JSON.stringify(given)}`, () => {
      expect(() => createCache({ degrade: given as never })).to.throw(CacheConfigError, message)
    })
  }
})
