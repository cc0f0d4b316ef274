// Waiting for something to happen without sleeping and hoping.

/** A promise together with what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(reason: unknown): void
}

/** Makes a promise that the test settles, for a handler to wait on. */
export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve']
  let reject!: Deferred<T>['reject']
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

// Taken now, so that a test's fake timers do not stop us.
const { setTimeout } = globalThis
const now = performance.now.bind(performance)

/**
 * Resolves to what `attempt` returns as soon as it neither throws nor rejects.
 *
 * @param options.within milliseconds after which its last error is thrown
 * @param options.every milliseconds between two attempts
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { within = 2000, every = 5 }: { within?: number; every?: number } = {},
): Promise<T> {
  const end = now() + within
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (now() >= end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
