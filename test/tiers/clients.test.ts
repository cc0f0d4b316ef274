// Redis may be given as a URL, as options or as a client of ioredis 5 or 6, with a prefix or in another database.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { type App, overFrameworks } from '../contract/middleware.ts'
import { ask, outcomes } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer

/** A client, or what makes one, and the prefix and database that its keys must have. */
interface Source {
  readonly make: () => string | object
  readonly prefix?: string
  readonly db?: number
}

const local = () => ({ host: '127.0.0.1', port: redis.port })
const sources: Readonly<Record<string, Source>> = {
  'a URL': { make: () => redis.url },
  'a URL with a database': { make: () => `${redis.url}/3`, db: 3 },
  options: { make: local },
  'options with a prefix and a database': {
    make: () => ({ ...local(), keyPrefix: 'pre:', db: 2 }),
    prefix: 'pre:',
    db: 2,
  },
  'a client of ioredis 6': { make: () => new Redis(redis.url) },
  'a client of ioredis 5': { make: () => new Redis5(redis.url) },
  'a client of ioredis 6 with a prefix': { make: () => new Redis(redis.url, { keyPrefix: 'six:' }), prefix: 'six:' },
  'a client of ioredis 5 with a prefix': { make: () => new Redis5(redis.url, { keyPrefix: 'five:' }), prefix: 'five:' },
  'a client that never connected': { make: () => new Redis(redis.url, { lazyConnect: true }) },
  'a client that reads numbers as strings': { make: () => new Redis(redis.url, { stringNumbers: true }) },
  'a client that pipelines by itself': { make: () => new Redis(redis.url, { enableAutoPipelining: true }) },
  'a client that speaks RESP 2': { make: () => new Redis(redis.url, { protocol: 2 }) },
  'a client that waits for ever': {
    make: () => new Redis(redis.url, { maxRetriesPerRequest: null, enableOfflineQueue: true }),
  },
}

overFrameworks('the cache reads, writes and bumps', (harness) => {
  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  const tell = (app: App) => {
    let runs = 0
    app.read('/things/:id', () => ({ body: { run: ++runs } }))
    app.write('put', '/things/:id', ['/things/:id'], () => ({ body: 'ok' }))
  }

  for (const [i, [what, { make, prefix = '', db = 0 }]] of Object.entries(sources).entries()) {
    it(`where ${what} says, under the namespace`, async () => {
      const namespace = `shop-${i}`
      const source = make()
      const app = await harness.start(tell, { redis: source, namespace })
      try {
        for (const method of ['GET', 'GET', 'PUT', 'GET']) await ask(app, '/things/1', { method })
        expect(outcomes(app)).to.deep.equal(['miss', 'hit l1', 'miss'])
        await eventually(async () => {
          const keys = (await keysOf(db)).filter((key) => key.includes(namespace))
          expect(keys.filter((key) => key.startsWith(`${prefix}${namespace}:e:`))).to.have.length(1)
          expect(keys).to.include(`${prefix}${namespace}:v:/things/:id`)
          expect(keys.filter((key) => !key.startsWith(prefix))).to.deep.equal([])
        })
        expect(app.events.filter(({ type }) => type === 'trouble')).to.deep.equal([])
      } finally {
        await app.stop()
        if (source instanceof Redis || source instanceof Redis5) source.disconnect()
      }
    })
  }

  async function keysOf(db: number): Promise<string[]> {
    const script = `redis.call('SELECT', ${db}) return redis.call('KEYS', '*')`
    return (await redis.cli('EVAL', script, '0')).split('\n')
  }
})
