// `cacheRoute`, `invalidate` and `bump` of a cache refuse bad configuration with a code.
import { expect } from 'chai'
import { createCore } from '../../src/cache.ts'
import { CacheConfigError } from '../../src/errors.ts'
import { createCache as createExpressCache } from '../../src/express.ts'
import { createCache as createKoaCache } from '../../src/koa.ts'
import { expectError, show } from './fixtures/config-error.ts'

describe('cacheRoute', () => {
  // T67
  for (const ttl of [undefined, 0, -5, Number.NaN, Number.POSITIVE_INFINITY, '5 parsecs', null]) {
    it(`refuses the ttl ${String(ttl)} where the cache has none`, () => {
      expectError(() => createCore().route(ttl as never, {}), 'invalid-ttl')
    })
  }

  it("takes the cache's ttl where it has none, and refuses a bad one even so", () => {
    const cache = createCore({ ttl: '5m', jitter: 0 })
    expect(cache.route(undefined, {}).terms.life).to.equal(300_000)
    expect(cache.route('1m', {}).terms.life).to.equal(60_000)
    expectError(() => cache.route(0, {}), 'invalid-ttl')
    expectError(() => cache.route(null as never, {}), 'invalid-ttl')
  })

  it('refuses options it does not know through both adapters', () => {
    for (const create of [createExpressCache, createKoaCache]) {
      const { message } = expectError(() => create().cacheRoute('1m', { tag: 'a' } as never), 'unknown-option')
      expect(message).to.include('Did you mean `tags`?')
      expectError(() => create().cacheRoute(), 'invalid-ttl')
    }
  })

  // Issue 3, bad input
  it('refuses one run for a whole fleet where there is no Redis that joins it', () => {
    const { message } = expectError(() => createCore().route('1m', { lock: 'fleet' }), 'invalid-option')
    expect(message).to.include("`lock: 'fleet'` needs `redis`")
  })

  const names: [name: string, first: Record<string, unknown>, second: Record<string, unknown>, allowed: boolean][] = [
    ['the same policy', { vary: ['a'] }, { vary: ['A'] }, true],
    ['the same policy with functions', { tags: (id: string) => id }, { tags: (id: string) => id }, true],
    ['another ttl', { ttl: '1m' }, { ttl: '2m' }, false],
    ['another vary', { vary: ['a'] }, { vary: ['b'] }, false],
    ['another negativeTtl', {}, { negativeTtl: true }, false],
    ['other tags', { tags: 'a' }, { tags: 'b' }, false],
    ['another function', { varyBy: () => 1 }, { varyBy: () => 2 }, false],
    ['another query', { query: { ignore: ['a'] } }, { query: { ignore: ['b'] } }, false],
    ['another flag', {}, { bypass: false }, false],
    ['another cap', {}, { maxBodyBytes: 5 }, false],
    ['another bound', {}, { consistency: '2s' }, false],
    ['strong consistency', {}, { consistency: 'strong' }, false],
    ['the default bound in other words', {}, { consistency: 1 }, true],
    ['another degraded mode', {}, { degrade: 'bypass' }, false],
    ['another maxStale', {}, { maxStale: '10s' }, false],
  ]
  for (const [name, first, second, allowed] of names) {
    it(`${allowed ? 'lets' : 'refuses'} two explicit names be equal with ${name}`, () => {
      const cache = createCore<[string]>()
      const route = ({ ttl = '1m', ...options }: Record<string, unknown>) =>
        cache.route(ttl as '1m', { name: 'users', ...options })
      route(first)
      if (allowed) return void route(second)
      const { message } = expectError(() => route(second), 'duplicate-name')
      expect(message).to.include('"users"')
      expect(() => route(first)).to.not.throw()
    })
  }

  it('does not mind names that are equal in two caches, and routes without a name', () => {
    createCore().route('1m', { name: 'users' })
    const cache = createCore()
    cache.route('2m', { name: 'users' })
    cache.route('1m', {})
    cache.route('2m', {})
  })
})

describe('invalidate and bump', () => {
  for (const target of ['', 5, null, undefined, {}, ['a'], [], true]) {
    it(`refuse ${show(target)}`, async () => {
      for (const create of [createExpressCache, createKoaCache]) {
        expectError(() => create().invalidate(target as never, 'a'), 'invalid-tags')
        // An object that comes last is no target, but options.
        if (show(target) !== '{}') expectError(() => create().invalidate('a', target as never), 'invalid-tags')
      }
      if (Array.isArray(target)) return
      const rejected = await createCore()
        .bump(target as never)
        .catch((error: unknown) => error)
      expect(rejected).to.be.instanceOf(CacheConfigError).with.property('code', 'invalid-tags')
    })
  }
})
