/** Ids that Redis took from this process: added once more where it may have forgotten them, bounded. */

/** Ids that are remembered at most: beyond them, the one that was added first is forgotten. */
const MOST = 10_000

/** The last ids. A Redis that restarts from an older snapshot, or fails over, comes back without what came since, and looks whole. */
export class AddedIds {
  readonly #ids = new Set<string>()
  /** Connections that were lost since all of them were confirmed. */
  #doubts = 0

  /** Whether it was added, and Redis may have forgotten it. */
  isInDoubt(id: string): boolean {
    return this.#doubts > 0 && this.#ids.has(id)
  }

  note(ids: readonly string[]): void {
    for (const id of ids) {
      this.#ids.delete(id)
      this.#ids.add(id)
    }
    for (const id of this.#ids) {
      if (this.#ids.size <= MOST) break
      this.#ids.delete(id)
    }
  }

  /** The connection is gone: who is found behind the next one may know less. */
  doubt(): void {
    if (this.#ids.size > 0) this.#doubts++
  }

  /** Hands all of them to `add`, where they are in doubt; they stay so where it rejects. */
  async confirm(add: (ids: readonly string[]) => Promise<void>): Promise<void> {
    const doubts = this.#doubts
    if (doubts === 0) return
    await add([...this.#ids])
    if (this.#doubts === doubts) this.#doubts = 0
  }
}
