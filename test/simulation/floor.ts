// The least value that a reader may see, as it rose over time.
import type { Instant } from './event-queue.ts'

/** A rising floor, asked how high it was a fixed time ago. */
export class Floor {
  readonly #at: Instant[] = [Number.NEGATIVE_INFINITY]
  readonly #values: number[] = [0]
  readonly #lags: readonly number[]
  readonly #cursors: number[]

  /** @param lags how long ago it will be asked for, in ms: so many cheap questions */
  constructor(lags: readonly number[]) {
    this.#lags = lags
    this.#cursors = lags.map(() => 0)
  }

  get current(): number {
    return this.#values.at(-1)!
  }

  /** How often it was told to rise. */
  get rises(): number {
    return this.#at.length
  }

  /** From `at` on it is at least this high. Instants never decrease. */
  rise(at: Instant, value: number): void {
    this.#at.push(at)
    this.#values.push(Math.max(value, this.current))
  }

  /** How high it was `lags[which]` ms before `now`, which never decreases. */
  before(now: Instant, which: number): number {
    return this.#values[this.#cursor(now, which)]!
  }

  /** How often it had been told to rise by then. */
  risesBefore(now: Instant, which: number): number {
    return this.#cursor(now, which) + 1
  }

  /** When it first was above a value; undefined where it never was. */
  above(value: number): Instant | undefined {
    let index = this.#values.length
    while (index > 0 && this.#values[index - 1]! > value) index--
    return this.#at[index]
  }

  #cursor(now: Instant, which: number): number {
    const limit = now - this.#lags[which]!
    let cursor = this.#cursors[which]!
    while (cursor + 1 < this.#at.length && this.#at[cursor + 1]! <= limit) cursor++
    this.#cursors[which] = cursor
    return cursor
  }
}
