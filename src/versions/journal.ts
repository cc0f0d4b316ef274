/** Bumps that Redis has not confirmed: they are told again before anything they concern is trusted. */

import { EVERYTHING } from './versions.ts'

/** A bump that waits to be told. */
export interface Pending {
  readonly tag: string
  /** Which bump of the tag this is: a later one must be told anew. */
  readonly serial: number
}

/** A bounded set of tags; past the bound it stands for everything. */
export class Journal {
  readonly #capacity: number
  readonly #serials = new Map<string, number>()
  #serial = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get size(): number {
    return this.#serials.size
  }

  /** Keeps the tag, or everything once there are too many; returns what it kept. */
  add(tag: string): string {
    const kept = this.#serials.size < this.#capacity || this.#serials.has(tag) ? tag : EVERYTHING
    this.#serials.set(kept, ++this.#serial)
    return kept
  }

  /** Whether Redis still has to hear of this very tag. */
  has(tag: string): boolean {
    return this.#serials.has(tag)
  }

  pending(): Pending[] {
    return [...this.#serials].map(([tag, serial]) => ({ tag, serial }))
  }

  /** Redis knows of this bump; true when no later one of the tag waits. */
  confirmed({ tag, serial }: Pending): boolean {
    return this.#serials.get(tag) === serial && this.#serials.delete(tag)
  }
}
