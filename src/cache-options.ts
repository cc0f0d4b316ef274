/** `createCache`'s options: what they are, their defaults, and what is wrong with wrong ones. */
import { type AgingOptions, checkJitter } from './aging-option.ts'
import { keyPrefixOf } from './connection/client/source.ts'
import { type ConsistencyOptions, checkConsistency } from './consistency.ts'
import { count, type Duration, duration, type Size, size } from './duration.ts'
import { expected, rejectUnknown, requireObject } from './errors.ts'
import { privatePaths } from './http/watch-plan.ts'
import type { Listener } from './observe/events.ts'
import { given } from './route.ts'

/** What `createCache` accepts. */
export interface CacheOptions extends ConsistencyOptions {
  /** Prefix of every Redis key. @default 'tiercache' */
  readonly namespace?: string | undefined
  /** A URL, ioredis options, or an ioredis `Redis` or `Cluster`, which is duplicated and never closed. @default memory only */
  readonly redis?: string | object | undefined
  /** Bounds of L1. @default 10,000 entries, 64 MB */
  readonly memory?:
    | {
        /** @default 10_000 */
        readonly maxEntries?: number | undefined
        /** Bytes of keys, headers, bodies and bookkeeping. @default '64mb' */
        readonly maxBytes?: Size | undefined
        /** Which entry leaves when there is no room: the least recently used. @default 'lru' */
        readonly policy?: 'lru' | undefined
      }
    | undefined
  /** The ttl of routes that name none. @default none: each route names its own */
  readonly ttl?: Duration | undefined
  /** Spreads lives, on every route: see the option of `cacheRoute`. @default 0.1 */
  readonly jitter?: AgingOptions['jitter']
  /** Paths of what else is private to who asks, on every route: see the option of `cacheRoute`. @default [] */
  readonly privateReads?: readonly string[] | undefined
  /** How long all work on Redis may hold a request up before its handler runs, and how long a bump may hold an answer. @default '100ms' */
  readonly budget?: Duration | undefined
  /** Are told of every event. @default [] */
  readonly listeners?: readonly Listener[] | undefined
}

const known: readonly (keyof CacheOptions)[] = [
  'namespace',
  'redis',
  'memory',
  'ttl',
  'consistency',
  'degrade',
  'maxStale',
  'jitter',
  'privateReads',
  'budget',
  'listeners',
]

const defaults = { namespace: 'tiercache', budget: '100ms', maxEntries: 10_000, maxBytes: '64mb' } as const

/**
 * The options with their defaults, copied: later changes to the caller's object change nothing.
 *
 * @throws CacheConfigError for whatever is wrong with them
 */
export function checkedOptions(options: CacheOptions) {
  requireObject(options, 'options')
  rejectUnknown(options, known)
  const { namespace = defaults.namespace, redis, memory = {}, ttl, budget = defaults.budget, listeners = [] } = options
  requireObject(memory, 'memory')
  rejectUnknown(memory, ['maxEntries', 'maxBytes', 'policy'], 'memory.')
  const { policy = 'lru' } = memory
  if (policy !== 'lru') throw expected('invalid-option', 'memory.policy', "'lru'", policy)
  if (typeof namespace !== 'string' || namespace === '' || /[\s{}]/.test(namespace)) {
    throw expected('invalid-option', 'namespace', 'a string without spaces and braces', namespace)
  }
  if (!Array.isArray(listeners) || listeners.some((listener) => typeof listener !== 'function')) {
    throw expected('invalid-option', 'listeners', 'an array of functions', listeners)
  }
  checkConsistency(options)
  checkJitter(options.jitter)
  if (ttl !== undefined) duration(ttl, 'ttl', 'invalid-ttl')
  return {
    prefix: `${redis === undefined ? '' : keyPrefixOf(redis)}${namespace}`,
    redis,
    ttl,
    ofRoutes: {
      consistency: options.consistency,
      degrade: options.degrade,
      maxStale: options.maxStale,
      jitter: options.jitter,
      privateReads: privatePaths(options.privateReads),
    },
    listeners: [...(listeners as Listener[])],
    budget: duration(budget, 'budget'),
    maxEntries: count(given(memory.maxEntries, defaults.maxEntries), 'memory.maxEntries'),
    maxBytes: size(given(memory.maxBytes, defaults.maxBytes), 'memory.maxBytes'),
  }
}
