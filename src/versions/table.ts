/** The tokens this process knows, bounded: a forgotten tag is read again, never assumed. */
import type { Instant } from '../clock.ts'
import type { Shard } from '../connection/connection.ts'

/** A known token. */
export interface Slot {
  readonly token: string
  /** The instant at which the command that validated it was sent: not answered, for a paused process must not count the pause. */
  readonly sentAt: Instant
  /** The instant at which it was entered here. */
  readonly heldSince: Instant
  /** The primary that said so; undefined for a token made here while Redis was away. */
  readonly shard: Shard | undefined
  /** Names writers at work: nothing is stored under it. */
  readonly marker: boolean
  /** Up to when the key in Redis lives at least. */
  keyUntil: Instant
  /** Asked for since it was last read. */
  used: boolean
}

/** Tags and their slots. */
export class TokenTable {
  readonly #capacity: number
  readonly #slots = new Map<string, Slot>()
  readonly #pinned = new Set<string>()
  #inUse: string[] = []

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

  get pinned(): readonly string[] {
    return [...this.#pinned]
  }

  forget(tag: string): void {
    this.#slots.delete(tag)
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

  /** Drops what a primary said; undefined: the tokens made without Redis. */
  dropOf(shard: Shard | undefined): void {
    for (const [tag, slot] of this.#slots) if (slot.shard === shard) this.#slots.delete(tag)
  }

  #dropOldest(): void {
    for (const tag of this.#slots.keys()) {
      if (this.#pinned.has(tag)) continue
      this.#slots.delete(tag)
      return
    }
  }
}
