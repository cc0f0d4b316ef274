/** Entries in memory that share a bound: those of a route, and those that are negative. Each group is a list, the least recently used first. */
import type { Quota } from '../entry.ts'

/** An entry's place in one group. */
export interface Seat {
  readonly key: string
  readonly bytes: number
  readonly group: Group
  older: Seat | undefined
  newer: Seat | undefined
}

/** Of entries in no group. */
export const noSeats: readonly Seat[] = Object.freeze([])

/** The entry was asked for: it leaves after all others. */
export function renew(seats: readonly Seat[]): void {
  for (const seat of seats) seat.group.renew(seat)
}

/** Whether an entry of so many bytes has room where all others have left. */
export function mayEnter(quotas: readonly Quota[], bytes: number): boolean {
  return quotas.every(({ maxBytes }) => maxBytes === undefined || bytes <= maxBytes)
}

/** All groups of a memory store; those without entries are not kept. */
export class QuotaGroups {
  readonly #groups = new Map<Quota, Group>()

  /** Entries in the group of a quota. */
  count(quota: Quota): number {
    return this.#groups.get(quota)?.entries ?? 0
  }

  /**
   * The entry that must leave before one of so many bytes may enter: the least recently used.
   *
   * @returns its key; undefined where there is room
   */
  leaving(quota: Quota, bytes: number): string | undefined {
    const group = this.#groups.get(quota)
    return group === undefined || group.hasRoom(bytes) ? undefined : group.oldest
  }

  /** Gives an entry its place in each group, as the newest. */
  enter(quotas: readonly Quota[], key: string, bytes: number): readonly Seat[] {
    return quotas.length === 0 ? noSeats : quotas.map((quota) => this.#group(quota).enter(key, bytes))
  }

  leave(seats: readonly Seat[]): void {
    for (const seat of seats) {
      seat.group.leave(seat)
      if (seat.group.entries === 0) this.#groups.delete(seat.group.quota)
    }
  }

  #group(quota: Quota): Group {
    const known = this.#groups.get(quota)
    if (known !== undefined) return known
    const group = new Group(quota)
    this.#groups.set(quota, group)
    return group
  }
}

/** The entries of one quota. */
class Group {
  readonly quota: Quota
  entries = 0
  #bytes = 0
  #oldest: Seat | undefined
  #newest: Seat | undefined

  constructor(quota: Quota) {
    this.quota = quota
  }

  hasRoom(bytes: number): boolean {
    const { maxEntries, maxBytes = Number.POSITIVE_INFINITY } = this.quota
    return this.entries < maxEntries && this.#bytes + bytes <= maxBytes
  }

  get oldest(): string | undefined {
    return this.#oldest?.key
  }

  enter(key: string, bytes: number): Seat {
    const seat: Seat = { key, bytes, group: this, older: undefined, newer: undefined }
    this.#append(seat)
    this.entries++
    this.#bytes += bytes
    return seat
  }

  renew(seat: Seat): void {
    if (seat === this.#newest) return
    this.#unlink(seat)
    this.#append(seat)
  }

  leave(seat: Seat): void {
    this.#unlink(seat)
    // What is gone must not keep others alive until the next full collection.
    seat.older = undefined
    seat.newer = undefined
    this.entries--
    this.#bytes -= seat.bytes
  }

  #append(seat: Seat): void {
    seat.older = this.#newest
    seat.newer = undefined
    if (this.#newest === undefined) this.#oldest = seat
    else this.#newest.newer = seat
    this.#newest = seat
  }

  #unlink({ older, newer }: Seat): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
