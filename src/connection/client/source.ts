/** What may be given as `redis`: told apart, and refused where nothing can be connected to it. */
import { expected } from '../../errors.ts'
import type { RedisClient } from './client.ts'

/** What `createCache({ redis })` takes: a URL, ioredis options, or an ioredis `Redis` or `Cluster` (which is duplicated, never closed). */
export type RedisSource = string | object

/**
 * The prefix that the user's client puts before keys: ours honour it.
 *
 * @throws CacheConfigError when `source` is nothing that can be connected to
 */
export function keyPrefixOf(source: RedisSource): string {
  assertSource(source)
  if (typeof source === 'string') return ''
  const options = isClient(source) ? source.options : (source as RedisClient['options'])
  return options.keyPrefix ?? options.redisOptions?.keyPrefix ?? ''
}

/** Whether it is an ioredis client or Cluster. */
export function isClient(source: unknown): source is RedisClient {
  return typeof source === 'object' && source !== null && 'duplicate' in source && 'getBuffer' in source
}

/** @throws CacheConfigError when nothing can be connected to it */
export function assertSource(source: unknown): asserts source is RedisSource {
  const wanted = 'a redis:// or rediss:// URL, ioredis options, or an ioredis Redis or Cluster'
  if (typeof source === 'string') {
    const url = URL.canParse(source) ? new URL(source) : undefined
    if (url === undefined || !/^rediss?:\/\//.test(source))
      throw expected('invalid-redis', 'redis', wanted, withoutSecret(source))
    return
  }
  if (isClient(source)) return
  // A bag of options is a plain object; anything with methods is some other library's client.
  const plain = typeof source === 'object' && source !== null && Object.getPrototypeOf(source) === Object.prototype
  if (!plain || Object.values(source).length === 0 || isForeignClient(source)) {
    throw expected('invalid-redis', 'redis', wanted, source)
  }
}

/** What other libraries' clients have, and no bag of options. */
function isForeignClient(source: object): boolean {
  return ['sendCommand', 'duplicate', 'connect', 'get', 'set', 'del'].some(
    (name) => typeof Reflect.get(source, name) === 'function',
  )
}

/** An error message may end in a log: no passwords. */
function withoutSecret(url: string): string {
  return url.replace(/[^/@]*@/, '')
}
