// C4: how many runs of one answer there are at once.
import type { EventQueue, Instant } from './event-queue.ts'
import type { Judge, Knowledge } from './judge.ts'
import type { ShopRoute } from './shop.ts'
import type { Asked } from './verdict.ts'

/** Whoever runs handlers. */
export interface Runner {
  readonly knowledge: Knowledge
}

interface OpenRun {
  readonly runner: Runner
  /** How often the place had got a new version, as far as the request could know. */
  readonly knew: number
  readonly calm: boolean
}

/** After a run that could not be shared everyone who waited runs: for so long, in ms. None is for its asker alone by what it says, which would be remembered longer. */
const AFTERMATH = 6_000

/** Runs under way, per place. */
export class RunCount {
  readonly #queue: EventQueue
  readonly #judge: Judge
  readonly #shop: readonly ShopRoute[]
  readonly #open = new Map<string, Set<OpenRun>>()
  readonly #unshared = new Map<string, Instant>()

  constructor(queue: EventQueue, judge: Judge, shop: readonly ShopRoute[]) {
    this.#queue = queue
    this.#judge = judge
    this.#shop = shop
  }

  begin(runner: Runner, { route, thing }: Asked): () => void {
    const name = `${route} ${thing}`
    const all = this.#open.get(name) ?? new Set()
    this.#open.set(name, all)
    const { all: changes, old } = this.#judge.changes(route, thing)
    const calm = this.#queue.now > runner.knowledge.calmFrom && this.#queue.now > (this.#unshared.get(name) ?? 0)
    const run = { runner, knew: old, calm }
    all.add(run)
    const rivals = [...all].filter((one) => this.#shop[route]!.isFleet || one.runner === runner)
    const allowed = 1 + changes - Math.min(...rivals.map(({ knew }) => knew))
    if (rivals.length > allowed && rivals.every((one) => one.calm)) {
      const message = `${rivals.length} runs at once, at most ${allowed} versions`
      this.#judge.broke('C4 load', message, runner.knowledge, thing)
    }
    return () => void all.delete(run)
  }

  /** Answers cannot be shared, or one could not: everyone runs, for a while. */
  unshared(route: number, thing: number): void {
    this.#unshared.set(`${route} ${thing}`, this.#queue.now + AFTERMATH)
  }
}
