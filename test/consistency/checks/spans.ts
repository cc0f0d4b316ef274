// Whether something happened while something else went on, in O(log n).
import type { Instant, Span } from '../history.ts'
import { countUpTo, sortBy } from './sorted.ts'

/** Spans of time, joined where they touch. */
export class Spans {
  readonly #joined: Span[] = []

  constructor(spans: readonly Span[]) {
    for (const span of sortBy(spans, ({ from }) => from)) {
      const last = this.#joined.at(-1)
      if (last === undefined || span.from > last.until) this.#joined.push(span)
      else if (span.until > last.until) this.#joined[this.#joined.length - 1] = { from: last.from, until: span.until }
    }
  }

  /** Whether any of them overlaps the time between both instants. */
  overlap(from: Instant, until: Instant): boolean {
    return this.endOf(from, until) !== undefined
  }

  /** The end of the last one that overlaps the time between both instants. */
  endOf(from: Instant, until: Instant): Instant | undefined {
    const last = this.#joined[countUpTo(this.#joined, until, (span) => span.from) - 1]
    return last !== undefined && last.until >= from ? last.until : undefined
  }
}
