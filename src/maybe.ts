/** Values that may be promises: what can be answered at once is, without a turn of the event loop. */

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>

/** Goes on with the value, at once where it is there. A thenable of another library counts as a promise. */
export function andThen<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  if (value instanceof Promise) return value.then(next)
  return isThenable(value) ? Promise.resolve(value as PromiseLike<T>).then(next) : next(value)
}

/** Calls a function that is not ours: whether it throws or rejects, `failed` answers in its place. Foreign promises become native ones. */
export function attempt<T, F>(call: () => MaybePromise<T>, failed: (error: unknown) => F): MaybePromise<T | F> {
  try {
    const value = call()
    if (value instanceof Promise) return value.catch(failed)
    return isThenable(value) ? Promise.resolve(value as PromiseLike<T>).catch(failed) : value
  } catch (error) {
    return failed(error)
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
