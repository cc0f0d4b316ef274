// `cacheRoute`'s options: what is valid, what is not, and a policy that nobody can change afterwards.
import { expect } from 'chai'
import type { CacheConfigCode } from '../../src/errors.ts'
import { watchPlan } from '../../src/http/watch-plan.ts'
import { type CacheRouteOptions, createRoute, type Route } from '../../src/route.ts'
import { TERMS } from '../contract/versions.ts'
import { expectError, show } from './fixtures/config-error.ts'

type Options = CacheRouteOptions<readonly unknown[]>

const create = (options: unknown, ttl: unknown = '1m') => createRoute(ttl, options as Options, { jitter: 0 })
const fn = () => true

describe('the ttl of a route', () => {
  // T67
  for (const ttl of [undefined, null, 0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5 parsecs', '', '0s', {}, true]) {
    it(`is not ${JSON.stringify(ttl) ?? 'missing'} (${String(ttl)})`, () => {
      const error = expectError(() => createRoute(ttl, {}), 'invalid-ttl')
      expect(error.message).to.match(/^Expected `ttl` to be a duration greater than 0 .*, got /)
    })
  }

  it('is the life of 200, 203, 204, 301 and 308', () => {
    const route = create({}, '5m')
    expect([200, 203, 204, 301, 308].map((status) => route.lifeOf(status))).to.deep.equal(Array(5).fill(300_000))
    expect(route.terms.life).to.equal(300_000)
  })

  // T28
  it('is no life of any other status', () => {
    const others = [
      100, 101, 103, 201, 202, 205, 206, 300, 302, 303, 304, 307, 400, 401, 403, 404, 405, 407, 410, 429, 500, 501, 502,
      503, 504, 599,
    ]
    const route = create({})
    expect(others.filter((status) => route.lifeOf(status) !== undefined)).to.deep.equal([])
  })
})

describe('the options of a route', () => {
  it('have these defaults', () => {
    const { lifeOf, watches, ...policy } = create({})
    expect(policy).to.deep.equal({
      staleFor: 0,
      staleIfError: 0,
      backoff: 10_000,
      soft: undefined,
      hard: undefined,
      jitter: [1, 1],
      earlyRefresh: undefined,
      retry: undefined,
      fallback: undefined,
      name: undefined,
      tags: undefined,
      fixedTags: [],
      vary: [],
      varyBy: undefined,
      query: undefined,
      body: false,
      methods: ['GET', 'HEAD'],
      flag: 'is_not_cache',
      allow: undefined,
      refresh: false,
      public: false,
      advertise: false,
      compress: undefined,
      doorkeeper: undefined,
      ttl: 60_000,
      storable: undefined,
      maxBodyBytes: 1_048_576,
      flightDeadline: 30_000,
      maxFollowers: 10_000,
      fleet: false,
      serverTiming: false,
      sharesFailures: false,
      strong: false,
      degrade: 'l1',
      honour: undefined,
      negativeTtl: undefined,
      negativeWhen: undefined,
      quota: undefined,
      terms: { ...TERMS, life: 60_000 },
    })
    expect(lifeOf(200)).to.equal(60_000)
    expect(watches).to.deep.equal(watchPlan())
  })

  const good: [options: Options, policy: Partial<Route>][] = [
    [{ name: 'users' }, { name: 'users' }],
    [{ vary: ['Accept-Language', 'ACCEPT'] }, { vary: ['accept', 'accept-language'] }],
    [{ query: { ignore: ['utm_*'] } }, { query: { ignore: ['utm_*'] } }],
    [{ query: { allow: [] } }, { query: { allow: [] } }],
    [{ query: { allow: ['a'], ignore: undefined } as never }, { query: { allow: ['a'] } }],
    [
      { body: true, methods: ['post'] },
      { body: true, methods: ['POST'] },
    ],
    [{ methods: ['get', 'QUERY'] }, { methods: ['GET', 'QUERY', 'HEAD'] }],
    [{ methods: ['HEAD', 'GET'] }, { methods: ['HEAD', 'GET'] }],
    [{ bypass: false }, { flag: undefined }],
    [{ bypass: {} }, { flag: 'is_not_cache', refresh: false }],
    [{ bypass: { param: 'fresh', mode: 'refresh', allow: fn } }, { flag: 'fresh', refresh: true, allow: fn }],
    [{ bypass: { mode: 'bypass' } }, { refresh: false }],
    [{ public: true }, { public: true }],
    [
      { storable: fn, varyBy: fn, tags: fn as never },
      { storable: fn, varyBy: fn, tags: fn },
    ],
    [{ maxBodyBytes: '2kb' }, { maxBodyBytes: 2_048 }],
    [{ flightDeadline: 0.5 }, { flightDeadline: 500 }],
    [{ collapse: false }, { maxFollowers: 0 }],
    [{ collapse: true }, { maxFollowers: 10_000 }],
    [{ collapse: {} }, { maxFollowers: 10_000 }],
    [{ collapse: { maxFollowers: 1 } }, { maxFollowers: 1 }],
    [{ onFailure: 'run' }, { sharesFailures: false }],
    [{ onFailure: 'share' }, { sharesFailures: true }],
    [{ lock: 'fleet' }, { fleet: true }],
    [{ serverTiming: true }, { serverTiming: true }],
    [{ consistency: '250ms' }, { strong: false, degrade: 'l1', terms: { ...TERMS, bound: 250 } }],
    [
      { consistency: 'strong', degrade: 'error' },
      { strong: true, degrade: 'error' },
    ],
    [{ degrade: 'bypass' }, { degrade: 'bypass' }],
    [{ maxStale: '10s' }, { terms: { ...TERMS, maxStale: 10_000 } }],
    [{ negativeTtl: '2m', maxStale: '90s' }, { terms: { ...TERMS, life: 120_000, maxStale: 90_000 } }],
    [{ negativeTtl: '2m' }, { terms: { ...TERMS, life: 120_000 } }],
    [{ negativeTtl: 5 }, { terms: { ...TERMS, life: 60_000 } }],
    [{ negativeTtl: { ttl: '2m' } }, { negativeTtl: 120_000, terms: { ...TERMS, life: 120_000 } }],
    [{ negativeTtl: { when: fn } }, { negativeTtl: 60_000, negativeWhen: fn }],
    [{ negativeTtl: {} }, { negativeTtl: 60_000, negativeWhen: undefined }],
    [{ maxEntries: 500 }, { quota: { maxEntries: 500 } }],
  ]
  for (const [options, policy] of good) {
    it(`accept ${show(options)}`, () => expect(create(options)).to.deep.include(policy))
  }

  const lives: [negativeTtl: Options['negativeTtl'], life: number | undefined][] = [
    [undefined, undefined],
    [false, undefined],
    [true, 60_000],
    ['5s', 5_000],
    [600, 600_000],
  ]
  for (const [negativeTtl, life] of lives) {
    it(`let 404 and 410 live ${life ?? 'not at all'}, and others their ttl, with negativeTtl ${negativeTtl}`, () => {
      const route = create({ negativeTtl })
      expect([404, 410, 200].map((status) => route.lifeOf(status))).to.deep.equal([life, life, 60_000])
    })
  }

  it('tell the shorter life while it is not known whether an answer is negative', () => {
    for (const [ttl, known] of [
      ['5s', 5_000],
      ['5m', 60_000],
    ] as const) {
      const { lifeOf } = create({ negativeTtl: { ttl, when: () => true } })
      const own = ttl === '5s' ? 5_000 : 300_000
      expect([lifeOf(200), lifeOf(200, false), lifeOf(200, true)]).to.deep.equal([known, 60_000, own])
      expect([lifeOf(404), lifeOf(404, true), lifeOf(500, true)]).to.deep.equal([own, own, undefined])
    }
  })

  const bad: [options: unknown, code: CacheConfigCode, message: string][] = [
    [null, 'invalid-option', 'Expected `options` to be an object, got null'],
    ['5m', 'invalid-option', 'Expected `options` to be an object, got "5m"'],
    [[], 'invalid-option', 'Expected `options` to be an object, got an array of 0'],
    [fn, 'invalid-option', 'Expected `options` to be an object, got a function'],
    [{ tag: 'a' }, 'unknown-option', 'Unknown option `tag`. Did you mean `tags`?'],
    [{ varyby: fn }, 'unknown-option', 'Unknown option `varyby`. Did you mean `varyBy`?'],
    [{ ttl: 5 }, 'unknown-option', 'Unknown option `ttl`.'],
    [{ name: '' }, 'invalid-option', 'Expected `name` to be a string that is not empty, got ""'],
    [{ name: 5 }, 'invalid-option', 'Expected `name` to be a string that is not empty, got 5'],
    [{ name: null }, 'invalid-option', 'Expected `name`'],
    [{ tags: '' }, 'invalid-tags', 'Expected `tags` to be strings that are not empty, got ""'],
    [{ tags: 5 }, 'invalid-tags', 'Expected `tags` to be strings that are not empty, got 5'],
    [{ tags: null }, 'invalid-tags', 'Expected `tags`'],
    [{ tags: ['a', ''] }, 'invalid-tags', 'got ""'],
    [{ tags: ['a', ['b']] }, 'invalid-tags', 'got an array of 1'],
    [{ tags: { a: 1 } }, 'invalid-tags', 'got an object'],
    [{ vary: 'accept' }, 'invalid-option', 'Expected `vary` to be an array of strings, got "accept"'],
    [{ vary: [''] }, 'invalid-option', 'Expected `vary`'],
    [{ vary: [5] }, 'invalid-option', 'Expected `vary`'],
    // No request has such a header: what the author meant would not be covered.
    [{ vary: ['accept language'] }, 'invalid-option', 'Expected `vary`'],
    [{ vary: ['accept:'] }, 'invalid-option', 'Expected `vary`'],
    // T33: it would let an answer with `Vary: *` pass for covered.
    [{ vary: ['*'] }, 'invalid-option', 'Expected `vary`'],
    [{ varyBy: 'tenant' }, 'invalid-option', 'Expected `varyBy` to be a function, got "tenant"'],
    [{ query: ['a'] }, 'invalid-option', 'Expected `query` to be an object, got an array of 1'],
    [{ query: {} }, 'invalid-option', 'Expected `query` to have either `allow` or `ignore`'],
    [{ query: { allow: [], ignore: [] } }, 'invalid-option', 'Expected `query` to have either `allow` or `ignore`'],
    [{ query: { ignored: [] } }, 'unknown-option', 'Unknown option `query.ignored`. Did you mean `ignore`?'],
    [{ query: { ignore: 'a' } }, 'invalid-option', 'Expected `query.ignore` to be an array of strings, got "a"'],
    [{ query: { allow: [1] } }, 'invalid-option', 'Expected `query.allow`'],
    [{ body: 'json' }, 'invalid-option', 'Expected `body` to be true or false, got "json"'],
    [{ methods: 'POST' }, 'invalid-option', 'Expected `methods` to be an array of strings, got "POST"'],
    [{ bypass: true }, 'invalid-option', 'Expected `bypass` to be an object, got true'],
    [{ bypass: 'flag' }, 'invalid-option', 'Expected `bypass` to be an object, got "flag"'],
    [{ bypass: { parm: 'a' } }, 'unknown-option', 'Unknown option `bypass.parm`. Did you mean `param`?'],
    [{ bypass: { param: '' } }, 'invalid-option', 'Expected `bypass.param`'],
    [
      { bypass: { mode: 'renew' } },
      'invalid-option',
      "Expected `bypass.mode` to be 'bypass' or 'refresh', got \"renew\"",
    ],
    [{ bypass: { allow: true } }, 'invalid-option', 'Expected `bypass.allow` to be a function, got true'],
    [{ public: 1 }, 'invalid-option', 'Expected `public` to be true or false, got 1'],
    [{ storable: true }, 'invalid-option', 'Expected `storable` to be a function, got true'],
    [{ negativeTtl: 0 }, 'invalid-ttl', 'Expected `negativeTtl` to be a duration greater than 0'],
    [{ negativeTtl: null }, 'invalid-ttl', 'Expected `negativeTtl`'],
    [{ negativeTtl: '5 parsecs' }, 'invalid-ttl', 'got "5 parsecs"'],
    [{ negativeTtl: Number.NaN }, 'invalid-ttl', 'Expected `negativeTtl` to be a duration greater than 0'],
    ...[0, -1, Number.NaN, '0s', null].map((ttl): [unknown, CacheConfigCode, string] => [
      { negativeTtl: { ttl } },
      'invalid-ttl',
      'Expected `negativeTtl.ttl` to be a duration greater than 0',
    ]),
    [{ negativeTtl: ['60s'] }, 'invalid-option', 'Expected `negativeTtl` to be an object, got an array of 1'],
    [{ negativeTtl: { when: 404 } }, 'invalid-option', 'Expected `negativeTtl.when` to be a function, got 404'],
    [{ negativeTtl: { whn: fn } }, 'unknown-option', 'Unknown option `negativeTtl.whn`. Did you mean `when`?'],
    ...[0, -1, 1.5, Number.NaN, '10', null].map((maxEntries): [unknown, CacheConfigCode, string] => [
      { maxEntries },
      'invalid-size',
      'Expected `maxEntries` to be a whole number of at least 1',
    ]),
    [{ maxBodyBytes: 0 }, 'invalid-size', 'Expected `maxBodyBytes` to be a size greater than 0'],
    [{ maxBodyBytes: '1 mb' }, 'invalid-size', 'got "1 mb"'],
    [{ flightDeadline: 0 }, 'invalid-duration', 'Expected `flightDeadline` to be a duration greater than 0'],
    [{ flightDeadline: Number.POSITIVE_INFINITY }, 'invalid-duration', 'got Infinity'],
    [{ collapse: 5 }, 'invalid-option', 'Expected `collapse` to be an object, got 5'],
    [{ collapse: { max: 5 } }, 'unknown-option', 'Unknown option `collapse.max`.'],
    [
      { collapse: { maxFollowers: 0 } },
      'invalid-size',
      'Expected `collapse.maxFollowers` to be a whole number of at least 1, got 0',
    ],
    [{ collapse: { maxFollowers: 1.5 } }, 'invalid-size', 'got 1.5'],
    [{ consistency: 'weak' }, 'invalid-option', "Expected `consistency` to be 'strong' or a duration greater than 0"],
    [{ consistancy: '1s' }, 'unknown-option', 'Unknown option `consistancy`. Did you mean `consistency`?'],
    [{ degrade: 'L1' }, 'invalid-option', "Expected `degrade` to be 'l1', 'bypass' or 'error', got \"L1\""],
    [{ maxStale: '61s' }, 'invalid-option', 'Expected `maxStale` to be at most the ttl, got "61s"'],
    ...['Share', 'shared', '', null, true, ['share']].map((onFailure): [unknown, CacheConfigCode, string] => [
      { onFailure },
      'invalid-option',
      "Expected `onFailure` to be 'run' or 'share', got ",
    ]),
    [{ onfailure: 'share' }, 'unknown-option', 'Did you mean `onFailure`?'],
    ...['process', 'Fleet', '', null, true].map((lock): [unknown, CacheConfigCode, string] => [
      { lock },
      'invalid-option',
      "Expected `lock` to be 'fleet', got ",
    ]),
    [{ serverTiming: 'yes' }, 'invalid-option', 'Expected `serverTiming` to be true or false, got "yes"'],
  ]
  for (const [options, code, message] of bad) {
    it(`refuse ${show(options)}`, () => expect(expectError(() => create(options), code).message).to.include(message))
  }
})
