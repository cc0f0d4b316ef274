/** Which handlers have failed a moment ago and are left alone for a while, by the key they were asked for. */
import type { Instant } from '../clock.ts'
import { Recent } from '../recent.ts'

/** Keys that are remembered at most: a dead database fails for all of them. */
const MOST_KEYS = 100_000

/** Remembers failures, each for a time of its own. */
export class Backoffs {
  readonly #until = new Recent<Instant>(MOST_KEYS)
  #any = false

  failed(key: string, until: Instant): void {
    this.#any = true
    this.#until.set(key, until)
  }

  succeeded(key: string): void {
    if (this.#any && this.#until.get(key) !== undefined) this.#until.set(key, Number.NEGATIVE_INFINITY)
  }

  has(key: string, now: Instant): boolean {
    return this.#any && now < (this.#until.get(key) ?? Number.NEGATIVE_INFINITY)
  }
}
