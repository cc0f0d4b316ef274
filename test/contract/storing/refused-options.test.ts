// What `cacheRoute` and `invalidate` refuse at the start: a code, what was expected, what was got.
import { expect } from 'chai'
import { CacheConfigError } from '../../../src/errors.ts'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'

type Refusal = readonly [ttl: unknown, options: unknown, code: string, message: RegExp]

const refusals: Readonly<Record<string, readonly Refusal[]>> = {
  // T67
  ttl: [undefined, null, 0, -5, Number.NaN, Number.POSITIVE_INFINITY, '5 parsecs', '', '5', '-5s', '0s', {}, true].map(
    (ttl) => [ttl, {}, 'invalid-ttl', /^Expected `ttl` to be a duration greater than 0 .*, got /],
  ),
  'the bag of options': [null, 'tags', 42, ['name']].map((options) => [
    '1m',
    options,
    'invalid-option',
    /^Expected `options` to be an object, got /,
  ]),
  'unknown options': [
    ['1m', { tag: 'x' }, 'unknown-option', /^Unknown option `tag`\. Did you mean `tags`\?$/],
    ['1m', { varyby: () => 1 }, 'unknown-option', /Did you mean `varyBy`\?$/],
    ['1m', { maxBodySize: 1 }, 'unknown-option', /Did you mean `maxBodyBytes`\?$/],
    ['1m', { somethingElseEntirely: 1 }, 'unknown-option', /Known options: name, tags, /],
    ['1m', { bypass: { parm: 'x' } }, 'unknown-option', /^Unknown option `bypass\.parm`\. Did you mean `param`\?$/],
    ['1m', { query: { alow: [] } }, 'unknown-option', /`query\.alow`\. Did you mean `allow`\?$/],
    ['1m', { collapse: { max: 1 } }, 'unknown-option', /^Unknown option `collapse\.max`/],
  ],
  name: ['', 42, null, ['x']].map((name) => ['1m', { name }, 'invalid-option', /^Expected `name` to be a string/]),
  tags: [42, null, [''], ['x', 42], '', { x: 1 }].map((tags) => ['1m', { tags }, 'invalid-tags', /^Expected `tags`/]),
  vary: ['accept', [42], [''], null].map((vary) => ['1m', { vary }, 'invalid-option', /^Expected `vary`/]),
  varyBy: ['user', 42, null].map((varyBy) => [
    '1m',
    { varyBy },
    'invalid-option',
    /^Expected `varyBy` to be a function/,
  ]),
  query: [
    ['1m', { query: 'page' }, 'invalid-option', /^Expected `query` to be an object/],
    ['1m', { query: {} }, 'invalid-option', /either `allow` or `ignore`/],
    ['1m', { query: { allow: ['a'], ignore: ['b'] } }, 'invalid-option', /either `allow` or `ignore`/],
    ['1m', { query: { allow: 'a' } }, 'invalid-option', /^Expected `query\.allow`/],
    ['1m', { query: { ignore: [1] } }, 'invalid-option', /^Expected `query\.ignore`/],
  ],
  body: [1, 'yes', null].map((body) => ['1m', { body }, 'invalid-option', /^Expected `body` to be true or false/]),
  methods: ['POST', [1], ['']].map((methods) => ['1m', { methods }, 'invalid-option', /^Expected `methods`/]),
  bypass: [
    ['1m', { bypass: true }, 'invalid-option', /^Expected `bypass` to be an object/],
    ['1m', { bypass: { param: '' } }, 'invalid-option', /^Expected `bypass\.param`/],
    ['1m', { bypass: { allow: true } }, 'invalid-option', /^Expected `bypass\.allow` to be a function/],
    ['1m', { bypass: { mode: 'reload' } }, 'invalid-option', /^Expected `bypass\.mode` to be 'bypass' or 'refresh'/],
  ],
  public: [['1m', { public: 'yes' }, 'invalid-option', /^Expected `public` to be true or false/]],
  storable: [['1m', { storable: true }, 'invalid-option', /^Expected `storable` to be a function/]],
  negativeTtl: [0, -1, '5 parsecs', null].map((negativeTtl) => [
    '1m',
    { negativeTtl },
    'invalid-ttl',
    /^Expected `negativeTtl` to be a duration/,
  ]),
  'negativeTtl as an object': [
    ['1m', { negativeTtl: { ttl: 0 } }, 'invalid-ttl', /^Expected `negativeTtl\.ttl` to be a duration/],
    ['1m', { negativeTtl: { when: 'empty' } }, 'invalid-option', /^Expected `negativeTtl\.when` to be a function/],
    ['1m', { negativeTtl: { if: () => true } }, 'unknown-option', /^Unknown option `negativeTtl\.if`/],
  ],
  maxEntries: [0, -1, 1.5, Number.NaN, '10', null].map((maxEntries) => [
    '1m',
    { maxEntries },
    'invalid-size',
    /^Expected `maxEntries` to be a whole number/,
  ]),
  maxBodyBytes: [0, -1, '1 parsec', Number.NaN, null].map((maxBodyBytes) => [
    '1m',
    { maxBodyBytes },
    'invalid-size',
    /^Expected `maxBodyBytes` to be a size/,
  ]),
  flightDeadline: [0, '5 parsecs', null].map((flightDeadline) => [
    '1m',
    { flightDeadline },
    'invalid-duration',
    /^Expected `flightDeadline` to be a duration/,
  ]),
  collapse: [
    ['1m', { collapse: 5 }, 'invalid-option', /^Expected `collapse`/],
    ['1m', { collapse: { maxFollowers: 0 } }, 'invalid-size', /^Expected `collapse\.maxFollowers`/],
    ['1m', { collapse: { maxFollowers: 1.5 } }, 'invalid-size', /^Expected `collapse\.maxFollowers`/],
  ],
  serverTiming: [['1m', { serverTiming: 1 }, 'invalid-option', /^Expected `serverTiming` to be true or false/]],
}

function thrownBy(action: () => unknown): CacheConfigError {
  try {
    action()
  } catch (error) {
    expect(error).to.be.an.instanceOf(CacheConfigError).and.an.instanceOf(TypeError)
    return error as CacheConfigError
  }
  throw new Error('nothing was thrown')
}

for (const [name, createCache] of Object.entries({ Express: createExpressCache, Koa: createKoaCache })) {
  describe(`what is refused at the start on ${name}`, () => {
    for (const [option, cases] of Object.entries(refusals)) {
      it(`is a wrong value of ${option}, with a code and what was expected`, () => {
        const { cacheRoute } = createCache()
        for (const [ttl, options, code, message] of cases) {
          const error = thrownBy(() => cacheRoute(ttl as never, options as never))
          expect(error.code, error.message).to.equal(code)
          expect(error.message).to.match(message)
        }
      })
    }

    it('is a target that is neither a string nor a function', () => {
      const { invalidate } = createCache()
      for (const target of ['', 42, null, undefined, new Date(), ['x'], Symbol('x')]) {
        expect(thrownBy(() => invalidate('x', target as never)).code).to.equal('invalid-tags')
      }
    })

    it('is one explicit name for two policies, but not for one policy twice', () => {
      const { cacheRoute } = createCache()
      const tags = () => 'x'
      cacheRoute('1m', { name: 'a', vary: ['accept'], tags })
      cacheRoute(60, { name: 'a', vary: ['Accept'], tags })
      for (const [ttl, options] of [
        ['2m', { vary: ['accept'], tags }],
        ['1m', { tags }],
        ['1m', { vary: ['accept'], tags: () => 'y' }],
        ['1m', { vary: ['accept'], tags, public: true }],
        ['1m', { vary: ['accept'], tags, query: { allow: [] } }],
      ] as const) {
        const error = thrownBy(() => cacheRoute(ttl, { ...options, name: 'a' } as never))
        expect(error.code).to.equal('duplicate-name')
        expect(error.message).to.equal('Expected `name` to be unique, got "a" twice with different options')
      }
    })

    it('is not an option that is undefined: it means absent', () => {
      const undefinedOptions = Object.fromEntries(
        Object.keys(refusals)
          .filter((option) => !/ |^ttl$/.test(option))
          .map((option) => [option, undefined]),
      )
      createCache({ ttl: undefined, namespace: undefined }).cacheRoute('1m', undefinedOptions)
      createCache().cacheRoute('1m', { bypass: { param: undefined, allow: undefined, mode: undefined } })
    })

    it('is not a ttl that is left to the cache', () => {
      createCache({ ttl: '5m' }).cacheRoute()
    })
  })
}
