/** One look-up and one run per key and versions; everyone else who asks meanwhile waits for it. */
import type { Clock } from './clock.ts'
import { sameVersions, type VersionSet } from './entry.ts'

/**
 * How a flight ended for those who waited: with an answer; `again` = it did not become whole, one of them leads and the rest stay;
 * `alone` = it failed or may not be shared, everyone runs, in parallel.
 */
export type Landing<T> = { readonly answer: T } | 'again' | 'alone'

/** A look-up or run that others may wait for. */
export class Flight<T> {
  readonly #leave: (flight: Flight<T>) => void
  readonly #cancelDeadline: () => void
  readonly #landed: Promise<Landing<T>>
  #land!: (landing: Landing<T>) => void
  /** Undefined while the versions are still being read. */
  versions: VersionSet | undefined
  followers = 0

  constructor(
    versions: VersionSet | undefined,
    leave: (flight: Flight<T>) => void,
    setDeadline: (late: () => void) => () => void,
  ) {
    this.versions = versions
    this.#leave = leave
    this.#cancelDeadline = setDeadline(() => this.land('alone'))
    this.#landed = new Promise((resolve) => {
      this.#land = resolve
    })
  }

  /** Waits for the end. */
  follow(): Promise<Landing<T>> {
    this.followers++
    return this.#landed
  }

  /** Ends the flight for those who wait and those to come; later calls do nothing. */
  land(landing: Landing<T>): void {
    this.#leave(this)
    this.#cancelDeadline()
    this.#land(landing)
  }

  /** Takes no more followers; those who wait go on waiting. */
  close(): void {
    this.#leave(this)
  }
}

/** All flights of this process. */
export class Flights<T> {
  readonly #clock: Clock
  readonly #flying = new Map<string, Flight<T>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Flights that can be joined right now. */
  get size(): number {
    return this.#flying.size
  }

  /** The flight of this key, whatever its versions. */
  get(key: string): Flight<T> | undefined {
    return this.#flying.get(key)
  }

  /**
   * Starts a flight; one of other versions that still flies keeps its followers and gets no more.
   *
   * @param deadline milliseconds until those who wait go on alone
   */
  start(key: string, versions: VersionSet | undefined, deadline: number): Flight<T> {
    const leave = (left: Flight<T>) => {
      if (this.#flying.get(key) === left) this.#flying.delete(key)
    }
    const flight = new Flight<T>(versions, leave, (late) => this.#clock.after(deadline, late))
    this.#flying.set(key, flight)
    return flight
  }
}

/**
 * Whether a request that knows `versions` (undefined: is still reading them) may wait for the flight.
 * Reads under way start over when an invalidation arrives, so a flight that still reads is never behind one that still reads.
 */
export function mayFollow<T>(flight: Flight<T>, versions: VersionSet | undefined, maxFollowers: number): boolean {
  if (flight.followers >= maxFollowers) return false
  if (flight.versions === undefined) return true
  return versions !== undefined && sameVersions(flight.versions, versions)
}
