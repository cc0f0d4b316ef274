/** Tells those who wait for a run how it ended: requests of this process at once, other processes once the answer is where they look. */
import type { Entry } from './entry.ts'
import { answerOf, type Flight, type Landing } from './flights.ts'
import type { Claim, FleetLanding } from './guard/claims.ts'
import type { Incomplete } from './http/exchange.ts'
import { isFailure } from './http/failure.ts'
import { isForItself, type Unshared } from './unshared.ts'

/** Who waits for a run: requests of this process, and other processes. */
export interface Waiting {
  readonly flight: Flight<Entry> | undefined
  readonly claim: Claim | undefined
}

/** Why followers of an incomplete answer lead again one by one (the client's fault) or run all at once (the handler's). */
export const landings: Record<Incomplete, Landing<never>> = {
  'client-left': 'again',
  'too-large': 'alone',
  truncated: 'alone',
  failed: 'alone',
  trailers: 'alone',
  detached: 'alone',
}

/** The end of one run, for those who wait and those to come. */
export class RunLanding {
  readonly #waiting: Waiting
  readonly #unshared: Unshared
  /** What it was asked for by. */
  readonly #key: string
  /** Nobody who waits may have the answer, and this is known to those to come. */
  #isUnshared = false
  /** Resolves when the shared tier has the answer. */
  storing: Promise<void> | undefined

  constructor(waiting: Waiting, unshared: Unshared, key: string) {
    this.#waiting = waiting
    this.#unshared = unshared
    this.#key = key
  }

  /** @param elsewhere what other processes are told, where that differs */
  land(landing: Landing<Entry>, elsewhere?: FleetLanding): void {
    const { flight, claim } = this.#waiting
    flight?.land(landing)
    if (claim === undefined) return
    const ended = elsewhere ?? fleetLanding(landing, this.storing !== undefined)
    void Promise.resolve(this.storing).then(() => claim.land(ended))
  }

  /** Nobody else may have the answer. Where that is no failure, those to come wait for nobody either, until one can be shared. */
  release(status = 200): void {
    if (isFailure(status)) {
      this.land({ failure: status })
      return
    }
    if (!this.#isUnshared) this.#unshared.remember(this.#key)
    this.#isUnshared = true
    this.land('alone')
  }

  /** The run is over. @param reason why its answer is not stored */
  end(landing: Landing<Entry>, reason: string | undefined, status: number | undefined): void {
    if (answerOf(landing) !== undefined && !this.#isUnshared) this.#unshared.forget(this.#key)
    // It turned out only now that nobody else may have it, for a reason that lies in itself.
    else if (landing === 'alone' && reason !== undefined && isForItself(reason)) this.release(status)
    this.land(landing)
  }
}

/** What other processes are told: what has failed, or is for nobody else, they run themselves. */
function fleetLanding(landing: Landing<Entry>, isStored: boolean): FleetLanding {
  if (typeof landing === 'string') return landing
  if (answerOf(landing) === undefined) return 'alone'
  // What was outdated while it was made is for nobody else: the others ask anew.
  return isStored ? 'filled' : 'again'
}
