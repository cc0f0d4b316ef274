/** One run in the whole fleet: who may make an answer, and who waits for it. */
import type { VersionSet } from '../entry.ts'

/**
 * How a claimed run ended for other processes: `filled` = it is in the shared tier, `again` = it did not become whole, one of them runs
 * next; `alone` = it may not be shared, all run.
 */
export type FleetLanding = 'filled' | 'again' | 'alone'

/** The right to make an answer, for as long as this process lives and the run is not over. */
export interface Claim {
  /** Lets go and tells those who wait. Later calls do nothing. */
  land(landing: FleetLanding): void
}

/** The claims of a fleet. */
export interface Claims {
  /**
   * Claims the run of a key under these versions.
   *
   * @param longest milliseconds that the claim is renewed for at most
   * @returns undefined while another process holds it; rejects when that cannot be known
   */
  claim(key: string, versions: VersionSet, longest: number): Promise<Claim | undefined>
  /** Listens for the landing of a run, from now on. */
  listen(key: string, versions: VersionSet): Listening
}

/** An ear on the bus, for one run. */
export interface Listening {
  /** Resolves when the holder is said to have landed, also before this call; undefined when it is time to ask again: it may have died. */
  landing(): Promise<FleetLanding | undefined>
  /** The landing, where one was heard by now. */
  readonly heard: FleetLanding | undefined
  end(): void
}
