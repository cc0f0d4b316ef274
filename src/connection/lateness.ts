/** When answers that come too late count as the loss of Redis: so many in a row, or too large a share of all. */
import type { Instant } from '../clock.ts'

interface Count {
  readonly from: Instant
  answered: number
  late: number
  /** Commands that were under way together are late together: that is one lateness. */
  times: number
}

/** The share of late answers from which Redis is of no use, once there were `threshold` latenesses. */
const SHARE = 0.5
/** How long answers count, in ms: between one and two of these. */
const WINDOW_MS = 1_000

/** Remembers how punctual the answers of the last one or two seconds were. */
export class Lateness {
  readonly #threshold: number
  #inARow = 0
  #since: Instant = Number.NEGATIVE_INFINITY
  #former: Count | undefined
  #current: Count | undefined

  /** @param threshold latenesses that are one too many */
  constructor(threshold: number) {
    this.#threshold = threshold
  }

  /** An answer came in time. */
  answered(now: Instant): void {
    this.#inARow = 0
    this.#count(now).answered++
  }

  /** An answer did not; returns whether that is one too many. */
  late(sentAt: Instant, now: Instant): boolean {
    const current = this.#count(now)
    current.late++
    if (sentAt >= this.#since) {
      this.#since = now
      this.#inARow++
      current.times++
    }
    return this.#inARow >= this.#threshold || this.#isTooOften(current)
  }

  /** What was before counts no more. */
  forget(): void {
    this.#inARow = 0
    this.#former = undefined
    this.#current = undefined
  }

  #isTooOften({ times, late, answered }: Count): boolean {
    const { times: formerTimes = 0, late: formerLate = 0, answered: formerAnswered = 0 } = this.#former ?? {}
    const allLate = late + formerLate
    return times + formerTimes >= this.#threshold && allLate >= SHARE * (allLate + answered + formerAnswered)
  }

  #count(now: Instant): Count {
    const current = this.#current
    if (current !== undefined && now - current.from < WINDOW_MS) return current
    this.#former = current !== undefined && now - current.from < 2 * WINDOW_MS ? current : undefined
    this.#current = { from: now, answered: 0, late: 0, times: 0 }
    return this.#current
  }
}
