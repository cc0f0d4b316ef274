/** Why a lock was not got, or not kept. */

/**
 * `lock-held`: another holds it, to the end of the wait. `lock-lost`: it expired or was taken away. `lock-unavailable`: Redis did not say;
 * `cause` has its trouble. `lock-closed`: these locks were closed.
 */
export type LockErrorCode = 'lock-held' | 'lock-lost' | 'lock-unavailable' | 'lock-closed'

/** Rejections of locks, and the reason of `handle.lost`. */
export class LockError extends Error {
  override readonly name = 'LockError'
  readonly code: LockErrorCode

  constructor(code: LockErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
