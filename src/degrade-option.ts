/** The cache option `degrade`: what it takes, and the terms it comes to. */
import { count, type Duration, duration } from './duration.ts'
import { expected, rejectUnknown, requireObject } from './errors.ts'

/** What a route does while Redis is unreachable: answer from L1, run its handler, or answer 503. */
export type Degrade = 'l1' | 'bypass' | 'error'

/** What routes do without Redis, and when it counts as lost and as back. */
export interface DegradeOptions {
  /** @default 'l1'; 'bypass' where `consistency` is 'strong' */
  readonly mode?: Degrade | undefined
  /** Whether answers that come later than `budget` make Redis count as lost; connections that are refused, cut or silent always do. @default true */
  readonly auto?: boolean | undefined
  /** Late answers, in a row or as half of all, from which Redis counts as lost. @default 3 */
  readonly failureThreshold?: number | undefined
  /** How often a lost Redis is asked whether it is back; above half a second it is back later than the contract says. @default '250ms' */
  readonly recoveryCheck?: Duration | undefined
}

/** The option, decided. */
export interface DegradeTerms {
  readonly mode: Degrade | undefined
  readonly auto: boolean
  readonly failureThreshold: number
  /** In ms. */
  readonly recoveryCheck: number
}

/** Whether it is one of the ways to do without Redis. */
export function isDegrade(value: unknown): value is Degrade {
  return value === 'l1' || value === 'bypass' || value === 'error'
}

/** @throws CacheConfigError for whatever is wrong */
export function degradeTerms(given: Degrade | DegradeOptions | undefined): DegradeTerms {
  const options: DegradeOptions = typeof given === 'object' && given !== null ? given : { mode: given }
  if (options !== given && given !== undefined && !isDegrade(given)) {
    throw expected('invalid-option', 'degrade', "'l1', 'bypass' or 'error'", given)
  }
  requireObject(options, 'degrade')
  rejectUnknown(options, ['mode', 'auto', 'failureThreshold', 'recoveryCheck'], 'degrade.')
  const { mode, auto = true, failureThreshold = 3, recoveryCheck = '250ms' } = options
  if (mode !== undefined && !isDegrade(mode)) {
    throw expected('invalid-option', 'degrade.mode', "'l1', 'bypass' or 'error'", mode)
  }
  if (typeof auto !== 'boolean') throw expected('invalid-option', 'degrade.auto', 'true or false', auto)
  return Object.freeze({
    mode,
    auto,
    failureThreshold: count(failureThreshold, 'degrade.failureThreshold'),
    recoveryCheck: duration(recoveryCheck, 'degrade.recoveryCheck'),
  })
}
