// A handler that a test holds, and requests that wait for its answer: what tests of flights are made of.
import { expect } from 'chai'
import { type Deferred, deferred, eventually } from '../support/gate.ts'
import { type Answer, type SendOptions, send } from '../support/http-client.ts'

/** Counts the requests that have reached the place where flights are joined. Its `tags` is an option of the route. */
export class Arrivals {
  count = 0
  /** Joining follows in the same turn. */
  readonly tags = (): string[] => {
    this.count++
    return []
  }

  /** Resolves once `count` requests have led or joined a flight. */
  async reach(count: number): Promise<void> {
    await eventually(() => expect(this.count, 'requests arrived').to.equal(count), { within: 5_000 })
  }
}

/** Handler runs that wait until the test lets them go on. */
export class Gates {
  readonly #gates: Deferred<void>[] = []
  /** Runs waiting now. */
  running = 0
  /** The most that ever waited at once. */
  peak = 0

  /** Runs begun so far. */
  get begun(): number {
    return this.#gates.length
  }

  /** Waits for the test; resolves to the number of the run, from 1. */
  async wait(): Promise<number> {
    const gate = deferred()
    const run = this.#gates.push(gate)
    this.peak = Math.max(this.peak, ++this.running)
    await gate.promise
    this.running--
    return run
  }

  /** Resolves once `count` runs have begun. */
  async reach(count: number): Promise<void> {
    await eventually(() => expect(this.begun, 'runs begun').to.equal(count), { within: 5_000 })
  }

  /** Lets run number `run` go on, or all that have begun. */
  open(run?: number): void {
    if (run === undefined) for (const gate of this.#gates) gate.resolve()
    else this.#gates[run - 1]!.resolve()
  }
}

/** Sends a request that leads a flight and `followers` that join it; resolves once all have arrived. */
export async function crowd(
  port: number,
  path: string,
  followers: number,
  arrivals: Arrivals,
  options: SendOptions = {},
): Promise<Promise<Answer>[]> {
  const answers: Promise<Answer>[] = []
  for (let sent = 0; sent <= followers; sent++) {
    const before = arrivals.count
    const answer = send(port, path, options)
    answer.catch(() => {}) // whoever awaits it is told
    answers.push(answer)
    await arrivals.reach(before + 1)
  }
  return answers
}
