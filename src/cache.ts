/** The composition root: the only place that chooses concrete parts and joins them. */
import { isDeepStrictEqual } from 'node:util'
import { monotonicClock } from './clock.ts'
import { keyPrefixOf } from './connection/client/redis.ts'
import { RedisConnection } from './connection/redis.ts'
import { TroubleLog } from './connection/trouble.ts'
import { count, type Duration, duration, type Size, size } from './duration.ts'
import { Engine } from './engine.ts'
import type { Entry } from './entry.ts'
import { CacheConfigError, expected, rejectUnknown, requireObject } from './errors.ts'
import { Fingerprints } from './fingerprint.ts'
import { Flights } from './flights.ts'
import type { Exchange } from './http/exchange.ts'
import { Invalidation, type Target } from './invalidation.ts'
import { broadcast, type Listener } from './observe/events.ts'
import { type CacheStats, Stats } from './observe/stats.ts'
import { type CacheRouteOptions, checkedTags, createRoute, given, type Route } from './route.ts'
import { memoryStore } from './store/memory.ts'
import { redisStore } from './store/redis.ts'
import { TagRegistry } from './tag-registry.ts'
import { memoryVersions } from './versions/memory.ts'
import { redisVersions } from './versions/redis.ts'
import { type BumpResult, EVERYTHING, type Versions } from './versions/versions.ts'
import type { Place } from './visit.ts'

/** What `createCache` accepts. */
export interface CacheOptions {
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
  /** How long all work on Redis may hold a request up before its handler runs, and how long a bump may hold an answer. @default '100ms' */
  readonly budget?: Duration | undefined
  /** Are told of every event. @default [] */
  readonly listeners?: readonly Listener[] | undefined
}

/** What an adapter builds on. Every function works without its object. */
export interface Core<Subject extends readonly unknown[]> {
  /** A route's policy; `ttl` undefined = the cache's own. */
  route(ttl: Duration | undefined, options: CacheRouteOptions<Subject> | undefined): Route
  handle(exchange: Exchange, route: Route, place: Place): void | Promise<void>
  invalidation(targets: readonly Target<Subject>[]): Invalidation<Subject>
  /** Notes a route's place, so that targets can be told from typing errors. */
  known(tags: readonly string[]): void
  /** Makes every entry of these tags dead, here and (with Redis) everywhere. Rejects only for tags that are no strings. */
  bump(...tags: string[]): Promise<BumpResult>
  /** What happened so far, as an immutable snapshot. */
  stats(): CacheStats
  /** Resolves once Redis is reachable, at once without Redis; rejects after the deadline. @default '10s' */
  ready(deadline?: Duration): Promise<void>
  /** Ends timers and connections; requests then pass by the cache. */
  close(): Promise<void>
  readonly closed: () => boolean
}

const defaults = { namespace: 'tiercache', budget: '100ms', maxEntries: 10_000, maxBytes: '64mb' } as const

/** D of the consistency contract, and how long entries answer without Redis, both in ms. */
const BOUND = 1_000
const MAX_STALE = 30_000

/**
 * Builds a cache for an adapter.
 *
 * @throws CacheConfigError for whatever is wrong with the options
 */
export function createCore<Subject extends readonly unknown[]>(options: CacheOptions = {}): Core<Subject> {
  const settings = checked(options)
  const stats = new Stats()
  const tell = broadcast([stats.listener, ...settings.listeners])
  const clock = monotonicClock
  const trouble = new TroubleLog(tell)
  const registry = new TagRegistry()
  registry.note([EVERYTHING])
  const memory = memoryStore({ maxEntries: settings.maxEntries, maxBytes: settings.maxBytes, clock })
  const redis = settings.redis === undefined ? undefined : redisParts(settings.redis)
  const versions: Versions = redis?.versions ?? memoryVersions()
  const tiers = { memory, shared: redis?.store }
  const flights = new Flights<Entry>(clock)
  const timed = settings.listeners.length > 0
  const engine = new Engine({
    clock,
    tiers,
    versions,
    flights,
    fingerprints: new Fingerprints(),
    tell,
    budget: settings.budget,
    timed,
    prepared: new WeakSet(),
    noteTags: (tags) => registry.note(tags),
  })
  const named = new Map<string, Route>()
  let closing: Promise<void> | undefined

  function redisParts(source: string | object) {
    const prefix = `${keyPrefixOf(source)}${settings.namespace}`
    const channel = `${prefix}:bus`
    const { budget } = settings
    const connection = new RedisConnection({ source, clock, budget, channel, probeKey: `${prefix}:v:*`, tell, trouble })
    const shared = { connection, clock, trouble, tell, budget }
    return {
      connection,
      store: redisStore({ ...shared, prefix: `${prefix}:e:` }),
      versions: redisVersions({ ...shared, prefix: `${prefix}:v:`, channel, bound: BOUND, maxStale: MAX_STALE }),
    }
  }

  function bumpTags(tags: readonly string[]): BumpResult | Promise<BumpResult> {
    const startedAt = clock.now()
    const report = (result: BumpResult): BumpResult => {
      tell({ type: 'bump', tags, ...result, ms: clock.now() - startedAt })
      return result
    }
    const result = versions.bump(tags)
    return result instanceof Promise ? result.then(report) : report(result)
  }

  async function shutDown(): Promise<void> {
    await redis?.store.flushed()
    redis?.connection.close()
  }

  return {
    route(ttl, routeOptions) {
      const route = createRoute(given(ttl, settings.ttl), routeOptions)
      registry.note(route.fixedTags)
      if (route.name !== undefined) {
        rejectDuplicate(named, route.name, route)
        registry.note([route.name])
      }
      return route
    },
    handle: (exchange, route, place) => engine.handle(exchange, route, place),
    invalidation(targets) {
      const invalidation = new Invalidation<Subject>(targets, { bump: bumpTags, registry, tell })
      redis?.versions.pin(invalidation.fixed)
      return invalidation
    },
    known: (tags) => registry.note(tags),
    bump: async (...tags) => bumpTags(checkedTags(tags, 'bump')),
    stats: () =>
      stats.snapshot({
        l1: { ...memory.usage(), errors: {} },
        ...(redis === undefined ? {} : { l2: { entries: 0, bytes: 0, evictions: 0, errors: trouble.counts } }),
      }),
    ready: async (deadline = '10s') => redis?.connection.ready(duration(deadline, 'deadline')),
    close: () => {
      closing ??= shutDown()
      return closing
    },
    closed: () => closing !== undefined,
  }
}

/** The options with their defaults, copied: later changes to the caller's object change nothing. */
function checked(options: CacheOptions) {
  requireObject(options, 'options')
  rejectUnknown(options, ['namespace', 'redis', 'memory', 'ttl', 'budget', 'listeners'])
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
  if (redis !== undefined) keyPrefixOf(redis)
  if (ttl !== undefined) duration(ttl, 'ttl', 'invalid-ttl')
  return {
    namespace,
    redis,
    ttl,
    listeners: [...(listeners as Listener[])],
    budget: duration(budget, 'budget'),
    maxEntries: count(given(memory.maxEntries, defaults.maxEntries), 'memory.maxEntries'),
    maxBytes: size(given(memory.maxBytes, defaults.maxBytes), 'memory.maxBytes'),
  }
}

/** Two routes may share a name only if they are the same route in all but place: else one's entries would answer for the other. */
function rejectDuplicate(named: Map<string, Route>, name: string, route: Route): void {
  const former = named.get(name)
  if (former !== undefined && !isDeepStrictEqual(comparable(former), comparable(route))) {
    throw new CacheConfigError(
      'duplicate-name',
      `Expected \`name\` to be unique, got ${JSON.stringify(name)} twice with different options`,
    )
  }
  named.set(name, route)
}

/** A policy without identity: functions compare by their text, the life function by what it answers. */
function comparable(route: Route): object {
  const lives = [200, 404].map((status) => route.lifeOf(status))
  return Object.fromEntries(
    Object.entries({ ...route, lifeOf: lives }).map(([option, value]) => [
      option,
      typeof value === 'function' ? String(value) : value,
    ]),
  )
}
