// The parts of a cache that speak to Redis, joined as the composition root joins them, for tests below the engine.
import type { Connection } from '../../src/connection/connection.ts'
import { TroubleLog } from '../../src/connection/trouble.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import { concreteParts } from '../../src/parts.ts'
import { type RedisStore, redisStore } from '../../src/store/redis.ts'
import { type RedisVersions, redisVersions } from '../../src/versions/redis.ts'

/** One process's parts. */
export interface RedisParts {
  readonly connection: Connection
  readonly store: RedisStore
  readonly versions: RedisVersions
  readonly events: readonly CacheEvent[]
  close(): void
}

/** Connects and resolves once Redis is up; the keys begin with `${namespace}:e:` and `${namespace}:v:`. */
export async function openRedisParts(url: string, namespace = 'test'): Promise<RedisParts> {
  const events: CacheEvent[] = []
  const tell = (event: CacheEvent) => void events.push(event)
  const { clock, digits, scripts, intentTimes, connect, openClients, tokenTable } = concreteParts
  const channel = `${namespace}:bus`
  const shared = { clock, trouble: new TroubleLog(tell, clock), tell, budget: 100, channel }
  const connection = connect({
    ...shared,
    clients: openClients(url, clock),
    echoChannel: `${channel}:${digits()}`,
    probeKey: `${namespace}:v:*`,
  })
  const store = redisStore({ ...shared, connection, prefix: `${namespace}:e:` })
  const prefix = `${namespace}:v:`
  const versions = redisVersions({ ...shared, connection, prefix, scripts, table: tokenTable(), intentTimes, digits })
  await connection.ready(10_000)
  return { connection, store, versions, events, close: () => connection.close() }
}
