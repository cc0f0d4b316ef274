/** A circuit breaker for users' own code: what keeps failing is left alone for a while, then tried once. */
import { type Clock, monotonicClock } from '../clock.ts'
import { count, type Duration, duration } from '../duration.ts'
import { CacheConfigError, expected, rejectUnknown, requireObject } from '../errors.ts'
import { attempt } from '../maybe.ts'
import {
  type BreakerEvent,
  type BreakerState,
  type BreakerTerms,
  closedBreaker,
  mayTry,
  next,
} from './breaker-state.ts'

/** `half-open`: the one probe is under way. */
export type BreakerStateName = BreakerState['name']

/** Called once for each change of state; what it throws, or rejects with, is swallowed. */
export type BreakerListener = (change: { readonly from: BreakerStateName; readonly to: BreakerStateName }) => void

/** When a breaker opens (by count, or by rate where `rate` is given), and for how long. */
export interface BreakerOptions {
  /** Failures in a row after which it opens; not together with `rate`. @default 5 */
  readonly failureThreshold?: number | undefined
  /** The share of failures within `window` from which it opens, above 0 and at most 1. @default none: it counts failures in a row */
  readonly rate?: number | undefined
  /** How far back `rate` looks. @default '10s' */
  readonly window?: Duration | undefined
  /** Attempts within `window` below which `rate` decides nothing. @default 10 */
  readonly minimum?: number | undefined
  /** How long nothing is tried once it is open, and how long a probe may take before another is let through. @default '30s' */
  readonly recoveryTime?: Duration | undefined
  /** Whether an error that `execute()` meets is a failure of what is guarded (a refused input is none). @default every error is */
  readonly isFailure?: ((error: unknown) => boolean) | undefined
  /** Is told of each change of state. @default none */
  readonly onStateChange?: BreakerListener | undefined
}

/** Guards something that may fail. Every function works without its object. It holds no timers. */
export interface Breaker {
  /** Open ends with the probe that is let through after `recoveryTime`, not by time alone. */
  readonly state: BreakerStateName
  /**
   * Runs `fn` and records how it ended; a result of before the last change of state is not counted.
   *
   * @returns rejects with BreakerOpenError, without running `fn`, while nothing may be tried; else settles as `fn` does
   */
  execute<T>(fn: () => T | PromiseLike<T>): Promise<T>
  /**
   * Whether you may try now. Once `recoveryTime` is over, the first who asks is told yes and **is the probe**: record its result.
   * A look that tries nothing takes `state`.
   */
  isAvailable(): boolean
  /** What was tried succeeded. */
  recordSuccess(): void
  /** What was tried failed. */
  recordFailure(): void
}

/** Nothing is tried at the moment. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError'
  readonly code = 'breaker-open'
  /** Milliseconds until a probe may be let through, at least 0. */
  readonly retryIn: number

  constructor(retryIn: number) {
    super(`The circuit breaker is open: the next attempt is let through in ${Math.ceil(retryIn)} ms`)
    this.retryIn = retryIn
  }
}

const known: readonly (keyof BreakerOptions)[] = [
  'failureThreshold',
  'rate',
  'window',
  'minimum',
  'recoveryTime',
  'isFailure',
  'onStateChange',
]

/**
 * Makes a circuit breaker.
 *
 * @example const mail = breaker({ failureThreshold: 5, recoveryTime: '30s' }); await mail.execute(() => send(letter))
 * @param clock another time than the process's own, for tests
 * @throws CacheConfigError for whatever is wrong with the options
 */
export function breaker(options: BreakerOptions = {}, clock: Clock = monotonicClock): Breaker {
  const terms = termsOf(options)
  const { isFailure = () => true, onStateChange } = options
  let state = closedBreaker

  function happens(event: BreakerEvent): BreakerState {
    const before = state
    state = next(before, event, clock.now(), terms)
    // Another probe in place of one that never came back is no change.
    if (state.name !== before.name) tell(onStateChange, before.name, state.name)
    return before
  }

  function isAvailable(): boolean {
    const before = happens({ type: 'ask' })
    return mayTry(before, state)
  }

  async function execute<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    if (!isAvailable()) throw new BreakerOpenError(state.name === 'closed' ? 0 : Math.max(0, state.until - clock.now()))
    const { term } = state
    try {
      const result = await fn()
      happens({ type: 'success', term })
      return result
    } catch (error) {
      happens({ type: counts(isFailure, error) ? 'failure' : 'success', term })
      throw error
    }
  }

  return Object.freeze({
    get state() {
      return state.name
    },
    execute,
    isAvailable,
    recordSuccess: () => void happens({ type: 'success', term: undefined }),
    recordFailure: () => void happens({ type: 'failure', term: undefined }),
  })
}

function termsOf(options: BreakerOptions): BreakerTerms {
  requireObject(options, 'options')
  rejectUnknown(options, known)
  for (const name of ['isFailure', 'onStateChange'] as const) {
    const given = options[name]
    if (given !== undefined && typeof given !== 'function') throw expected('invalid-option', name, 'a function', given)
  }
  const { failureThreshold = 5, rate, window = '10s', minimum = 10, recoveryTime = '30s' } = options
  const recovery = duration(recoveryTime, 'recoveryTime')
  if (rate === undefined) {
    const alone = (['window', 'minimum'] as const).find((name) => options[name] !== undefined)
    if (alone !== undefined) throw new CacheConfigError('invalid-option', `\`${alone}\` needs \`rate\``)
    return { threshold: { by: 'count', failures: count(failureThreshold, 'failureThreshold') }, recovery }
  }
  if (options.failureThreshold !== undefined) {
    throw new CacheConfigError('invalid-option', 'Expected either `failureThreshold` or `rate`, got both')
  }
  if (typeof rate !== 'number' || !(rate > 0 && rate <= 1)) {
    throw expected('invalid-option', 'rate', 'a number above 0 and at most 1', rate)
  }
  const threshold = {
    by: 'rate',
    rate,
    window: duration(window, 'window'),
    minimum: count(minimum, 'minimum'),
  } as const
  return { threshold, recovery }
}

/** A predicate that throws knows nothing, nor does one that answers with a promise: the error counts. */
function counts(isFailure: (error: unknown) => unknown, error: unknown): boolean {
  const verdict = attempt(
    () => isFailure(error),
    () => true,
  )
  return verdict instanceof Promise || Boolean(verdict)
}

/** A listener cannot disturb what is guarded; a rejection of one that is async, with nobody to hear it, would end the process. */
function tell(listener: BreakerListener | undefined, from: BreakerStateName, to: BreakerStateName): void {
  void attempt(
    () => listener?.({ from, to }),
    () => undefined,
  )
}
