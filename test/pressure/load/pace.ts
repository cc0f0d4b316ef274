// An open loop: requests leave when they are due, however slow the answers to former ones are.
import { now } from '../../consistency/clock.ts'

/** Milliseconds between two looks at what is due. */
const TICK = 4

/** Fires at a rate until it is stopped; what a stall of ours held up is caught up with. */
export class Pace {
  readonly #interval: number
  readonly #fire: () => void
  #due = 0
  #timer: NodeJS.Timeout | undefined

  /** @param rate times per second */
  constructor(rate: number, fire: () => void) {
    this.#interval = 1_000 / rate
    this.#fire = fire
    this.resume()
  }

  resume(): void {
    this.#due = now()
    this.#timer = setInterval(() => this.#catchUp(), TICK)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #catchUp(): void {
    for (const until = now(); this.#due <= until; this.#due += this.#interval) this.#fire()
  }
}
