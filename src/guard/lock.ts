/** Locks in Redis for users' own code: one holder in the whole fleet. */
import { type Clock, monotonicClock } from '../clock.ts'
import { openCommands } from '../connection/client/redis.ts'
import { isClient, keyPrefixOf } from '../connection/client/source.ts'
import { expected, requireObject } from '../errors.ts'
import { type Acquired, acquire, closedError, unavailable } from './acquire.ts'
import { Lease, type LockHandle } from './lease.ts'
import { LockError } from './lock-error.ts'
import { type LockOptions, type LocksOptions, lockNamespace, lockTerms } from './lock-options.ts'

/** What is done while a key is locked; it should stop where `handle.lost` aborts. */
type Locked<T> = (handle: LockHandle) => T | PromiseLike<T>

/** Locks over one connection. Every function works without its object. */
export interface Locks {
  /**
   * Locks a key.
   *
   * @returns undefined where another held it to the end of `wait`; rejects with LockError `lock-unavailable` where Redis does not say, with
   *   CacheConfigError for whatever is wrong with the arguments
   */
  lock(key: string, options?: LockOptions): Promise<LockHandle | undefined>
  /**
   * Runs `fn` while the key is locked, and lets go when it is over, however it ended. What `fn` returns is handed on also where the lock was
   * lost meanwhile: only `fn` knows what it has done by then.
   *
   * @returns rejects with LockError `lock-held` where another held the key to the end of `wait`; else as `lock()`, and as `fn` does
   */
  withLock<T>(key: string, fn: Locked<T>, options?: LockOptions): Promise<T>
  /** Lets go of all that is held, and ends the connection where it is our own; a client that was given stays open. */
  close(): Promise<void>
}

/**
 * Locks over one connection: over the ioredis client or Cluster that is given, itself, or over one connection of their own for a URL or ioredis
 * options, opened with the first lock.
 *
 * @param clock another time than the process's own, for tests
 * @throws CacheConfigError for whatever is wrong with `redis` or the options
 */
export function locks(redis: string | object, options: LocksOptions = {}, clock: Clock = monotonicClock): Locks {
  const namespace = lockNamespace(options)
  const { client, close } = openCommands(redis)
  // A client that was given puts its own prefix before keys.
  const prefix = `${isClient(redis) ? '' : keyPrefixOf(redis)}${namespace}:lock:`
  const held = new Set<LockHandle>()
  let closing: Promise<void> | undefined
  const parts = { client, clock, prefix, isClosed: () => closing !== undefined }

  async function lock(key: string, lockOptions?: LockOptions): Promise<LockHandle | undefined> {
    const terms = lockTerms(key, lockOptions)
    const acquired = await acquire(parts, terms)
    return acquired && take(acquired, key, terms.ttl)
  }

  async function take({ keys, attempt }: Acquired, key: string, ttl: number): Promise<LockHandle> {
    const lease = new Lease({ keys, clock, key, ttl, ...attempt, ended: (ended) => held.delete(ended) })
    held.add(lease)
    const { aborted, reason } = lease.lost
    if (!aborted && closing === undefined) return lease
    await lease[Symbol.asyncDispose]()
    // Where it is lost by now, this process was paused between asking and hearing.
    throw closing === undefined ? unavailable(key, reason) : closedError()
  }

  async function withLock<T>(key: string, fn: Locked<T>, lockOptions?: LockOptions): Promise<T> {
    if (typeof fn !== 'function') throw expected('invalid-option', 'fn', 'a function', fn)
    const handle = await lock(key, lockOptions)
    if (handle === undefined) throw new LockError('lock-held', `Another holds the lock ${JSON.stringify(key)}`)
    try {
      return await fn(handle)
    } finally {
      await handle[Symbol.asyncDispose]()
    }
  }

  async function shutDown(): Promise<void> {
    await Promise.allSettled([...held].map((handle) => handle.release()))
    close()
  }

  return Object.freeze({
    lock,
    withLock,
    close: () => {
      closing ??= shutDown()
      return closing
    },
  })
}

/**
 * Locks a key over your own ioredis client or Cluster, which is used itself and never closed. For a URL or options there is `locks()`, which keeps
 * one connection for all of them.
 *
 * @example await using handle = await lock(redis, 'invoices', { ttl: '10s' })
 * @returns as `Locks.lock`
 */
export async function lock(
  redis: object,
  key: string,
  options: LockOptions & LocksOptions = {},
): Promise<LockHandle | undefined> {
  const { namespace, ...terms } = checkedBag(options)
  return locks(assertClient(redis), { namespace }).lock(key, terms)
}

/**
 * Runs `fn` while a key is locked over your own ioredis client or Cluster: see `lock()`.
 *
 * @returns as `Locks.withLock`
 */
export async function withLock<T>(
  redis: object,
  key: string,
  fn: Locked<T>,
  options: LockOptions & LocksOptions = {},
): Promise<T> {
  const { namespace, ...terms } = checkedBag(options)
  return locks(assertClient(redis), { namespace }).withLock(key, fn, terms)
}

function checkedBag<Options>(options: Options): Options {
  requireObject(options, 'options')
  return options
}

function assertClient(redis: unknown): object {
  if (isClient(redis)) return redis
  const wanted = 'an ioredis Redis or Cluster (a URL and options go to `locks()`)'
  // A URL may hold a password, and an error's message may end in a log.
  throw expected('invalid-redis', 'redis', wanted, typeof redis === 'string' ? 'a URL' : redis)
}
