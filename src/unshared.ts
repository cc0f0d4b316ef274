/** Keys whose last answer was for its asker alone (hit-for-miss): nobody waits for another's run of them. */
import type { Clock, Instant } from './clock.ts'

/** How long one answer speaks for those to come, in ms, where no other run tells more. */
const LIFE_MS = 60_000
/** Keys that are remembered at most; of more, those asked for last. */
const CAPACITY = 10_000

/** Bounded, and of this process alone: what is forgotten costs those who wait for one run its head. */
export class Unshared {
  readonly #clock: Clock
  readonly #capacity: number
  /** When each is forgotten, the earliest first. */
  readonly #until = new Map<string, Instant>()

  constructor(clock: Clock, capacity = CAPACITY) {
    this.#clock = clock
    this.#capacity = capacity
  }

  get size(): number {
    return this.#until.size
  }

  has(key: string): boolean {
    const until = this.#until.get(key)
    return until !== undefined && this.#clock.now() < until
  }

  /** An answer of this key could be given to nobody else. */
  remember(key: string): void {
    const now = this.#clock.now()
    // Behind the others: so they stay in order.
    this.#until.delete(key)
    this.#until.set(key, now + LIFE_MS)
    for (const [oldest, until] of this.#until) {
      if (until > now && this.#until.size <= this.#capacity) break
      this.#until.delete(oldest)
    }
  }

  /** One could. */
  forget(key: string): void {
    this.#until.delete(key)
  }
}

/** Reasons that lie in what happened during a run: they say nothing of the next answer. */
const passing: ReadonlySet<string> = new Set([
  'client-left',
  'failed',
  'first-sight',
  'invalidated',
  'stale-if-error',
  'truncated',
  'versions-unknown',
  'write-intent',
])

/** Whether an answer was kept from others for a reason that lies in itself, so that the next one is likely to be. */
export function isForItself(reason: string): boolean {
  return !passing.has(reason)
}
