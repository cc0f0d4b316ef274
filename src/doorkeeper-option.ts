/** The route option `doorkeeper`: what it takes, and the memory it comes to. */
import { count } from './duration.ts'
import { expected, rejectUnknown, requireObject } from './errors.ts'
import { Doorkeeper } from './guard/bloom/doorkeeper.ts'
import { bloomLayout } from './guard/bloom/layout.ts'

/** What `doorkeeper` takes besides `true`. */
export interface DoorkeeperOptions {
  /** Requests that it remembers before it starts anew, about 10 bits for each. @default 100_000 */
  readonly size?: number | undefined
  /** The share of new keys that it takes for known ones at most, between 0 and 1. @default 0.01 */
  readonly errorRate?: number | undefined
}

/** Requests of one round at most, and bits (512 MB): more is no doorkeeper any more. */
const MOST = 100_000_000
const MOST_BITS = 2 ** 32

/**
 * Reads the option.
 *
 * @returns undefined where everything is stored that may be
 * @throws CacheConfigError when it is none
 */
export function doorkeeperOf(value: unknown): Doorkeeper | undefined {
  if (value === undefined || value === false) return undefined
  const options = value === true ? {} : value
  if (typeof options !== 'object') throw expected('invalid-option', 'doorkeeper', 'true, false or an object', value)
  requireObject(options, 'doorkeeper')
  rejectUnknown(options, ['size', 'errorRate'], 'doorkeeper.')
  const { size = 100_000, errorRate = 0.01 } = options as DoorkeeperOptions
  if (count(size, 'doorkeeper.size') > MOST)
    throw expected('invalid-size', 'doorkeeper.size', `at most ${MOST} requests`, size)
  if (typeof errorRate !== 'number' || !(errorRate > 0 && errorRate < 1))
    throw expected('invalid-option', 'doorkeeper.errorRate', 'a number between 0 and 1', errorRate)
  if (bloomLayout(size, errorRate).bits > MOST_BITS)
    throw expected(
      'invalid-option',
      'doorkeeper.errorRate',
      `one that takes at most 512 MB with a size of ${size}`,
      errorRate,
    )
  return new Doorkeeper(size, errorRate)
}
