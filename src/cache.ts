/** The composition root: the only place that chooses concrete parts and joins them. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type CacheOptions, checkedOptions } from './cache-options.ts'
import { Coder } from './coder.ts'
import { TroubleLog } from './connection/trouble.ts'
import { type Duration, duration } from './duration.ts'
import { Engine } from './engine.ts'
import { CacheConfigError } from './errors.ts'
import { Fingerprints } from './fingerprint.ts'
import { Backoffs } from './guard/backoffs.ts'
import { RedisClaims } from './guard/redis.ts'
import type { MetCache } from './http/errand.ts'
import type { Exchange } from './http/exchange.ts'
import { type InvalidateArguments, Invalidation } from './invalidation.ts'
import { andThen } from './maybe.ts'
import { broadcast } from './observe/events.ts'
import { OnceTold } from './observe/once-told.ts'
import { type CacheStats, Stats } from './observe/stats.ts'
import { concreteParts, type Parts } from './parts.ts'
import { Renewals } from './renewals.ts'
import { type CacheRouteOptions, checkedTags, createRoute, given, type Route } from './route.ts'
import { RouteNames } from './route-names.ts'
import { Serving } from './serving.ts'
import { memoryStore } from './store/memory.ts'
import { redisStore } from './store/redis.ts'
import { TagRegistry } from './tag-registry.ts'
import { Unshared } from './unshared.ts'
import { memoryVersions } from './versions/memory.ts'
import { redisVersions } from './versions/redis.ts'
import { type BumpResult, EVERYTHING, type Intent } from './versions/versions.ts'
import type { Place } from './visit.ts'

/** What an adapter builds on. Every function works without its object. */
export interface Core<Subject extends readonly unknown[]> {
  /** A route's policy; `ttl` undefined = the cache's own. */
  route(ttl: Duration | undefined, options: CacheRouteOptions<Subject> | undefined): Route
  handle(exchange: Exchange, route: Route, place: Place): void | Promise<void>
  invalidation(args: InvalidateArguments<Subject>): Invalidation<Subject>
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

/**
 * Builds a cache for an adapter.
 *
 * @param replaced parts that tests put in the place of the concrete ones
 * @throws CacheConfigError for whatever is wrong with the options
 */
export function createCore<Subject extends readonly unknown[]>(
  options: CacheOptions = {},
  replaced: Partial<Parts> = {},
): Core<Subject> {
  const settings = checkedOptions(options)
  const parts: Parts = { ...concreteParts, ...replaced }
  const { clock, digits, random } = parts
  const stats = new Stats()
  const tell = broadcast([stats.listener, ...settings.listeners])
  const trouble = new TroubleLog(tell, clock)
  const registry = new TagRegistry()
  registry.note([EVERYTHING])
  const memory = memoryStore({ ...settings.memory, clock })
  const redis = settings.redis === undefined ? undefined : redisParts(settings.redis, settings.prefix)
  const versions = parts.versions(redis?.versions ?? memoryVersions())
  const tiers = parts.tiers({ memory, shared: redis?.store })
  const backoffs = new Backoffs()
  const unshared = new Unshared(clock)
  const renewals = new Renewals({
    clock,
    random,
    backoffs,
    tell,
    // The context of whoever makes the cache: a request's own must not outlive it.
    apart: AsyncLocalStorage.snapshot(),
  })
  const engine = new Engine({
    clock,
    tiers,
    versions,
    claims: redis?.claims,
    flights: parts.flights(clock),
    fingerprints: new Fingerprints(),
    coder: new Coder(tiers.memory),
    tell,
    onceTold: new OnceTold(tell),
    budget: settings.budget,
    timed: settings.listeners.length > 0,
    prepared: new WeakSet(),
    noteTags: (tags) => registry.note(tags),
    random,
    serving: new Serving({ clock, random, backoffs, renewals, unshared }),
    renewals,
    backoffs,
    unshared,
    invalidate: (tags) => (tags.length === 0 ? undefined : andThen(bumpTags(tags), () => undefined)),
  })
  const names = new RouteNames()
  let closing: Promise<void> | undefined

  function redisParts(source: string | object, prefix: string) {
    const channel = `${prefix}:bus`
    const shared = { clock, trouble, tell, budget: settings.budget, channel }
    const echoChannel = `${channel}:${digits()}`
    const clients = parts.openClients(source, clock)
    const { loss } = settings
    const connection = parts.connect({ ...shared, clients, echoChannel, probeKey: `${prefix}:v:*`, loss })
    const { scripts, intentTimes } = parts
    return {
      connection,
      store: redisStore({ ...shared, connection, prefix: `${prefix}:e:` }),
      claims: new RedisClaims({ ...shared, connection, prefix: `${prefix}:lock:`, digits }),
      versions: redisVersions({
        ...shared,
        connection,
        prefix: `${prefix}:v:`,
        scripts,
        table: parts.tokenTable(),
        intentTimes,
        digits,
      }),
    }
  }

  function reported(
    tags: readonly string[],
    bump: () => BumpResult | Promise<BumpResult>,
  ): BumpResult | Promise<BumpResult> {
    const startedAt = clock.now()
    return andThen(bump(), (result) => {
      tell({ type: 'bump', tags, ...result, ms: clock.now() - startedAt })
      return result
    })
  }

  const bumpTags = (tags: readonly string[]) => reported(tags, () => versions.bump(tags))

  const intents = redis && {
    begin: (tags: readonly string[]) => redis.versions.intend(tags),
    settle: (intent: Intent, late: readonly string[]) =>
      reported([...intent.tags, ...late], () => redis.versions.settle(intent, late)),
  }

  async function shutDown(): Promise<void> {
    renewals.close()
    await redis?.store.flushed()
    redis?.connection.close()
  }

  const ready = async (deadline: Duration = '10s') => redis?.connection.ready(duration(deadline, 'deadline'))

  function close(): Promise<void> {
    closing ??= shutDown()
    return closing
  }

  /** This cache as those see it whose requests it stores for their own sake. */
  const met: MetCache = { ready, close, sharedErrors: () => (redis === undefined ? undefined : trouble.counts) }

  return {
    route(ttl, routeOptions) {
      const route = createRoute(given(ttl, settings.ttl), routeOptions, settings.ofRoutes)
      if (route.fleet && redis === undefined) {
        throw new CacheConfigError('invalid-option', "`lock: 'fleet'` needs `redis`: there is no fleet without it")
      }
      registry.note(route.fixedTags)
      if (route.name !== undefined) {
        names.add(route.name, route)
        registry.note([route.name])
      }
      return route
    },
    handle(exchange, route, place) {
      const arriving = exchange.errand?.arrives(met)
      if (arriving === undefined) return engine.handle(exchange, route, place)
      return arriving.then(() => engine.handle(exchange, route, place))
    },
    invalidation(args) {
      const invalidation = new Invalidation<Subject>(args, { bump: bumpTags, intents, registry, tell })
      redis?.versions.pin(invalidation.fixed)
      return invalidation
    },
    known: (tags) => registry.note(tags),
    bump: async (...tags) => bumpTags(checkedTags(tags, 'bump')),
    stats: () =>
      stats.snapshot({
        l1: { ...memory.usage(), errors: {} },
        ...(redis === undefined
          ? {}
          : { l2: { entries: 0, bytes: 0, negativeEntries: 0, evictions: 0, errors: trouble.counts } }),
      }),
    ready,
    close,
    closed: () => closing !== undefined,
  }
}
