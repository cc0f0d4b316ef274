// One fault: it comes and goes while memory is asked as fast as it answers, then under even load beside the control.
import { loadavg } from 'node:os'
import { now, pause } from '../../consistency/clock.ts'
import { askForAll, memoryHits } from '../load/closed-loop.ts'
import type { Fault } from './faults.ts'
import { HOT, POOL } from './keys.ts'
import { type Measured, measure } from './measured.ts'
import { recovery } from './recovery.ts'
import type { Stage } from './stage.ts'
import { Traffic } from './traffic.ts'

/** How long a trial takes its time. */
export interface Times {
  /** How often the fault comes and goes while memory is asked. */
  readonly cycles: number
  /** Milliseconds of each slice without the fault; with it twice as many: it is to outlast what was validated before. */
  readonly slice: number
  /** Milliseconds under the fault and under load. */
  readonly fault: number
  /** Milliseconds of load before the fault and after it. */
  readonly around: number
  /** Requests per second to the application, and as many to the control. */
  readonly rate: number
}

/** Clients that ask memory without a pause. */
const CLIENTS = 8
/** Requests at a time while memory is filled. */
const WARMERS = 50
/** So many hits compile the code behind them; on a busy machine it must do after so many ms. */
const WARM_HITS = 15_000
const WARM_UP = 6_000

/** One fault on one stage. */
export class Trial {
  readonly #stage: Stage
  readonly #fault: Fault
  readonly #times: Times
  readonly #recoveries: number[] = []
  readonly #slices: { healthy: number; during: number }[] = []
  readonly #episodes: Stage['app']['logged'][number]['event'][][] = []

  constructor(stage: Stage, fault: Fault, times: Times) {
    this.#stage = stage
    this.#fault = fault
    this.#times = times
  }

  async run(): Promise<Measured> {
    const { app, peer } = this.#stage
    await this.#warm()
    if (this.#fault.atBoot) await this.#slicesAfterBoot()
    else await this.#slicesInTurn()
    const loaded = await this.#load()
    return measure({
      fault: this.#fault.name,
      framework: this.#stage.framework,
      slices: this.#slices,
      recoveries: this.#recoveries,
      episodes: this.#episodes,
      crashed: !this.#stage.isWhole || app.ended || peer.ended,
      load: loadavg()[0]!,
      ...loaded,
    })
  }

  /** Fills both tiers, and lets the code be compiled. */
  async #warm(): Promise<void> {
    const { app, control } = this.#stage
    await askForAll(app.clients, [...POOL, ...HOT], WARMERS)
    await askForAll(control.clients, POOL, WARMERS)
  }

  #hits(ms = this.#times.slice): Promise<number> {
    return memoryHits(this.#stage.app.clients, HOT, ms, CLIENTS)
  }

  /** What is not compiled yet is slow by itself, with a fault or without. */
  async #compile(): Promise<void> {
    const begun = now()
    for (let hits = 0; hits < WARM_HITS && now() - begun < WARM_UP; ) hits += (await this.#hits(250)) / 4
  }

  async #slicesInTurn(): Promise<void> {
    await this.#compile()
    let before = await this.#hits()
    for (let i = 0; i < this.#times.cycles; i++) {
      await this.#inject()
      const during = await this.#hits(2 * this.#times.slice)
      await this.#heal()
      const after = await this.#hits()
      this.#slices.push({ healthy: (before + after) / 2, during })
      before = after
    }
  }

  /** A process that has just begun is slow by itself: only itself, after the fault, is its measure. */
  async #slicesAfterBoot(): Promise<void> {
    await this.#inject()
    await this.#compile()
    const during = await this.#hits(2 * this.#times.slice)
    await this.#heal()
    await this.#hits()
    this.#slices.push({ healthy: await this.#hits(), during })
  }

  async #load() {
    const { fault, around, rate } = this.#times
    if (this.#fault.atBoot) {
      await this.#inject()
      await this.#warm()
    }
    const before = await this.#stage.app.inspect()
    const traffic = new Traffic(this.#stage, rate)
    await pause(around)
    // What was measured before is no part of the fault.
    traffic.reset()
    if (!this.#fault.atBoot) await this.#inject()
    await pause(fault)
    await traffic.stop()
    const during = await this.#stage.app.inspect()
    traffic.resume()
    await this.#heal()
    await pause(around)
    await traffic.stop()
    const after = await this.#stage.app.inspect()
    return { app: traffic.app, control: traffic.control, before, during, after }
  }

  async #inject(): Promise<void> {
    if (!this.#fault.atBoot) this.#stage.app.logged.length = 0
    await this.#fault.inject(this.#stage)
  }

  async #heal(): Promise<void> {
    await this.#fault.heal(this.#stage)
    const round = `${this.#fault.name}-${performance.now().toFixed(0)}`
    this.#recoveries.push(await recovery(this.#stage, round))
    this.#episodes.push(this.#stage.app.logged.map(({ event }) => event))
  }
}
