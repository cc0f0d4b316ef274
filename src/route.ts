/** `cacheRoute`'s arguments, checked and turned into one frozen policy. */
import { type Aging, type AgingOptions, agingOf, agingOptions } from './aging-option.ts'
import { type CompressOptions, compressRules } from './compress-option.ts'
import { type Consistency, type ConsistencyOptions, consistencyOf } from './consistency.ts'
import { type DoorkeeperOptions, doorkeeperOf } from './doorkeeper-option.ts'
import { count, type Duration, duration, type Size, size } from './duration.ts'
import type { Quota } from './entry.ts'
import { CacheConfigError, expected, rejectUnknown, requireObject } from './errors.ts'
import type { FallbackAnswer } from './fallback.ts'
import type { FingerprintRules } from './fingerprint.ts'
import type { Doorkeeper } from './guard/bloom/doorkeeper.ts'
import type { ResponseHead } from './http/exchange.ts'
import type { HonourRules } from './http/header-policy.ts'
import type { CodingRules } from './http/representation.ts'
import type { StoringRules } from './http/storable.ts'
import { privatePaths, type WatchPlan, watchPlan } from './http/watch-plan.ts'
import type { MaybePromise } from './maybe.ts'
import {
  isNegativeStatus,
  lifeOfAnswer,
  type NegativeOptions,
  type NegativeRules,
  negativeRules,
} from './negative-option.ts'
import { type OnFailure, sharesFailures } from './on-failure-option.ts'
import type { QueryRule } from './query.ts'

/** How `?is_not_cache=1` behaves. */
export interface BypassOptions<Subject extends readonly unknown[]> {
  /** The parameter's name. @default 'is_not_cache' */
  readonly param?: string | undefined
  /** Whether this request may bypass; when it says no, the flag is ignored. An open bypass lets anyone load the origin. @default everyone */
  readonly allow?: ((...subject: Subject) => MaybePromise<boolean>) | undefined
  /** `refresh` runs the handler and stores what it answers. @default 'bypass' */
  readonly mode?: 'bypass' | 'refresh' | undefined
}

/** What a cache says of all its routes. */
export interface RouteDefaults extends ConsistencyOptions, Pick<AgingOptions, 'jitter'> {
  /** Paths of what else is private to who asks, on every route. */
  readonly privateReads?: readonly string[] | undefined
}

/** What `cacheRoute(ttl, options)` accepts. `Subject` is what your functions are called with: `[req, res]` or `[ctx]`. */
export interface CacheRouteOptions<Subject extends readonly unknown[]> extends ConsistencyOptions, AgingOptions {
  /** Names the route, and its tag. @default the path it is mounted on */
  readonly name?: string | undefined
  /** Further tags of the answer, besides the route's name and `*`. @default none */
  readonly tags?:
    | string
    | readonly string[]
    | ((...subject: Subject) => MaybePromise<string | readonly string[]>)
    | undefined
  /** Request headers the answer depends on. @default [] */
  readonly vary?: readonly string[] | undefined
  /** Anything else the answer depends on: tenant, user, role. Plain data; `undefined` means nothing. @default nothing */
  readonly varyBy?: ((...subject: Subject) => unknown) | undefined
  /** Query parameters that reach the fingerprint; a trailing `*` matches any rest. @default all */
  readonly query?: QueryRule | undefined
  /** Cover the parsed body (POST, QUERY). @default false */
  readonly body?: boolean | undefined
  /** Methods that meet the cache; HEAD is answered wherever GET is. @default ['GET'] */
  readonly methods?: readonly string[] | undefined
  /** The request flag that goes around the cache; `false` turns it off. @default `?is_not_cache=1` */
  readonly bypass?: false | BypassOptions<Subject> | undefined
  /** Share answers to requests with `Authorization`, and those of handlers that read what is private to who asks. @default false */
  readonly public?: boolean | undefined
  /**
   * Paths of what else is private to who asks, besides cookies, credentials, session and user: `req.tenant`, `ctx.state.account`,
   * `res.locals.user`, `req.headers.x-tenant`. A handler that reads one of them answers for that request alone, unless the key covers it.
   * @default []
   */
  readonly privateReads?: readonly string[] | undefined
  /**
   * `headers`: what is stored, and for how long, is for the answers' own header fields to say (RFC 9111); the ttl is an upper bound.
   * @default the ttl decides, header fields can only forbid
   */
  readonly honour?: 'headers' | HonourOptions | undefined
  /**
   * Tell clients, and caches on the way to them, how long stored answers live (`Cache-Control`, `Expires`), where the handler says nothing.
   * They keep them through invalidations. @default false
   */
  readonly advertise?: boolean | undefined
  /** Keep answers of compressible types coded as well, for clients that accept it (RFC 9110 §12.5.3). @default false */
  readonly compress?: boolean | CompressOptions | undefined
  /**
   * Answers where the handler fails (500, 502, 503, 504, or thrown) or takes longer than `timeout.hard`, and nothing stale may stand in. Called
   * with `req` or `ctx`. Its answer is for its asker alone; a promise of it is waited for as long as `flightDeadline`. @default the failure itself, 504
   */
  readonly fallback?: ((request: Subject[0], error: Error) => MaybePromise<FallbackAnswer | undefined>) | undefined
  /** A further condition on what is stored; sees status and headers. @default none */
  readonly storable?: ((head: ResponseHead) => MaybePromise<boolean>) | undefined
  /**
   * Life of answers that say that there is nothing: 404 and 410, and what `when` takes for that; `true` = 60 s. Such answers may take a share
   * of L1 only (`memory.negativeShare`). Where header fields decide (`honour`), they give these answers their lives too.
   * @default false: 404 and 410 are never stored
   */
  readonly negativeTtl?: boolean | Duration | NegativeOptions | undefined
  /** Entries that L1 holds of this route at most, each variant for itself; the least recently used leave first. @default no bound of its own */
  readonly maxEntries?: number | undefined
  /** Store an answer only once its key was asked for before: one-time requests leave what is stored in peace. @default false */
  readonly doorkeeper?: boolean | DoorkeeperOptions | undefined
  /** The largest body that is kept. @default '1mb' */
  readonly maxBodyBytes?: Size | undefined
  /** How long others wait for a run before they run themselves. @default '30s' */
  readonly flightDeadline?: Duration | undefined
  /** One run for concurrent requests; `false` lets each run. @default { maxFollowers: 10_000 } */
  readonly collapse?: boolean | { readonly maxFollowers?: number | undefined } | undefined
  /** Those who waited for a run that failed: `run` = run themselves, side by side; `share` = get a bare answer of its status. @default 'run' */
  readonly onFailure?: OnFailure | undefined
  /** `fleet`: one run in all processes, through Redis, for as long as the one that runs lives. @default one run per process */
  readonly lock?: 'fleet' | undefined
  /** Send the request's intervals as `Server-Timing`. @default false */
  readonly serverTiming?: boolean | undefined
}

/** What `honour` takes besides `'headers'`: the same with more. */
export interface HonourOptions {
  /** Guess a lifetime where none is given, from `Last-Modified` (RFC 9111 §4.2.2). @default false */
  readonly heuristic?: boolean | undefined
  /** Listen to `Tiercache-Cache-Control`, `CDN-Cache-Control` (RFC 9213) and `Surrogate-Control` first. @default false */
  readonly targeted?: boolean | undefined
  /** Store answers with `Set-Cookie`, cookie included. @default false */
  readonly setCookie?: boolean | undefined
  /** Answer with what is stale where the handler fails, without a directive that allows it. @default false */
  readonly staleOnError?: boolean | undefined
}

const known: readonly (keyof CacheRouteOptions<readonly unknown[]>)[] = [
  'name',
  'tags',
  'vary',
  'varyBy',
  'query',
  'body',
  'methods',
  'bypass',
  'public',
  'privateReads',
  'honour',
  'advertise',
  'compress',
  'fallback',
  'storable',
  'negativeTtl',
  'maxEntries',
  'doorkeeper',
  'maxBodyBytes',
  'flightDeadline',
  'collapse',
  'onFailure',
  'consistency',
  'degrade',
  'maxStale',
  'lock',
  'serverTiming',
  ...agingOptions,
]

/** A route's whole policy. */
export interface Route extends FingerprintRules, StoringRules, Consistency, Aging, NegativeRules {
  /** Only where the user gave one. */
  readonly name: string | undefined
  readonly tags: ((...subject: readonly unknown[]) => unknown) | undefined
  /** Tags that were given as text. */
  readonly fixedTags: readonly string[]
  readonly varyBy: ((...subject: readonly unknown[]) => unknown) | undefined
  readonly methods: readonly string[]
  readonly allow: ((...subject: readonly unknown[]) => unknown) | undefined
  readonly refresh: boolean
  readonly public: boolean
  /** What is private to who asks; undefined where reading it makes no difference. */
  readonly watches: WatchPlan | undefined
  /** Undefined where the ttl decides. */
  readonly honour: HonourRules | undefined
  readonly advertise: boolean
  /** Milliseconds an answer is fresh at most. */
  readonly ttl: number
  /** Undefined where nothing is coded. */
  readonly compress: CodingRules | undefined
  readonly fallback: ((request: unknown, error: Error) => unknown) | undefined
  readonly storable: ((head: ResponseHead) => unknown) | undefined
  /** What its entries may take of memory; undefined where it has no bound of its own. */
  readonly quota: Quota | undefined
  /** Undefined where everything is stored that may be. */
  readonly doorkeeper: Doorkeeper | undefined
  /** Milliseconds. */
  readonly flightDeadline: number
  /** 0 = nobody waits for another's run. */
  readonly maxFollowers: number
  /** Who waited for a run that failed gets its status instead of a run. */
  readonly sharesFailures: boolean
  /** One run in all processes. */
  readonly fleet: boolean
  readonly serverTiming: boolean
}

/** Statuses stored with the route's own ttl. */
const storedStatuses = new Set([200, 203, 204, 301, 308])

/**
 * Checks and freezes a route's policy.
 *
 * @param ttl the route's own, or the cache's default
 * @param defaults what the cache says of all its routes
 * @throws CacheConfigError for whatever is wrong
 */
export function createRoute<Subject extends readonly unknown[]>(
  ttl: unknown,
  options: CacheRouteOptions<Subject> = {},
  defaults: RouteDefaults = {},
): Route {
  requireObject(options, 'options')
  rejectUnknown(options, known)
  const life = duration(ttl, 'ttl', 'invalid-ttl')
  const negative = negativeRules(options.negativeTtl)
  const bypass = bypassOptions(options.bypass)
  const honour = honourRules(options.honour)
  const isPublic = flag(options.public, 'public')
  const aging = agingOf(options, defaults, honour !== undefined)
  const fresh = Math.max(life, negative.negativeTtl ?? 0)
  const watches = watchPlan([...privatePaths(defaults.privateReads), ...privatePaths(options.privateReads)])
  return Object.freeze({
    name: optionalText(options.name, 'name'),
    tags: typeof options.tags === 'function' ? (options.tags as AnyFunction) : undefined,
    fixedTags: fixedTags(options.tags),
    vary: fieldNames(given(options.vary, [])),
    varyBy: optionalFunction(options.varyBy, 'varyBy'),
    query: queryRule(options.query),
    body: flag(options.body, 'body'),
    methods: withHead(texts(given(options.methods, ['GET']), 'methods').map((method) => method.toUpperCase())),
    flag: bypass?.param ?? (bypass === undefined ? undefined : 'is_not_cache'),
    allow: optionalFunction(bypass?.allow, 'bypass.allow'),
    refresh: bypass?.mode === 'refresh',
    public: isPublic,
    watches: isPublic || honour !== undefined ? undefined : watches,
    honour,
    advertise: flag(options.advertise, 'advertise'),
    ttl: life,
    compress: compressRules(options.compress),
    fallback: optionalFunction(options.fallback, 'fallback'),
    storable: optionalFunction(options.storable, 'storable'),
    ...negative,
    quota: quotaOf(options.maxEntries),
    doorkeeper: doorkeeperOf(options.doorkeeper),
    maxBodyBytes: size(given(options.maxBodyBytes, '1mb'), 'maxBodyBytes'),
    flightDeadline: duration(given(options.flightDeadline, '30s'), 'flightDeadline'),
    maxFollowers: maxFollowers(options.collapse),
    sharesFailures: sharesFailures(options.onFailure),
    fleet: isFleet(options.lock),
    serverTiming: flag(options.serverTiming, 'serverTiming'),
    ...aging,
    ...consistencyOf(options, defaults, fresh, longestKept(honour === undefined ? fresh : 2 * life, aging)),
    lifeOf: (status: number, isNegative?: boolean) =>
      storedStatuses.has(status) || isNegativeStatus(status)
        ? lifeOfAnswer(life, status, negative, isNegative)
        : undefined,
  })
}

/** Versions must outlive every entry that carries them. */
function longestKept(life: number, { jitter, staleFor, staleIfError }: Aging): number {
  return Math.ceil(life * jitter[1]) + Math.max(staleFor, staleIfError)
}

/** `undefined` means absent, and nothing else does. */
export function given(value: unknown, otherwise: unknown): unknown {
  return value === undefined ? otherwise : value
}

/** Tags as a list, checked. */
export function checkedTags(tags: unknown, where: string): readonly string[] {
  const list: readonly unknown[] = Array.isArray(tags) ? tags : [tags]
  for (const tag of list) {
    if (typeof tag !== 'string' || tag === '') throw expected('invalid-tags', where, 'strings that are not empty', tag)
  }
  return list as readonly string[]
}

type AnyFunction = (...args: readonly unknown[]) => unknown

function fixedTags(tags: unknown): readonly string[] {
  return Object.freeze(tags === undefined || typeof tags === 'function' ? [] : [...checkedTags(tags, 'tags')])
}

function quotaOf(maxEntries: unknown): Quota | undefined {
  return maxEntries === undefined ? undefined : Object.freeze({ maxEntries: count(maxEntries, 'maxEntries') })
}

function bypassOptions<Subject extends readonly unknown[]>(bypass: unknown): BypassOptions<Subject> | undefined {
  if (bypass === false) return undefined
  if (bypass === undefined) return {}
  requireObject(bypass, 'bypass')
  rejectUnknown(bypass, ['param', 'allow', 'mode'], 'bypass.')
  const { param, mode } = bypass as BypassOptions<Subject>
  optionalText(param, 'bypass.param')
  if (mode !== undefined && mode !== 'bypass' && mode !== 'refresh')
    throw expected('invalid-option', 'bypass.mode', "'bypass' or 'refresh'", mode)
  return bypass as BypassOptions<Subject>
}

function queryRule(rule: unknown): QueryRule | undefined {
  if (rule === undefined) return undefined
  requireObject(rule, 'query')
  rejectUnknown(rule, ['allow', 'ignore'], 'query.')
  const { allow, ignore } = rule as { allow?: unknown; ignore?: unknown }
  if ((allow === undefined) === (ignore === undefined))
    throw new CacheConfigError('invalid-option', 'Expected `query` to have either `allow` or `ignore`')
  return Object.freeze(
    allow === undefined ? { ignore: texts(ignore, 'query.ignore') } : { allow: texts(allow, 'query.allow') },
  )
}

function maxFollowers(collapse: unknown): number {
  if (collapse === false) return 0
  if (collapse === undefined || collapse === true) return 10_000
  requireObject(collapse, 'collapse')
  rejectUnknown(collapse, ['maxFollowers'], 'collapse.')
  return count(given((collapse as { maxFollowers?: unknown }).maxFollowers, 10_000), 'collapse.maxFollowers')
}

function honourRules(value: unknown): HonourRules | undefined {
  if (value === undefined) return undefined
  if (value === 'headers') return { heuristic: false, targeted: false, setCookie: false, staleOnError: false }
  if (typeof value !== 'object') throw expected('invalid-option', 'honour', "'headers' or an object", value)
  requireObject(value, 'honour')
  rejectUnknown(value, ['heuristic', 'targeted', 'setCookie', 'staleOnError'], 'honour.')
  const { heuristic, targeted, setCookie, staleOnError } = value as HonourOptions
  return Object.freeze({
    heuristic: flag(heuristic, 'honour.heuristic'),
    targeted: flag(targeted, 'honour.targeted'),
    setCookie: flag(setCookie, 'honour.setCookie'),
    staleOnError: flag(staleOnError, 'honour.staleOnError'),
  })
}

function isFleet(lock: unknown): boolean {
  if (lock !== undefined && lock !== 'fleet') throw expected('invalid-option', 'lock', "'fleet'", lock)
  return lock === 'fleet'
}

function withHead(methods: readonly string[]): readonly string[] {
  return Object.freeze(methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : [...methods])
}

function texts(value: unknown, option: string): readonly string[] {
  if (!Array.isArray(value) || value.some((item) => typeof item !== 'string' || item === '')) {
    throw expected('invalid-option', option, 'an array of strings', value)
  }
  return Object.freeze([...(value as string[])])
}

/** Lower-case names that a request header can have; `*` is none. */
function fieldNames(value: unknown): readonly string[] {
  const names = texts(value, 'vary')
  const wrong = names.find((name) => !/^[!#$%&'+.^_`|~\w-]+$/.test(name))
  if (wrong !== undefined) throw expected('invalid-option', 'vary', 'names of request headers', wrong)
  return Object.freeze(names.map((name) => name.toLowerCase()).sort())
}

function optionalText(value: unknown, option: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw expected('invalid-option', option, 'a string that is not empty', value)
}

function optionalFunction(value: unknown, option: string): AnyFunction | undefined {
  if (value === undefined || typeof value === 'function') return value as AnyFunction | undefined
  throw expected('invalid-option', option, 'a function', value)
}

function flag(value: unknown, option: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw expected('invalid-option', option, 'true or false', value)
}
