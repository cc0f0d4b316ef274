// What happens to a soak, drawn from its seed: to Redis, to the network, to the database.
import { now, pause } from '../../consistency/clock.ts'
import type { Random } from '../../consistency/random.ts'
import type { Site } from './site.ts'

interface Fault {
  readonly name: string
  strike(site: Site, ms: number): Promise<void>
}

/** Between two faults, and how long one lasts, in ms. */
const QUIET = [1_500, 5_000] as const
const LASTS = [200, 3_000] as const
/** Until everything holds again: the second of the contract, and what a busy machine adds, in ms. */
const RECOVERY = 2_500

const faults: readonly Fault[] = [
  {
    name: 'freeze',
    async strike({ redis }, ms) {
      await redis.freeze()
      await pause(ms)
      redis.thaw()
    },
  },
  {
    name: 'reset',
    async strike({ proxy }, ms) {
      await proxy.set('reset')
      await pause(ms)
      await proxy.set('pass')
    },
  },
  { name: 'flush', strike: async ({ redis }) => void (await redis.cli('FLUSHALL')) },
  {
    name: 'kill',
    async strike({ redis }, ms) {
      await redis.kill()
      await pause(ms)
      await redis.start()
    },
  },
  { name: 'slow handler', strike: (site, ms) => moody(site, 'slow', ms) },
  { name: 'failing handler', strike: (site, ms) => moody(site, 'failing', ms) },
]

async function moody({ database }: Site, mood: Site['database']['mood'], ms: number): Promise<void> {
  database.mood = mood
  await pause(ms)
  database.mood = 'well'
}

/** One fault after another until it is stopped. */
export class Faults {
  readonly #site: Site
  readonly #random: Random
  readonly #counts = new Map<string, number>()
  #current: string | undefined
  #recoveredAt = 0
  #stopped = false
  readonly #done: Promise<void>

  constructor(site: Site, random: Random) {
    this.#site = site
    this.#random = random
    this.#done = this.#run()
  }

  /** How often each struck. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /** Something is broken, or was until a moment ago. */
  get isTroubled(): boolean {
    return this.#current !== undefined || now() < this.#recoveredAt
  }

  /** Resolves when the last one is over. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const random = this.#random.fork()
      await this.#quiet(random.between(...QUIET))
      if (this.#stopped) return
      const fault = random.pick(faults)
      this.#current = fault.name
      this.#counts.set(fault.name, (this.#counts.get(fault.name) ?? 0) + 1)
      await fault.strike(this.#site, random.between(...LASTS))
      this.#current = undefined
      this.#recoveredAt = now() + RECOVERY
    }
  }

  async #quiet(ms: number): Promise<void> {
    for (const end = now() + ms; now() < end && !this.#stopped; ) await pause(50)
  }
}
