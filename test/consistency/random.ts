// Chance that a seed replays.

/** A generator of its own: whoever draws from another one does not change what this one gives. */
export class Random {
  #state: number

  /** @param seed a whole number, of which 32 bits count */
  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** At least 0, below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** At least `low`, below `high`. */
  between(low: number, high: number): number {
    return low + this.next() * (high - low)
  }

  /** True this often out of one. */
  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of them. */
  pick<T>(all: readonly T[]): T {
    return all[Math.floor(this.next() * all.length)]!
  }

  /** One of them; the nearer the front, the likelier. */
  pickEarly<T>(all: readonly T[]): T {
    return all[Math.floor(this.next() * this.next() * all.length)]!
  }

  /** A generator whose draws do not depend on how often this one is drawn from later. */
  fork(): Random {
    return new Random(Math.floor(this.next() * 2 ** 32))
  }
}
