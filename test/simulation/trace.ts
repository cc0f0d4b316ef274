// What happened in a simulation, for people: kept only where a failure is replayed.
import type { Instant } from './event-queue.ts'

/** One thing that happened. */
export interface Line {
  readonly at: Instant
  readonly who: string
  readonly text: string
}

/** A bounded list of lines, the latest last. */
export class Trace {
  readonly #now: () => Instant
  readonly #lines: Line[] = []
  readonly #capacity: number

  constructor(now: () => Instant, capacity: number) {
    this.#now = now
    this.#capacity = capacity
  }

  get isOn(): boolean {
    return this.#capacity > 0
  }

  note(who: string, text: string): void {
    if (this.#capacity === 0) return
    this.#lines.push({ at: this.#now(), who, text })
    if (this.#lines.length > 2 * this.#capacity) this.#lines.splice(0, this.#capacity)
  }

  /** All lines that are kept. */
  get lines(): readonly Line[] {
    return this.#lines
  }
}
