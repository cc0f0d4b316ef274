// The parts of a cache that speak to Redis, joined as the composition root joins them, for tests below the engine.
import { monotonicClock } from '../../src/clock.ts'
import { RedisConnection } from '../../src/connection/redis.ts'
import { TroubleLog } from '../../src/connection/trouble.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import { type RedisStore, redisStore } from '../../src/store/redis.ts'
import { type RedisVersions, redisVersions } from '../../src/versions/redis.ts'

/** One process's parts. */
export interface RedisParts {
  readonly connection: RedisConnection
  readonly store: RedisStore
  readonly versions: RedisVersions
  readonly events: readonly CacheEvent[]
  close(): void
}

/** Connects and resolves once Redis is up; the keys begin with `${namespace}:e:` and `${namespace}:v:`. */
export async function openRedisParts(url: string, namespace = 'test'): Promise<RedisParts> {
  const events: CacheEvent[] = []
  const tell = (event: CacheEvent) => void events.push(event)
  const clock = monotonicClock
  const trouble = new TroubleLog(tell)
  const channel = `${namespace}:bus`
  const budget = 100
  const connection = new RedisConnection({
    source: url,
    clock,
    budget,
    channel,
    probeKey: `${namespace}:v:*`,
    tell,
    trouble,
  })
  const shared = { connection, clock, trouble, tell, budget }
  const store = redisStore({ ...shared, prefix: `${namespace}:e:` })
  const versions = redisVersions({ ...shared, prefix: `${namespace}:v:`, channel, bound: 1_000, maxStale: 30_000 })
  await connection.ready(10_000)
  return { connection, store, versions, events, close: () => connection.close() }
}
