/** Durations and sizes as users write them, turned into milliseconds and bytes. */
import { type CacheConfigCode, expected } from './errors.ts'

/** Seconds as a number, or a number with its unit: `'500ms'`, `'30s'`, `'5m'`, `'1h'`, `'10d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/** Bytes as a number, or a number with its unit (powers of 1024): `'512kb'`, `'64mb'`, `'1gb'`. */
export type Size = number | `${number}${'b' | 'kb' | 'mb' | 'gb'}`

const milliseconds: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const bytes: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** The longest duration that is accepted: 100 years. Redis and timers stay exact below it. */
const LONGEST = 100 * 365 * 86_400_000

/**
 * Reads a duration greater than 0.
 *
 * @param alternative what else the option may be, for the error's message
 * @returns milliseconds, at least 1
 * @throws CacheConfigError with `code` when it is none
 */
export function duration(
  value: unknown,
  option: string,
  code: CacheConfigCode = 'invalid-duration',
  alternative = '',
): number {
  const wanted = `${alternative}a duration greater than 0 (seconds, or a string such as '500ms', '30s', '5m', '1h', '10d')`
  const ms = typeof value === 'number' ? value * 1_000 : parse(value, milliseconds)
  if (ms === undefined || !(ms > 0) || ms > LONGEST) throw expected(code, option, wanted, value)
  return Math.max(1, Math.round(ms))
}

/**
 * Reads a size greater than 0.
 *
 * @returns whole bytes
 * @throws CacheConfigError when it is none
 */
export function size(value: unknown, option: string): number {
  const wanted = "a size greater than 0 (bytes, or a string such as '512kb', '64mb', '1gb')"
  const amount = typeof value === 'number' ? value : parse(value, bytes)
  if (amount === undefined || !(amount >= 1) || !Number.isFinite(amount))
    throw expected('invalid-size', option, wanted, value)
  return Math.floor(amount)
}

/**
 * Reads a whole number of at least 1.
 *
 * @throws CacheConfigError when it is none
 */
export function count(value: unknown, option: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw expected('invalid-size', option, 'a whole number of at least 1', value)
  }
  return value as number
}

function parse(value: unknown, units: Record<string, number>): number | undefined {
  if (typeof value !== 'string') return undefined
  const match = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(value)
  if (match === null) return undefined
  const factor = Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined
  return factor === undefined ? undefined : Number(match[1]) * factor
}
