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

/** A timer that fires later than this, in ms, fired behind a stalled event loop: what it waited for may lie in the socket. */
const STALL_MS = 50
/** How often a stall buys another wait. */
const MOST_STALLS = 3

/**
 * Calls `action` once after `ms` in which this process could have been answered: a stalled event loop is no late answer, and I/O that
 * waits by then has its turn first. The returned function cancels.
 */
export function afterFair(clock: Clock, ms: number, action: () => void, stalls = 0): () => void {
  const dueAt = clock.now() + ms
  let cancelled = false
  let cancel = clock.after(ms, () => {
    const stalled = clock.now() - dueAt > Math.min(ms, STALL_MS)
    if (stalled && stalls < MOST_STALLS) cancel = afterFair(clock, ms, action, stalls + 1)
    else clock.turn(() => cancelled || action())
  })
  return () => {
    cancelled = true
    cancel()
  }
}

/** Settles as `work` does, or rejects with `late()` once `ms` have passed in which it could have been answered. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const cancel = afterFair(clock, ms, () => reject(late()))
    work.then(resolve, reject).finally(cancel)
  })
}
