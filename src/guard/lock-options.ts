/** How a key is locked, and where its keys are: what the options take, and what is wrong with wrong ones. */
import { type Duration, duration } from '../duration.ts'
import { expected, rejectUnknown, requireObject } from '../errors.ts'

/** How a key is locked. */
export interface LockOptions {
  /** How long the lock outlives a holder that died; a living one renews it at a third. @default '10s' */
  readonly ttl?: Duration | undefined
  /** How long to wait for another holder, and for Redis; 0 tries once. @default 0 */
  readonly wait?: Duration | undefined
  /** How long Redis may take for one command. @default '1s', at most the ttl */
  readonly budget?: Duration | undefined
}

/** Where the keys of locks are. */
export interface LocksOptions {
  /** Prefix of the keys in Redis: `<namespace>:lock:{<key>}`. @default 'tiercache' */
  readonly namespace?: string | undefined
}

/** The options, decided. Durations in ms. */
export interface LockTerms {
  readonly key: string
  readonly ttl: number
  readonly wait: number
  readonly budget: number
}

/** @throws CacheConfigError for whatever is wrong */
export function lockTerms(key: unknown, options: LockOptions = {}): LockTerms {
  if (typeof key !== 'string' || key === '') throw expected('invalid-option', 'key', 'a string that is not empty', key)
  requireObject(options, 'options')
  rejectUnknown(options, ['ttl', 'wait', 'budget'])
  const { ttl = '10s', wait = 0, budget = '1s' } = options
  const life = duration(ttl, 'ttl', 'invalid-ttl')
  return {
    key,
    ttl: life,
    wait: wait === 0 ? 0 : duration(wait, 'wait', 'invalid-duration', '0 or '),
    // An answer later than that would be about a lock that has expired.
    budget: Math.min(life, duration(budget, 'budget')),
  }
}

/** @throws CacheConfigError for whatever is wrong */
export function lockNamespace(options: LocksOptions): string {
  requireObject(options, 'options')
  rejectUnknown(options, ['namespace'])
  const { namespace = 'tiercache' } = options
  if (typeof namespace !== 'string' || namespace === '' || /[\s{}]/.test(namespace)) {
    throw expected('invalid-option', 'namespace', 'a string without spaces and braces', namespace)
  }
  return namespace
}
