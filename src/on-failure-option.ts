/** The option `onFailure`, checked. */
import { expected } from './errors.ts'

/** What those do who waited for a run that failed: run themselves, side by side, or get a bare answer of its status. */
export type OnFailure = 'run' | 'share'

/**
 * Whether they share the failure.
 *
 * @throws CacheConfigError for anything but the two words
 */
export function sharesFailures(value: unknown): boolean {
  if (value !== undefined && value !== 'run' && value !== 'share')
    throw expected('invalid-option', 'onFailure', "'run' or 'share'", value)
  return value === 'share'
}
