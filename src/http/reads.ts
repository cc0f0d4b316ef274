/** Which private things are read: noted by name, unless it is not the handler that reads. */

/** What a piece of work returned, and what it read. */
export interface Read<T> {
  readonly result: T
  readonly reads: readonly string[]
}

/** The notes of one run. */
export class Reads {
  #names = new Set<string>()
  #aside = 0
  #open = true

  /** Somebody reads it. */
  add(name: string): void {
    if (this.#open && this.#aside === 0) this.#names.add(name)
  }

  /** Calls `work`, which is not the handler's: what it reads does not count. */
  aside<T>(work: () => T): T {
    this.#aside++
    try {
      return work()
    } finally {
      this.#aside--
    }
  }

  /** Ends the notes, with a last few: what the run reads from now on comes too late for its answer. */
  close(last: readonly string[] = []): void {
    for (const name of last) this.#names.add(name)
    this.#open = false
  }

  get names(): readonly string[] {
    return [...this.#names]
  }

  /** Notes by themselves what `work` reads before it returns. */
  during<T>(work: () => T): Read<T> {
    const kept = [this.#names, this.#aside, this.#open] as const
    const names = new Set<string>()
    this.#names = names
    this.#aside = 0
    this.#open = true
    try {
      const result = work()
      return { result, reads: [...names] }
    } finally {
      this.#names = kept[0]
      this.#aside = kept[1]
      this.#open = kept[2]
    }
  }
}
