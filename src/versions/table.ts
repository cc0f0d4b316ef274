/** The tokens this process knows, each with the instant until which nothing can have contradicted it. */
import type { Instant } from '../clock.ts'

/** A known token. */
export interface Slot {
  readonly token: string
  /** The instant at which the command that validated it was sent: not answered, for a paused process must not count the pause. */
  readonly sentAt: Instant
  /** The instant at which it was entered here. */
  readonly heldSince: Instant
  /** Made here while Redis was away. */
  readonly local: boolean
  /** Up to when the key in Redis lives at least. */
  keyUntil: Instant
  /** Asked for since it was last read. */
  used: boolean
}

/** Tags and their slots, bounded: a forgotten tag is read again, never assumed. */
export class TokenTable {
  readonly #capacity: number
  readonly #slots = new Map<string, Slot>()
  readonly #pinned = new Set<string>()
  #inUse: string[] = []
  /** Slots validated before this instant are not trusted. */
  #floor: Instant = Number.NEGATIVE_INFINITY
  /** What the bus proved: slots read since `since` were not bumped up to `until`. */
  #proof: { readonly since: Instant; readonly until: Instant } | undefined

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(tag: string): Slot | undefined {
    return this.#slots.get(tag)
  }

  set(tag: string, slot: Slot): void {
    this.#slots.delete(tag)
    this.#slots.set(tag, slot)
    if (this.#slots.size > this.#capacity) this.#dropOldest()
  }

  /** Never forgets this tag for want of room: everything hangs on it. */
  pin(tag: string): void {
    this.#pinned.add(tag)
  }

  #dropOldest(): void {
    for (const tag of this.#slots.keys()) {
      if (this.#pinned.has(tag)) continue
      this.#slots.delete(tag)
      return
    }
  }

  forget(tag: string): void {
    this.#slots.delete(tag)
  }

  /** Up to when the slot is known to have been right, by its own reading and by what the bus proved. */
  provenUntil(slot: Slot): Instant {
    const proof = this.#proof
    return proof !== undefined && slot.sentAt >= proof.since ? Math.max(slot.sentAt, proof.until) : slot.sentAt
  }

  /** Whether the slot was read since the last doubt. */
  isTrusted(slot: Slot): boolean {
    return slot.sentAt >= this.#floor
  }

  /** Nothing bumped between these instants went unheard. */
  prove(since: Instant, until: Instant): void {
    this.#proof = { since, until }
  }

  /** Nothing validated before `now` is trusted before it is validated again. */
  distrust(now: Instant): void {
    this.#floor = now
  }

  clear(): void {
    this.#slots.clear()
  }

  /** Notes that a tag is in use: its token is worth keeping valid. */
  use(tag: string, slot: Slot): void {
    if (slot.used || this.#inUse.length >= this.#capacity) return
    slot.used = true
    this.#inUse.push(tag)
  }

  /** At most `most` tags in use whose token was last read before `before`; they count as unused from here on. */
  takeUsed(before: Instant, most: number): string[] {
    const taken: string[] = []
    this.#inUse = this.#inUse.filter((tag) => {
      const slot = this.#slots.get(tag)
      if (slot?.used !== true) return false
      if (slot.sentAt > before || taken.length >= most) return true
      slot.used = false
      taken.push(tag)
      return false
    })
    return taken
  }

  /** Drops the tokens made without Redis. */
  dropLocal(): void {
    for (const [tag, slot] of this.#slots) if (slot.local) this.#slots.delete(tag)
  }
}
