/** One look-up and one run per key and versions; everyone else who asks meanwhile waits for it. */
import type { Clock, Instant } from './clock.ts'
import { sameVersions, type VersionSet } from './entry.ts'

/**
 * How a flight ended for those who waited: with an answer; with a failure of this status, where everyone runs unless the route shares it;
 * `again` = it did not become whole, one of them leads and the rest stay; `alone` = it may not be shared, everyone runs, in parallel.
 */
export type Landing<T> = { readonly answer: T } | { readonly failure: number } | 'again' | 'alone'

/** The answer, where there is one. */
export function answerOf<T>(landing: Landing<T>): T | undefined {
  return typeof landing === 'object' && 'answer' in landing ? landing.answer : undefined
}

/** The status that the run failed with, where it did. */
export function failureOf<T>(landing: Landing<T>): number | undefined {
  return typeof landing === 'object' && 'failure' in landing ? landing.failure : undefined
}

/** A look-up or run that others may wait for. */
export class Flight<T> {
  readonly #leave: (flight: Flight<T>) => void
  readonly #cancelDeadline: () => void
  readonly #landed: Promise<Landing<T>>
  #land!: (landing: Landing<T>) => void
  #versions: VersionSet | undefined
  readonly startedAt: Instant
  readonly #learned: Promise<void>
  #onLearned!: () => void
  followers = 0

  constructor(
    versions: VersionSet | undefined,
    startedAt: Instant,
    leave: (flight: Flight<T>) => void,
    setDeadline: (late: () => void) => () => void,
  ) {
    this.#versions = versions
    this.startedAt = startedAt
    this.#leave = leave
    this.#cancelDeadline = setDeadline(() => this.land('alone'))
    this.#landed = new Promise((resolve) => {
      this.#land = resolve
    })
    this.#learned = new Promise((resolve) => {
      this.#onLearned = resolve
    })
  }

  /** Undefined while the versions are still being read. */
  get versions(): VersionSet | undefined {
    return this.#versions
  }

  /** The versions have been read. */
  learn(versions: VersionSet | undefined): void {
    this.#versions = versions
    // What nobody knows the versions of is for those who wait already.
    if (versions === undefined) this.#leave(this)
    this.#onLearned()
  }

  /** Resolves once the versions are known, or never will be. */
  get learned(): Promise<void> {
    return this.#learned
  }

  /** Waits for the end. */
  follow(): Promise<Landing<T>> {
    this.followers++
    return this.#landed
  }

  /** Ends the flight for those who wait and those to come; later calls do nothing. */
  land(landing: Landing<T>): void {
    this.close()
    this.#cancelDeadline()
    this.#land(landing)
  }

  /** Takes no more followers; those who wait go on waiting. */
  close(): void {
    this.#leave(this)
    this.#onLearned()
  }
}

/** All flights of this process; those of one key are of different versions. */
export class Flights<T> {
  readonly #clock: Clock
  readonly #flying = new Map<string, readonly Flight<T>[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Keys with flights that can be joined right now. */
  get size(): number {
    return this.#flying.size
  }

  /** The flight of this key and these versions; else one that may turn out to be: it still reads, or the versions are not known. */
  get(key: string, versions?: VersionSet): Flight<T> | undefined {
    const flying = this.#flying.get(key) ?? []
    if (versions === undefined) return flying.at(-1)
    const same = flying.find((flight) => flight.versions !== undefined && sameVersions(flight.versions, versions))
    return same ?? flying.findLast((flight) => flight.versions === undefined) ?? flying.at(-1)
  }

  /**
   * Starts a flight, beside those of other versions.
   *
   * @param deadline milliseconds until those who wait go on alone
   */
  start(key: string, versions: VersionSet | undefined, deadline: number): Flight<T> {
    const leave = (left: Flight<T>) => this.#leave(key, left)
    const flight = new Flight<T>(versions, this.#clock.now(), leave, (late) => this.#clock.after(deadline, late))
    this.#flying.set(key, [...(this.#flying.get(key) ?? []), flight])
    return flight
  }

  /** Another flight of this key that has come to the same versions. */
  twin(key: string, flight: Flight<T>, versions: VersionSet): Flight<T> | undefined {
    const isTwin = (one: Flight<T>) =>
      one !== flight && one.versions !== undefined && sameVersions(one.versions, versions)
    return this.#flying.get(key)?.find(isTwin)
  }

  #leave(key: string, left: Flight<T>): void {
    const rest = this.#flying.get(key)?.filter((flight) => flight !== left)
    if (rest === undefined || rest.length === 0) this.#flying.delete(key)
    else this.#flying.set(key, rest)
  }
}

/**
 * What a request does about the flight of its key: lead one of its own, follow, run by itself, learn its own versions before it decides
 * (`read-first`), or wait until the flight has learned its versions (`wait`).
 */
export type Boarding = 'lead' | 'follow' | 'alone' | 'read-first' | 'wait'

/**
 * Decides from the versions a request knows (undefined: it is still reading them).
 * Reads under way start over when an invalidation arrives, so a flight that still reads is never behind one who comes later and
 * trusts the bus.
 *
 * @param trustedSince what a flight began to read before this instant may be too old for the request, should the bus have been silent:
 *   only versions that it reads itself can tell
 */
export function boarding<T>(
  flight: Flight<T> | undefined,
  versions: VersionSet | undefined,
  maxFollowers: number,
  trustedSince = Number.NEGATIVE_INFINITY,
): Boarding {
  if (flight === undefined) return 'lead'
  if (flight.followers >= maxFollowers) return 'alone'
  const isTrusted = flight.versions === undefined && flight.startedAt >= trustedSince
  if (isTrusted) return 'follow'
  if (versions === undefined) return 'read-first'
  if (flight.versions === undefined) return 'wait'
  return sameVersions(flight.versions, versions) ? 'follow' : 'lead'
}
