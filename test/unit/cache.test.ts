// `createCache`, `cacheRoute` and `invalidate` refuse bad configuration at start, with a code, before anything is opened.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { createCore } from '../../src/cache.ts'
import type { CacheOptions } from '../../src/cache-options.ts'
import { type CacheConfigCode, CacheConfigError } from '../../src/errors.ts'
import { createCache as createExpressCache } from '../../src/express.ts'
import { createCache as createKoaCache } from '../../src/koa.ts'
import { expectError, show } from './fixtures/config-error.ts'

const fn = () => undefined

/** As node-redis makes them: a class instance with methods, without a hint in its prototype chain. */
class OtherClient {
  readonly isOpen = false
  connect = fn
  get = fn
  set = fn
  sendCommand = fn
  duplicate = () => new OtherClient()
}

const bad: [options: unknown, code: CacheConfigCode, message: string][] = [
  [null, 'invalid-option', 'Expected `options` to be an object, got null'],
  ['redis://127.0.0.1', 'invalid-option', 'Expected `options` to be an object'],
  [[], 'invalid-option', 'Expected `options` to be an object, got an array of 0'],
  [{ namepace: 'a' }, 'unknown-option', 'Unknown option `namepace`. Did you mean `namespace`?'],
  [{ Redis: 'a' }, 'unknown-option', 'Unknown option `Redis`. Did you mean `redis`?'],
  [{ maxEntries: 5 }, 'unknown-option', 'Unknown option `maxEntries`.'],
  [{ listener: [] }, 'unknown-option', 'Unknown option `listener`. Did you mean `listeners`?'],
  [{ memory: { maxEntry: 5 } }, 'unknown-option', 'Unknown option `memory.maxEntry`. Did you mean `maxEntries`?'],
  [{ memory: 5 }, 'invalid-option', 'Expected `memory` to be an object, got 5'],
  [{ memory: null }, 'invalid-option', 'Expected `memory` to be an object, got null'],
  [{ memory: { policy: 'lfu' } }, 'invalid-option', 'Expected `memory.policy` to be \'lru\', got "lfu"'],
  [{ memory: { maxEntries: 0 } }, 'invalid-size', 'Expected `memory.maxEntries`'],
  [{ memory: { maxEntries: 1.5 } }, 'invalid-size', 'got 1.5'],
  [{ memory: { maxEntries: '5' } }, 'invalid-size', 'got "5"'],
  [{ memory: { maxBytes: '64 mb' } }, 'invalid-size', 'Expected `memory.maxBytes` to be a size greater than 0'],
  [{ memory: { maxBytes: -1 } }, 'invalid-size', 'got -1'],
  [{ namespace: '' }, 'invalid-option', 'Expected `namespace`'],
  [{ namespace: 'a b' }, 'invalid-option', 'Expected `namespace`'],
  // Braces would put all keys of a Cluster into one slot.
  [{ namespace: '{shop}' }, 'invalid-option', 'Expected `namespace`'],
  [{ namespace: 5 }, 'invalid-option', 'got 5'],
  // T67
  ...[0, -1, Number.NaN, Number.POSITIVE_INFINITY, '5 parsecs', '', null].map(
    (ttl): [unknown, CacheConfigCode, string] => [
      { ttl },
      'invalid-ttl',
      'Expected `ttl` to be a duration greater than 0',
    ],
  ),
  [{ consistency: 'eventual' }, 'invalid-option', "Expected `consistency` to be 'strong' or a duration"],
  [{ consistencey: '1s' }, 'unknown-option', 'Unknown option `consistencey`. Did you mean `consistency`?'],
  [{ degrade: 'fail' }, 'invalid-option', "Expected `degrade` to be 'l1', 'bypass' or 'error', got \"fail\""],
  [{ maxStale: '5 parsecs' }, 'invalid-option', 'Expected `maxStale` to be a duration greater than 0'],
  [{ consistency: 'strong', degrade: 'l1' }, 'invalid-option', "Expected `degrade` to be 'bypass' or 'error'"],
  [{ budget: 0 }, 'invalid-duration', 'Expected `budget`'],
  [{ budget: '5 parsecs' }, 'invalid-duration', 'got "5 parsecs"'],
  [{ listeners: fn }, 'invalid-option', 'Expected `listeners` to be an array of functions, got a function'],
  [{ listeners: [fn, 'log'] }, 'invalid-option', 'Expected `listeners` to be an array of functions'],
  // No URL.
  ...[
    '',
    'localhost',
    'localhost:6379',
    '127.0.0.1:6379',
    'http://127.0.0.1:6379',
    'redis://host:99999',
    'redis:127.0.0.1:6379',
    '//127.0.0.1',
    'unix:/tmp/redis.sock',
  ].map((redis): [unknown, CacheConfigCode, string] => [
    { redis },
    'invalid-redis',
    'Expected `redis` to be a redis:// or rediss:// URL, ioredis options, or an ioredis Redis or Cluster, got ',
  ]),
  // No client, or the client of another library.
  ...[
    null,
    5,
    true,
    [],
    {},
    fn,
    new OtherClient(),
    { ...new OtherClient() },
    { get: fn, set: fn, del: fn },
    new Map([['host', 'a']]),
    Promise.resolve(),
  ].map((redis): [unknown, CacheConfigCode, string] => [{ redis }, 'invalid-redis', 'Expected `redis` to be']),
]

describe('createCache', () => {
  for (const [options, code, message] of bad) {
    it(`refuses ${show(options)}`, () => {
      for (const create of [createCore, createExpressCache, createKoaCache]) {
        expect(expectError(() => create(options as CacheOptions), code).message).to.include(message)
      }
    })
  }

  it('does not tell the password of a URL that is none', () => {
    const { message } = expectError(() => createCore({ redis: 'http://user:secret@host:6379' }), 'invalid-redis')
    expect(message).to.not.include('secret')
  })

  it('takes undefined for absent', async () => {
    const options = {
      namespace: undefined,
      redis: undefined,
      memory: undefined,
      ttl: undefined,
      consistency: undefined,
      degrade: undefined,
      maxStale: undefined,
      budget: undefined,
      listeners: undefined,
    }
    const cache = createCore(options as CacheOptions)
    await cache.ready()
    expect(cache.stats().tiers).to.have.keys('l1')
    expect(() =>
      createCore({ memory: { maxEntries: undefined, maxBytes: undefined, policy: undefined } }),
    ).to.not.throw()
    expect(() => createCore()).to.not.throw()
  })

  // DESIGN, invariant 8
  it('writes to nothing it is given, and what is changed later changes nothing', async () => {
    const told: string[] = []
    const listeners = [(event: { type: string }) => void told.push(event.type)]
    const cache = createCore(Object.freeze({ memory: Object.freeze({ maxEntries: 5 }), listeners }))
    listeners.length = 0
    await cache.bump('a')
    expect(told).to.deep.equal(['bump'])
  })
})

describe('configuration that fails', () => {
  let server: Server
  let port: number
  let connections: number

  beforeEach(async () => {
    connections = 0
    server = createServer((socket) => {
      connections++
      socket.destroy()
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterEach(() => void server.close())

  it('opens no connection', async () => {
    const redis = `redis://127.0.0.1:${port}`
    for (const options of [
      { ttl: 0 },
      { budget: 0 },
      { consistency: 'eventual' },
      { consistency: 'strong', degrade: 'l1' },
      { maxStale: 0 },
      { listeners: 5 },
      { memory: { maxEntries: 0 } },
      { namespace: '' },
      { extra: 1 },
    ]) {
      for (const source of [redis, { port }])
        expect(() => createCore({ redis: source, ...options } as CacheOptions)).to.throw(CacheConfigError)
    }
    // A connection of our own comes after any that was begun before it.
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
    const own = connect(port, '127.0.0.1')
    await once(own, 'close')
    expect(connections).to.equal(1)
  })

  it('leaves a given client alone', () => {
    const options = { port, lazyConnect: true }
    for (const client of [new Redis(options), new Redis5(options)]) {
      expect(() => createCore({ redis: client, ttl: 0 })).to.throw(CacheConfigError)
      expect(client.status).to.equal('wait')
      client.disconnect()
    }
  })
})
