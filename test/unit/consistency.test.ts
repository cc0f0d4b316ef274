// `consistency`, `degrade` and `maxStale`: what they come to for a route, what it inherits from its cache, and what is refused.
import { expect } from 'chai'
import { type ConsistencyOptions, checkConsistency, consistencyOf } from '../../src/consistency.ts'
import { TERMS } from '../contract/versions.ts'
import { expectError, show } from './fixtures/config-error.ts'

const HOUR = 3_600_000
const options = (value: unknown) => value as ConsistencyOptions

describe('consistencyOf', () => {
  it('is a bound of a second and half a minute of memory alone, where nothing is said', () => {
    const { terms, ...rest } = consistencyOf({}, {}, TERMS.life)
    expect(rest).to.deep.equal({ strong: false, degrade: 'l1' })
    expect(terms).to.deep.equal({ ...TERMS, bound: 1_000, maxStale: 30_000 })
    expect(terms).to.satisfy(Object.isFrozen)
  })

  const decided: [own: unknown, cache: unknown, strong: boolean, degrade: string, bound: number, maxStale: number][] = [
    [{ consistency: '5s' }, {}, false, 'l1', 5_000, 30_000],
    [{ consistency: 0.2 }, {}, false, 'l1', 200, 30_000],
    [{ consistency: 'strong' }, {}, true, 'bypass', Number.POSITIVE_INFINITY, 30_000],
    [{ consistency: 'strong', degrade: 'error' }, {}, true, 'error', Number.POSITIVE_INFINITY, 30_000],
    [{ degrade: 'error' }, {}, false, 'error', 1_000, 30_000],
    [{ maxStale: '5m' }, {}, false, 'l1', 1_000, 300_000],
    [{ maxStale: '1h' }, {}, false, 'l1', 1_000, HOUR],
    // From the cache, unless the route says otherwise.
    [{}, { consistency: '5s', degrade: 'bypass', maxStale: '1m' }, false, 'bypass', 5_000, 60_000],
    [{}, { consistency: 'strong' }, true, 'bypass', Number.POSITIVE_INFINITY, 30_000],
    [{}, { consistency: 'strong', degrade: 'error' }, true, 'error', Number.POSITIVE_INFINITY, 30_000],
    [{ consistency: '2s' }, { consistency: '5s' }, false, 'l1', 2_000, 30_000],
    [{ consistency: '2s' }, { consistency: 'strong' }, false, 'l1', 2_000, 30_000],
    [{ consistency: '2s' }, { consistency: 'strong', degrade: 'error' }, false, 'error', 2_000, 30_000],
    [{ consistency: '2s', degrade: 'l1' }, { consistency: 'strong' }, false, 'l1', 2_000, 30_000],
    [{ degrade: 'l1' }, { degrade: 'error' }, false, 'l1', 1_000, 30_000],
    [{ maxStale: '10s' }, { maxStale: '1m' }, false, 'l1', 1_000, 10_000],
    // The cache's word for routes in general does not hold for one that asks for more.
    [{ consistency: 'strong' }, { degrade: 'l1' }, true, 'bypass', Number.POSITIVE_INFINITY, 30_000],
    [{ consistency: 'strong' }, { degrade: 'error' }, true, 'error', Number.POSITIVE_INFINITY, 30_000],
    // Undefined is absent.
    [
      { consistency: undefined, degrade: undefined, maxStale: undefined },
      { consistency: '5s', degrade: 'error', maxStale: '1m' },
      false,
      'error',
      5_000,
      60_000,
    ],
  ]
  for (const [own, cache, strong, degrade, bound, maxStale] of decided) {
    it(`joins ${show(own)} with ${show(cache)}`, () => {
      expect(consistencyOf(options(own), options(cache), HOUR)).to.deep.equal({
        strong,
        degrade,
        // A route that wants nothing from memory without Redis trusts nothing then.
        terms: { bound, maxStale: degrade === 'l1' ? maxStale : 0, since: Number.NEGATIVE_INFINITY, life: HOUR },
      })
    })
  }

  it('caps the maxStale that nobody set for this route at the life of its answers', () => {
    for (const cache of [{}, { maxStale: '1m' }] as const) {
      expect(consistencyOf({}, cache, 10_000).terms).to.deep.equal({ ...TERMS, maxStale: 10_000, life: 10_000 })
    }
  })

  const aboveTheTtl: [maxStale: ConsistencyOptions['maxStale'], life: number][] = [
    ['61s', 60_000],
    [61, 60_000],
    ['1001ms', 1_000],
    ['1d', HOUR],
  ]
  for (const [maxStale, life] of aboveTheTtl) {
    it(`refuses the maxStale ${maxStale} for answers that live ${life} ms`, () => {
      const { message } = expectError(() => consistencyOf({ maxStale }, {}, life), 'invalid-option')
      expect(message).to.equal(`Expected \`maxStale\` to be at most the ttl, got ${JSON.stringify(maxStale)}`)
    })
  }

  it('refuses to answer from memory alone on a route that its cache made strong', () => {
    const { message } = expectError(
      () => consistencyOf({ degrade: 'l1' }, { consistency: 'strong' }, HOUR),
      'invalid-option',
    )
    expect(message).to.include("Expected `degrade` to be 'bypass' or 'error' with strong consistency")
  })
})

const bad: [options: unknown, message: string][] = [
  ...['weak', 'Strong', 'STRONG', 'eventual', '', '5 parsecs', '0s', 0, -1, Number.NaN, null, true, {}, []].map(
    (consistency): [unknown, string] => [
      { consistency },
      "Expected `consistency` to be 'strong' or a duration greater than 0 (",
    ],
  ),
  [{ consistency: Number.POSITIVE_INFINITY }, 'got Infinity'],
  ...['L1', 'l2', 'fail', '', null, true, 503, []].map((degrade): [unknown, string] => [
    { degrade },
    "Expected `degrade` to be 'l1', 'bypass' or 'error', got ",
  ]),
  ...['', '0s', 0, -1, Number.NaN, Number.POSITIVE_INFINITY, null, true, 'strong', {}].map(
    (maxStale): [unknown, string] => [{ maxStale }, 'Expected `maxStale` to be a duration greater than 0 ('],
  ),
  [
    { consistency: 'strong', degrade: 'l1' },
    "Expected `degrade` to be 'bypass' or 'error' with strong consistency, got \"l1\"",
  ],
]

describe('what is said of consistency', () => {
  for (const [value, message] of bad) {
    it(`is refused for a cache and for a route: ${show(value)}`, () => {
      for (const check of [() => checkConsistency(options(value)), () => consistencyOf(options(value), {}, HOUR)]) {
        expect(expectError(check, 'invalid-option').message).to.include(message)
      }
    })
  }

  const good: ConsistencyOptions[] = [
    {},
    { consistency: 'strong' },
    { consistency: 'strong', degrade: 'bypass' },
    { consistency: 'strong', degrade: 'error', maxStale: '1m' },
    { consistency: '1ms', degrade: 'l1' },
    { consistency: 60, maxStale: 0.5 },
  ]
  for (const value of good) {
    it(`is taken for a cache and for a route: ${show(value)}`, () => {
      expect(() => checkConsistency(value)).to.not.throw()
      expect(() => consistencyOf(value, {}, HOUR)).to.not.throw()
    })
  }
})
