// What happened in a simulation, for people: kept only where a failure is replayed.
import type { Instant } from './event-queue.ts'

interface Line {
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

  /** The latest lines that are of interest. */
  last(count: number, isOfInterest: (who: string, text: string) => boolean): string {
    const chosen = this.#lines.filter(({ who, text }) => isOfInterest(who, text)).slice(-count)
    return chosen.map(({ at, who, text }) => `${at.toFixed(3).padStart(12)}  ${who.padEnd(8)}  ${text}`).join('\n')
  }
}
