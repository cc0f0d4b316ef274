/** Asks the Redis of `REDIS_URL` who it is, before the tour counts on it. */
import { Redis } from 'ioredis'

/** A Redis that was asked once. */
export interface RedisFound {
  answers: boolean
  /** Says which Redis this is, without credentials. */
  title: string
}

/** Connects, asks for the version and leaves again. Never throws: a Redis that is away is a finding. */
export async function findRedis(url: string): Promise<RedisFound> {
  const place = URL.canParse(url) ? new URL(url).host : 'the given address'
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 2_000,
    maxRetriesPerRequest: 0,
  })
  let trouble = 'no reason given'
  redis.on('error', (error) => {
    trouble = error.message
  })
  try {
    await redis.connect()
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1]
    return { answers: true, title: `Redis ${version} at ${place}` }
  } catch {
    return { answers: false, title: `no answer from Redis at ${place} (${trouble}), so memory alone` }
  } finally {
    redis.disconnect()
  }
}
