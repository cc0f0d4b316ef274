// What a soak has seen so far.
import type { Label } from '../../consistency/history.ts'
import { quantile } from '../load/statistics.ts'

/** So many wrong answers are kept as sentences. */
const SHOWN = 10

/** Counts, and the times of the minute. */
export class Tally {
  readonly #isTroubled: () => boolean
  readonly #databaseRefused: () => number
  #times: number[] = []
  reads = 0
  writes = 0
  /** Answered without a run of its own. */
  shared = 0
  /** Clients that left. */
  left = 0
  /** Answers with the failure of a failing handler. */
  refused = 0
  /** Requests that would have been too many. */
  unsent = 0
  wrongs = 0
  readonly shown: string[] = []
  /** Answers while nothing was broken, and those of them that say they were given without Redis. */
  calm = 0
  calmDegraded = 0

  /**
   * @param isTroubled something is broken, or was until a moment ago
   * @param databaseRefused how many requests the database has refused so far
   */
  constructor(isTroubled: () => boolean, databaseRefused: () => number) {
    this.#isTroubled = isTroubled
    this.#databaseRefused = databaseRefused
  }

  /** Returns what says whether the database has refused anything since now, or just before. */
  refusedSince(): () => boolean {
    const before = this.#databaseRefused()
    const wasTroubled = this.#isTroubled()
    return () => wasTroubled || this.#databaseRefused() > before
  }

  answered(ms: number, { outcome, degraded }: Label): void {
    this.reads++
    this.#times.push(ms)
    if (outcome.startsWith('hit') || outcome === 'collapsed') this.shared++
    if (this.#isTroubled()) return
    this.calm++
    if (degraded) this.calmDegraded++
  }

  judged(wrong: string | undefined): void {
    if (wrong !== undefined) this.wrong(wrong)
  }

  wrong(what: string): void {
    this.wrongs++
    if (this.shown.length < SHOWN) this.shown.push(what)
  }

  /** The median and the 99th percentile since the last call, in ms. */
  takeTimes(): { readonly p50: number; readonly p99: number } {
    const times = this.#times
    this.#times = []
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
  }
}
