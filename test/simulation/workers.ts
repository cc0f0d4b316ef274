// Simulations in processes of their own, one at a time in each.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Run } from './campaign.ts'
import type { Simulation } from './simulate.ts'
import type { Outcome } from './world.ts'

/** Most of what a simulation makes is garbage at once: room for it costs less than looking through it. */
const HEAP = '--max-semi-space-size=64'

/** Processes that simulate. */
export class Workers {
  readonly #all: readonly Worker[]
  readonly #idle: Worker[]

  constructor(count: number) {
    this.#all = Array.from({ length: count }, () => new Worker())
    this.#idle = [...this.#all]
  }

  /** To be called at most as many times at once as there are workers. */
  readonly run: Run = async (simulation) => {
    const worker = this.#idle.pop()!
    const outcome = await worker.run(simulation)
    this.#idle.push(worker)
    return outcome
  }

  stop(): void {
    for (const worker of this.#all) worker.stop()
  }
}

class Worker {
  readonly #child: ChildProcess
  #resolve: (outcome: Outcome) => void = () => undefined
  #reject: (error: Error) => void = () => undefined

  constructor() {
    const script = fileURLToPath(new URL('worker.ts', import.meta.url))
    this.#child = fork(script, { execArgv: [...process.execArgv, HEAP] })
    this.#child.on('message', (outcome: Outcome) => this.#resolve(outcome))
    this.#child.on('exit', () => this.#reject(new Error('A worker died')))
  }

  run(simulation: Simulation): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
      this.#child.send(simulation)
    })
  }

  stop(): void {
    this.#child.kill()
  }
}
