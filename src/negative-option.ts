/** The route option `negativeTtl`: what it takes, and the lives it gives. */
import { type Duration, duration } from './duration.ts'
import { expected, rejectUnknown, requireObject } from './errors.ts'
import type { ResponseHead } from './http/exchange.ts'

/** A whole answer, as `negativeTtl.when` is shown it. */
export interface WholeAnswer extends ResponseHead {
  /** The bytes as the handler sent them. A copy: writing to it changes nothing. */
  readonly body: Buffer
  /** The body as UTF-8. */
  text(): string
  /** The body as JSON; `undefined` where it is none. */
  json(): unknown
}

/** What `negativeTtl` takes besides a duration. */
export interface NegativeOptions {
  /** Life of negative answers. @default '60s' */
  readonly ttl?: Duration | undefined
  /**
   * Which other answers say that there is nothing, such as `[]`. Asked once for each run, when the answer is whole; must return true or
   * false at once, else the answer is not stored and a `function-failed` event says why. @default none
   */
  readonly when?: ((answer: WholeAnswer) => boolean) | undefined
}

/** The option, checked. */
export interface NegativeRules {
  /** Milliseconds; undefined where negative answers are not stored. */
  readonly negativeTtl: number | undefined
  readonly negativeWhen: ((answer: WholeAnswer) => unknown) | undefined
}

const DEFAULT_TTL: Duration = '60s'
const negativeStatuses = new Set([404, 410])

/** Whether a status alone says that there is nothing. */
export function isNegativeStatus(status: number): boolean {
  return negativeStatuses.has(status)
}

/**
 * Reads the option.
 *
 * @throws CacheConfigError when it is none
 */
export function negativeRules(value: unknown): NegativeRules {
  if (value === undefined || value === false) return { negativeTtl: undefined, negativeWhen: undefined }
  if (typeof value !== 'object' || value === null) {
    const ttl = value === true ? DEFAULT_TTL : value
    return { negativeTtl: duration(ttl, 'negativeTtl', 'invalid-ttl'), negativeWhen: undefined }
  }
  requireObject(value, 'negativeTtl')
  rejectUnknown(value, ['ttl', 'when'], 'negativeTtl.')
  const { ttl = DEFAULT_TTL, when } = value as NegativeOptions
  if (when !== undefined && typeof when !== 'function')
    throw expected('invalid-option', 'negativeTtl.when', 'a function', when)
  return { negativeTtl: duration(ttl, 'negativeTtl.ttl', 'invalid-ttl'), negativeWhen: when }
}

/**
 * The life of an answer whose status the route stores.
 *
 * @param life that of answers that are not negative
 * @param isNegative whether it is; left out while only its head is known: nobody may then be told of more than the shorter one
 */
export function lifeOfAnswer(
  life: number,
  status: number,
  { negativeTtl, negativeWhen }: NegativeRules,
  isNegative?: boolean,
): number | undefined {
  if (isNegativeStatus(status)) return negativeTtl
  if (negativeTtl === undefined || negativeWhen === undefined || isNegative === false) return life
  return isNegative === true ? negativeTtl : Math.min(life, negativeTtl)
}
