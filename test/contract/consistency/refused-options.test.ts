// What is refused at the start of what a reader may see after a write: an error with a code, what was expected, what was got.
import { expect } from 'chai'
import { CacheConfigError } from '../../../src/errors.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import { freePort } from '../../support/free-port.ts'

type Refusal = readonly [options: unknown, code: string, message: RegExp | string]

const weak = 'memory alone cannot know of writes elsewhere'

/** Refused of a cache and of a route alike. */
const everywhere: readonly Refusal[] = [
  ...['weak', 'Strong', '', '5 parsecs', '0s', '-1s', 0, -5, Number.NaN, Number.POSITIVE_INFINITY, null, true, {}].map(
    (consistency): Refusal => [
      { consistency },
      'invalid-option',
      /^Expected `consistency` to be 'strong' or a duration greater than 0 \(.+\), got /,
    ],
  ),
  ...['L1', 'l2', 'off', '', null, true, 503].map(
    (degrade): Refusal => [{ degrade }, 'invalid-option', /^Expected `degrade` to be 'l1', 'bypass' or 'error', got /],
  ),
  ...['soon', '0s', 0, -1, null, true].map(
    (maxStale): Refusal => [
      { maxStale },
      'invalid-option',
      /^Expected `maxStale` to be a duration greater than 0 \(.+\), got /,
    ],
  ),
  [
    { consistency: 'strong', degrade: 'l1' },
    'invalid-option',
    `Expected \`degrade\` to be 'bypass' or 'error' with strong consistency, got "l1": ${weak}`,
  ],
  [{ consistancy: 'strong' }, 'unknown-option', 'Unknown option `consistancy`. Did you mean `consistency`?'],
  [{ Consistency: '1s' }, 'unknown-option', 'Unknown option `Consistency`. Did you mean `consistency`?'],
  [{ degrad: 'l1' }, 'unknown-option', 'Unknown option `degrad`. Did you mean `degrade`?'],
  [{ maxstale: '1s' }, 'unknown-option', 'Unknown option `maxstale`. Did you mean `maxStale`?'],
]

const ofRoutes: readonly Refusal[] = [
  [{ maxStale: '61s' }, 'invalid-option', 'Expected `maxStale` to be at most the ttl, got "61s"'],
  [{ maxStale: 61 }, 'invalid-option', 'Expected `maxStale` to be at most the ttl, got 61'],
  ...['Fleet', 'local', '', null, true, {}].map(
    (lock): Refusal => [{ lock }, 'invalid-option', /^Expected `lock` to be 'fleet', got /],
  ),
  [{ lokc: 'fleet' }, 'unknown-option', 'Unknown option `lokc`. Did you mean `lock`?'],
]

const withoutRedis: readonly Refusal[] = [
  [{ lock: 'fleet' }, 'invalid-option', "`lock: 'fleet'` needs `redis`: there is no fleet without it"],
]

const ofWrites: readonly Refusal[] = [
  ...['before', 'Intent', '', null, true].map(
    (mode): Refusal => [{ mode }, 'invalid-option', /^Expected `mode` to be 'after' or 'intent', got /],
  ),
  [{ mod: 'intent' }, 'unknown-option', 'Unknown option `mod`. Did you mean `mode`?'],
  [{ mode: 'intent', tags: 'x' }, 'unknown-option', /^Unknown option `tags`\. /],
]

function expectRefused(action: () => unknown, [, code, message]: Refusal): void {
  let error: unknown
  try {
    action()
  } catch (thrown) {
    error = thrown
  }
  expect(error).to.be.an.instanceOf(CacheConfigError).and.an.instanceOf(TypeError)
  const refused = error as CacheConfigError
  expect(refused.code, refused.message).to.equal(code)
  if (typeof message === 'string') expect(refused.message).to.equal(message)
  else expect(refused.message).to.match(message)
}

const show = (options: unknown) =>
  JSON.stringify(options, (_name, value) => (typeof value === 'number' ? String(value) : value))

for (const [name, createCache] of Object.entries({ Express: createExpressCache, Koa: createKoaCache })) {
  describe(`what is refused of consistency on ${name}`, () => {
    let redis: string
    before(async () => {
      // Nobody is there: what is wrong is told all the same, and at once.
      redis = `redis://127.0.0.1:${await freePort()}`
    })

    for (const refusal of everywhere) {
      it(`is ${show(refusal[0])}, of a cache and of a route`, () => {
        expectRefused(() => createCache(refusal[0] as never), refusal)
        expectRefused(() => createCache().cacheRoute('1m', refusal[0] as never), refusal)
      })
    }

    for (const refusal of ofRoutes) {
      it(`is ${show(refusal[0])}, of a route whose answers live a minute`, async () => {
        const cache = createCache({ redis })
        expectRefused(() => cache.cacheRoute('1m', refusal[0] as never), refusal)
        await cache.close()
      })
    }

    for (const refusal of withoutRedis) {
      it(`is ${show(refusal[0])}, without Redis`, async () => {
        expectRefused(() => createCache().cacheRoute('1m', refusal[0] as never), refusal)
        const cache = createCache({ redis })
        cache.cacheRoute('1m', refusal[0] as never)
        await cache.close()
      })
    }

    for (const refusal of ofWrites) {
      it(`is ${show(refusal[0])}, of a write`, async () => {
        const cache = createCache({ redis })
        expectRefused(() => cache.invalidate('x', refusal[0] as never), refusal)
        expectRefused(() => cache.invalidate(refusal[0] as never), refusal)
        await cache.close()
      })
    }

    it('is an announced write without Redis', () => {
      const message = "`mode: 'intent'` needs `redis`: there is nobody to tell without it"
      const refusal: Refusal = [{}, 'invalid-option', message]
      expectRefused(() => createCache().invalidate('x', { mode: 'intent' }), refusal)
      expectRefused(() => createCache().invalidate({ mode: 'intent' }), refusal)
    })

    it('are options that do not come last', () => {
      expectRefused(
        () => createCache().invalidate({ mode: 'after' } as never, 'x'),
        [
          {},
          'invalid-tags',
          /^Expected `invalidate` to be given strings that are not empty, or functions, got an object$/,
        ],
      )
    })

    it('is memory alone on a route that its cache made strong, but not on one that asks for less', () => {
      const { cacheRoute } = createCache({ consistency: 'strong' })
      const message = `Expected \`degrade\` to be 'bypass' or 'error' with strong consistency, got "l1": ${weak}`
      expectRefused(() => cacheRoute('1m', { degrade: 'l1' }), [{}, 'invalid-option', message])
      cacheRoute('1m', { degrade: 'l1', consistency: '1s' })
    })

    it('is nothing of what is said in the README', () => {
      const { cacheRoute, invalidate } = createCache({ consistency: '5s', degrade: 'bypass', maxStale: '1h' })
      for (const options of [
        { consistency: 'strong' },
        { consistency: 'strong', degrade: 'error' },
        { consistency: 0.5, degrade: 'l1', maxStale: '1m' },
        { maxStale: 60 },
        { consistency: undefined, degrade: undefined, maxStale: undefined, lock: undefined },
      ] as const) {
        cacheRoute('1m', options)
      }
      invalidate('x', { mode: 'after' })
      invalidate({ mode: undefined })
    })
  })
}
