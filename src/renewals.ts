/** Asks handlers again in the background, one run at a time for each key. */
import { type Clock, within } from './clock.ts'
import type { Entry } from './entry.ts'
import type { Backoffs } from './guard/backoffs.ts'
import { isFailure } from './http/failure.ts'
import type { Listener } from './observe/events.ts'
import { retried } from './retry.ts'
import type { Visit } from './visit.ts'

/** What renewing works with. */
export interface RenewalParts {
  readonly clock: Clock
  readonly random: () => number
  readonly backoffs: Backoffs
  readonly tell: Listener
  /** Runs what no request waits for outside of the context of the one that happens to start it. */
  readonly apart: (work: () => void) => void
}

/** A handler that failed in the background. */
class FailedRunError extends Error {
  override readonly name = 'FailedRunError'
}

/** The deadline of a background run has passed; the run itself may still come to an end. */
class LateRunError extends Error {
  override readonly name = 'LateRunError'
}

/** The cache was closed meanwhile: what its handlers work with may be too. */
class ClosedError extends Error {
  override readonly name = 'ClosedError'
}

/** The keys that are being asked for. */
export class Renewals {
  readonly #parts: RenewalParts
  /** Each with what holds it. */
  readonly #keys = new Map<string, object>()

  #closed = false

  constructor(parts: RenewalParts) {
    this.#parts = parts
  }

  /** Nothing is asked for from now on; what is under way comes to its end. */
  close(): void {
    this.#closed = true
  }

  /** Keys that are being asked for right now. */
  get size(): number {
    return this.#keys.size
  }

  /**
   * Has the handler asked by a request without a client, unless that is done already, or the handler has failed a moment ago.
   *
   * @param entry what is to be renewed
   * @returns false where nobody but the request itself can ask
   */
  start(visit: Visit, { staleAt }: Entry): boolean {
    const { clock, backoffs } = this.#parts
    const { exchange, key } = visit
    if (exchange.detached === true) return false
    // Nobody else may have what it would bring: that is for another to ask.
    if (visit.readOnly) return true
    if (this.#keys.has(key) || backoffs.has(key, clock.now())) return true
    const { fork, request } = exchange
    // What is sent again is a GET without a body: it renews no answer to anything else.
    const isRead = (request.method === 'GET' || request.method === 'HEAD') && !request.hasBody
    if (fork === undefined || !isRead) return false
    const release = this.hold(key)
    this.#parts.apart(() => void this.#ask(visit, () => fork(staleAt)).finally(release))
    return true
  }

  /**
   * Notes that a key is being asked for, until the returned function is called.
   *
   * @param longest milliseconds until others may ask again although it was not; left out, no such time comes
   */
  hold(key: string, longest?: number): () => void {
    const holder = {}
    this.#keys.set(key, holder)
    const release = () => {
      cancel?.()
      if (this.#keys.get(key) === holder) this.#keys.delete(key)
    }
    const cancel = longest === undefined ? undefined : this.#parts.clock.after(longest, release)
    return release
  }

  async #ask({ route, place, key }: Visit, fork: () => Promise<number | undefined>): Promise<void> {
    const { clock, backoffs, tell } = this.#parts
    const attempt = async () => {
      if (this.#closed) throw new ClosedError()
      // Behind a promise: of a connection that is gone even a look may throw.
      const asking = Promise.resolve().then(fork)
      const status = await within(clock, route.flightDeadline, asking, () => new LateRunError('late'))
      if (status === undefined || isFailure(status))
        throw new FailedRunError(status === undefined ? 'truncated' : `status-${status}`)
    }
    try {
      const mayRetry = (error: unknown) => !(error instanceof LateRunError || error instanceof ClosedError)
      await retried(this.#parts, route.retry, attempt, mayRetry)
      backoffs.succeeded(key)
    } catch (error) {
      if (error instanceof ClosedError) return
      backoffs.failed(key, clock.now() + route.backoff)
      tell({ type: 'rebuild-failed', route: place.name, key, reason: (error as Error).message })
    }
  }
}
