/** At most one run under way and one waiting per name: a storm of equal requests costs two. */

/** Runs work by name. A caller is answered by work that began after it called. */
export class Coalesced {
  readonly #current = new Map<string, Promise<void>>()
  readonly #next = new Map<string, Promise<void>>()

  /** Starts `work` now, or once the run under way is over, together with everyone else who waits by then. */
  run(name: string, work: () => Promise<void>): Promise<void> {
    const waiting = this.#next.get(name)
    if (waiting !== undefined) return waiting
    const current = this.#current.get(name)
    if (current === undefined) return this.#start(name, work)
    const next = current.then(
      () => this.#startNext(name, work),
      () => this.#startNext(name, work),
    )
    this.#next.set(name, next)
    return next
  }

  #startNext(name: string, work: () => Promise<void>): Promise<void> {
    this.#next.delete(name)
    return this.#start(name, work)
  }

  #start(name: string, work: () => Promise<void>): Promise<void> {
    const running = work().finally(() => {
      if (this.#current.get(name) === running) this.#current.delete(name)
    })
    this.#current.set(name, running)
    return running
  }
}
