/** Ids whose write succeeded while Redis did not take them: kept until it does, bounded. */

/** Ids that are kept at most: beyond them, the one that has waited longest is given up. */
const MOST = 10_000

/** What became of ids that had to wait. */
export type WaitingOutcome = 'waiting' | 'lost' | 'added'

/** Ids that wait. Each outcome is told once, until all that waited were added. */
export class WaitingIds {
  readonly #tell: (outcome: WaitingOutcome, count: number, reason: string) => void
  readonly #ids = new Set<string>()
  #lost = false

  constructor(tell: (outcome: WaitingOutcome, count: number, reason: string) => void) {
    this.#tell = tell
  }

  get size(): number {
    return this.#ids.size
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  keep(ids: readonly string[], reason: string): void {
    const isFirst = this.#ids.size === 0
    for (const id of ids) this.#ids.add(id)
    if (isFirst && this.#ids.size > 0) this.#tell('waiting', this.#ids.size, reason)
    let given = 0
    for (const id of this.#ids) {
      if (this.#ids.size <= MOST) break
      this.#ids.delete(id)
      given++
    }
    if (given === 0 || this.#lost) return
    this.#lost = true
    this.#tell('lost', given, `more than ${MOST} wait`)
  }

  /** Nothing waits any longer. */
  giveUp(reason: string): void {
    const { size } = this.#ids
    this.#ids.clear()
    if (size > 0) this.#tell('lost', size, reason)
  }

  /** Hands all that wait to `add`; they wait on where it rejects. */
  async release(add: (ids: readonly string[]) => Promise<void>): Promise<void> {
    const ids = [...this.#ids]
    if (ids.length === 0) return
    await add(ids)
    for (const id of ids) this.#ids.delete(id)
    this.#lost = false
    this.#tell('added', ids.length, 'Redis answers')
  }
}
