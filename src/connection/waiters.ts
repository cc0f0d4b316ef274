/** Those who wait for Redis. */
import { type Clock, within } from '../clock.ts'

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Lets any number wait for one event that may come many times. */
export class Waiters {
  readonly #clock: Clock
  readonly #waiting = new Set<Waiter>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves with the next `resolve()`; rejects with the next `reject()`, or with `late()` after `ms`. */
  async wait(ms: number, late: () => Error): Promise<void> {
    let waiter: Waiter | undefined
    const opened = new Promise<void>((resolve, reject) => {
      waiter = { resolve, reject }
      this.#waiting.add(waiter)
    })
    await within(this.#clock, ms, opened, late).finally(() => this.#waiting.delete(waiter!))
  }

  resolve(): void {
    for (const { resolve } of this.#waiting) resolve()
  }

  reject(error: Error): void {
    for (const { reject } of this.#waiting) reject(error)
  }
}
