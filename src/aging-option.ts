/** The route options that say how an answer ages: jitter, early refresh, and what may be done with it once it is stale. */
import { count, type Duration, duration } from './duration.ts'
import { CacheConfigError, expected, rejectUnknown, requireObject } from './errors.ts'

/** How an answer ages. */
export interface AgingOptions {
  /**
   * How long past its ttl an answer is still given, at once, while it is renewed in the background (stale-while-revalidate, RFC 5861 §3).
   * Never one that was invalidated. @default never
   */
  readonly staleFor?: Duration | undefined
  /** How long past its ttl an answer stands in for a handler that fails or times out (RFC 5861 §4). @default never */
  readonly staleIfError?: Duration | StaleIfErrorOptions | undefined
  /** How long a request waits for its handler. @default as long as it takes */
  readonly timeout?: TimeoutOptions | undefined
  /** Spreads lives, so that what was stored together does not end together: life = ttl × U(min, max); `0.1` = `[0.9, 1.1]`. @default 0.1 */
  readonly jitter?: number | readonly [min: number, max: number] | undefined
  /**
   * Renews in the background before the ttl is over, the likelier the nearer that is and the longer the handler takes (XFetch, Vattani,
   * Chierichetti, Lowenstein 2015). @default false
   */
  readonly earlyRefresh?: boolean | { readonly beta?: number | undefined } | undefined
  /** Asks a failing handler again, in background runs only: those have nobody who waits. @default once */
  readonly retry?: RetryOptions | undefined
}

/** What `staleIfError` takes besides a duration. */
export interface StaleIfErrorOptions {
  /** How long past its ttl an answer stands in. @default none: it must be given */
  readonly for: Duration
  /** After a failure, how long the stale answer goes out before the handler is asked again; per key and process. @default '10s' */
  readonly every?: Duration | undefined
}

/** What `timeout` takes. */
export interface TimeoutOptions {
  /** After it a stale answer goes out, where there is one; the run goes on and fills the cache. @default none */
  readonly soft?: Duration | undefined
  /** After it the client gets `fallback`'s answer, else 504; the run goes on and fills the cache. @default none */
  readonly hard?: Duration | undefined
}

/** What `retry` takes. */
export interface RetryOptions {
  /** Runs in all. @default 3 */
  readonly attempts?: number | undefined
  /** The wait before the second run; it doubles with each further one. @default '1s' */
  readonly min?: Duration | undefined
  /** The longest wait. @default '8s' */
  readonly max?: Duration | undefined
  /** Whether to go on after this failure. @default always */
  readonly when?: ((error: Error) => boolean) | undefined
}

/** How answers of a route age. Durations in ms. */
export interface Aging {
  /** 0 = never used once stale. */
  readonly staleFor: number
  /** 0 = never stands in. */
  readonly staleIfError: number
  /** How long a failing handler is left alone. */
  readonly backoff: number
  readonly soft: number | undefined
  readonly hard: number | undefined
  /** Bounds of the factor that lives are drawn by. */
  readonly jitter: readonly [min: number, max: number]
  /** β of XFetch; undefined where nothing is renewed early. */
  readonly earlyRefresh: number | undefined
  readonly retry: Retry | undefined
}

/** How failing background runs are repeated. Durations in ms. */
export interface Retry {
  readonly attempts: number
  readonly min: number
  readonly max: number
  readonly when: (error: Error) => boolean
}

const DEFAULT_JITTER = 0.1
const DEFAULT_BACKOFF: Duration = '10s'

/** Names of the options. */
export const agingOptions = ['staleFor', 'staleIfError', 'timeout', 'jitter', 'earlyRefresh', 'retry'] as const

/**
 * Reads the options.
 *
 * @param byHeaders the answers' own header fields decide: they also say what may be done once they are stale
 * @throws CacheConfigError for what is wrong
 */
export function agingOf(options: AgingOptions, defaults: Pick<AgingOptions, 'jitter'>, byHeaders: boolean): Aging {
  const { staleFor, earlyRefresh, jitter = defaults.jitter === undefined ? DEFAULT_JITTER : defaults.jitter } = options
  if (byHeaders) refuseWindows(options)
  return {
    staleFor: staleFor === undefined ? 0 : duration(staleFor, 'staleFor'),
    ...staleIfErrorOf(options.staleIfError),
    ...timeoutOf(options.timeout),
    jitter: jitterOf(jitter, byHeaders),
    earlyRefresh: betaOf(earlyRefresh),
    retry: retryOf(options.retry),
  }
}

/** Checks a jitter by itself. @throws CacheConfigError where a life could come to nothing */
export function checkJitter(jitter: unknown): void {
  if (jitter !== undefined) jitterOf(jitter, false)
}

function refuseWindows({ staleFor, staleIfError }: AgingOptions): void {
  const [name, field] =
    staleFor !== undefined
      ? ['staleFor', 'stale-while-revalidate']
      : staleIfError !== undefined
        ? ['staleIfError', 'stale-if-error']
        : []
  if (name === undefined) return
  throw new CacheConfigError(
    'invalid-option',
    `Expected \`${name}\` to be left out beside \`honour\`: there the answers say it themselves, by \`Cache-Control: ${field}\``,
  )
}

function staleIfErrorOf(value: unknown): Pick<Aging, 'staleIfError' | 'backoff'> {
  const backoff = duration(DEFAULT_BACKOFF, 'staleIfError.every')
  if (value === undefined) return { staleIfError: 0, backoff }
  if (typeof value !== 'object') return { staleIfError: duration(value, 'staleIfError'), backoff }
  requireObject(value, 'staleIfError')
  rejectUnknown(value, ['for', 'every'], 'staleIfError.')
  const { for: window, every = DEFAULT_BACKOFF } = value as StaleIfErrorOptions
  return { staleIfError: duration(window, 'staleIfError.for'), backoff: duration(every, 'staleIfError.every') }
}

function timeoutOf(value: unknown): Pick<Aging, 'soft' | 'hard'> {
  if (value === undefined) return { soft: undefined, hard: undefined }
  requireObject(value, 'timeout')
  rejectUnknown(value, ['soft', 'hard'], 'timeout.')
  const { soft, hard } = value as TimeoutOptions
  const read = (one: Duration | undefined, name: string) => (one === undefined ? undefined : duration(one, name))
  const limits = { soft: read(soft, 'timeout.soft'), hard: read(hard, 'timeout.hard') }
  if ((limits.soft ?? 0) > (limits.hard ?? Number.POSITIVE_INFINITY))
    throw expected('invalid-duration', 'timeout.soft', 'at most `timeout.hard`', soft)
  return limits
}

function jitterOf(value: unknown, onlyDown: boolean): Aging['jitter'] {
  const wanted = 'a number from 0 to below 1, or [min, max] with 0 < min ≤ max ≤ 10'
  const [min, max] = Array.isArray(value) ? value : typeof value === 'number' ? [1 - value, 1 + value] : []
  const isRange = typeof min === 'number' && typeof max === 'number' && min > 0 && min <= max && max <= 10
  const isPair = !Array.isArray(value) || value.length === 2
  if (!isRange || !isPair || (typeof value === 'number' && value < 0))
    throw expected('invalid-option', 'jitter', wanted, value)
  // A life that an answer names itself may be cut, not stretched.
  return Object.freeze(onlyDown ? [Math.min(1, min), 1] : [min, max])
}

function betaOf(value: unknown): number | undefined {
  if (value === undefined || value === false) return undefined
  if (value === true) return 1
  if (typeof value !== 'object') throw expected('invalid-option', 'earlyRefresh', 'true, false or an object', value)
  requireObject(value, 'earlyRefresh')
  rejectUnknown(value, ['beta'], 'earlyRefresh.')
  const { beta = 1 } = value as { beta?: unknown }
  if (typeof beta !== 'number' || !(beta > 0) || !Number.isFinite(beta))
    throw expected('invalid-option', 'earlyRefresh.beta', 'a number greater than 0', beta)
  return beta
}

function retryOf(value: unknown): Retry | undefined {
  if (value === undefined) return undefined
  requireObject(value, 'retry')
  rejectUnknown(value, ['attempts', 'min', 'max', 'when'], 'retry.')
  const { attempts = 3, min = '1s', max = '8s', when = () => true } = value as RetryOptions
  if (typeof when !== 'function') throw expected('invalid-option', 'retry.when', 'a function', when)
  const waits = { min: duration(min, 'retry.min'), max: duration(max, 'retry.max') }
  if (waits.min > waits.max) throw expected('invalid-duration', 'retry.min', 'at most `retry.max`', min)
  return Object.freeze({ attempts: count(attempts, 'retry.attempts'), ...waits, when })
}
