// How answers age: the options, what is wrong with them, and what they come to.
import { expect } from 'chai'
import { CacheConfigError } from '../../src/errors.ts'
import { type CacheRouteOptions, createRoute, type Route } from '../../src/route.ts'
import { expectError, show } from './fixtures/config-error.ts'

type Options = CacheRouteOptions<readonly unknown[]>

const create = (options: unknown, ttl: unknown = '1m') => createRoute(ttl, options as Options)
const when = () => true

describe('the options of aging', () => {
  const good: [options: Options, policy: Partial<Route>][] = [
    [{}, { staleFor: 0, staleIfError: 0, backoff: 10_000, jitter: [0.9, 1.1] }],
    [{ staleFor: '30s' }, { staleFor: 30_000 }],
    [{ staleIfError: '1h' }, { staleIfError: 3_600_000, backoff: 10_000 }],
    [{ staleIfError: { for: '1h', every: '1s' } }, { staleIfError: 3_600_000, backoff: 1_000 }],
    [{ timeout: { soft: '1s', hard: '5s' } }, { soft: 1_000, hard: 5_000 }],
    [{ timeout: { soft: '1s', hard: '1s' } }, { soft: 1_000, hard: 1_000 }],
    [{ timeout: { hard: 2 } }, { soft: undefined, hard: 2_000 }],
    [{ jitter: 0 }, { jitter: [1, 1] }],
    [{ jitter: 0.5 }, { jitter: [0.5, 1.5] }],
    [{ jitter: [0.8, 1] }, { jitter: [0.8, 1] }],
    [{ jitter: [1, 2], honour: 'headers' }, { jitter: [1, 1] }],
    [{ jitter: 0.5, honour: 'headers' }, { jitter: [0.5, 1] }],
    [{ earlyRefresh: true }, { earlyRefresh: 1 }],
    [{ earlyRefresh: false }, { earlyRefresh: undefined }],
    [{ earlyRefresh: { beta: 2 } }, { earlyRefresh: 2 }],
    [{ retry: { when } }, { retry: { attempts: 3, min: 1_000, max: 8_000, when } }],
  ]
  for (const [options, policy] of good) {
    it(`accept ${show(options)}`, () => expect(create(options)).to.deep.include(policy))
  }

  // T66, T67
  const bad: unknown[] = [
    { staleFor: -1 },
    { staleFor: 0 },
    { staleFor: Number.NaN },
    { staleIfError: '-1s' },
    { staleIfError: {} },
    { staleIfError: { for: '1h', each: '1s' } },
    { timeout: '1s' },
    { timeout: { soft: '2s', hard: '1s' } },
    { timeout: { hard: 0 } },
    { timeout: { weak: '1s' } },
    { jitter: 1 },
    { jitter: 1.5 },
    { jitter: -0.1 },
    { jitter: Number.NaN },
    { jitter: [0, 1] },
    { jitter: [-1, 1] },
    { jitter: [1.1, 0.9] },
    { jitter: [1] },
    { jitter: [0.9, 1, 1.1] },
    { jitter: '10%' },
    { jitter: null },
    { jitter: [0.9, Number.POSITIVE_INFINITY] },
    { earlyRefresh: 1 },
    { earlyRefresh: { beta: 0 } },
    { earlyRefresh: { gamma: 1 } },
    { retry: true },
    { retry: { attempts: 0 } },
    { retry: { min: '9s' } },
    { retry: { when: true } },
    { staleFor: '1s', honour: 'headers' },
    { staleIfError: '1s', honour: 'headers' },
    { fallback: 'sorry' },
  ]
  for (const options of bad) {
    it(`refuse ${show(options)}`, () => {
      expect(() => create(options)).to.throw(CacheConfigError, /^Expected `|^Unknown option/)
    })
  }

  it('teach what answers say by themselves where they are honoured', () => {
    const { message } = expectError(() => create({ staleFor: '1s', honour: 'headers' }), 'invalid-option')
    expect(message).to.include('stale-while-revalidate')
  })

  // T58
  it('let versions outlive the longest life', () => {
    expect(create({ staleFor: '1m', staleIfError: '1h' }).terms.life).to.equal(66_000 + 3_600_000)
  })
})
