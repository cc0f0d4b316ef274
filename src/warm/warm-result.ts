/** What became of requests that were sent to warm a cache, one by one and in all. */

/**
 * What became of one request: its answer is `stored` now; it was there already (`hit`), or another request had begun to make it; it may
 * not be stored (`notStored`); or there was none below status 500 (`failed`).
 */
export type WarmOutcome = 'stored' | 'hit' | 'notStored' | 'failed'

/** One request is over. */
export interface WarmProgress {
  /** Requests that are over, this one included. */
  readonly done: number
  /** How many there are; undefined where the requests are no array. */
  readonly total: number | undefined
  readonly url: string
  readonly outcome: WarmOutcome
  /** Undefined where no whole answer came. */
  readonly status: number | undefined
  /** Why nothing was stored: `set-cookie`, `status-404`, `no-cache-route`, `deadline`, … Of what is stored: `memory-only` where Redis was away. */
  readonly reason: string | undefined
}

/** What became of all requests. */
export interface WarmResult extends Readonly<Record<WarmOutcome, number>> {
  /** Requests that were sent: the sum of the four. */
  readonly total: number
  /** Milliseconds that it took. */
  readonly ms: number
}

/** What one request came to. */
export type WarmEnd = Pick<WarmProgress, 'outcome' | 'status' | 'reason'>
