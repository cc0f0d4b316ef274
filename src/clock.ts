/** Time as an interface: one monotonic reading and timers that never keep a process alive. */

/** Milliseconds on a clock that only this process reads and that never jumps. */
export type Instant = number

/** Where every part gets its time from. */
export interface Clock {
  /** The present instant. */
  now(): Instant
  /** Calls `action` once after `ms` milliseconds; the returned function cancels. */
  after(ms: number, action: () => void): () => void
  /** Calls `action` once I/O that waits by now has had its turn. */
  turn(action: () => void): void
}

/** The longest wait a Node timer can hold; longer ones would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** The process's own monotonic clock (`performance.now`). */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, LONGEST_TIMER))
    timer.unref()
    return () => clearTimeout(timer)
  },
  turn: (action) => void setImmediate(() => setImmediate(action)),
}

/**
 * Settles as `work` does, or rejects with `late()` once `ms` have passed.
 *
 * A fired timer lets one turn of I/O pass before it counts: after a stalled event loop the answer may already wait in the socket.
 */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = clock.after(ms, () => clock.turn(() => reject(late())))
    work.then(resolve, reject).finally(cancel)
  })
}
