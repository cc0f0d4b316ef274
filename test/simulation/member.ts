// A place in the fleet: a process and its ways to Redis; when the process dies another one takes the place.
import type { Clock } from '../../src/clock.ts'
import { TokenTable } from '../../src/versions/table.ts'
import type { Weakness } from '../consistency/mutants/mutant.ts'
import type { Random } from '../consistency/random.ts'
import type { Instant } from './event-queue.ts'
import { Life, type Surroundings } from './life.ts'
import { Link } from './network.ts'
import { SimulatedClient } from './redis-client.ts'
import type { RedisNode } from './redis-node.ts'
import { VirtualProcess } from './virtual-process.ts'

/** How long a marker outlives its writer, and how often it is renewed, in ms of simulated time. */
export const INTENT_TIMES = { life: 1_500, every: 400 } as const

/** Between two bursts that something which happened in a process gave rise to, in ms: what they lead to must not feed them. */
const EAGER_GAP = 1

/** What all members share. */
export interface Fleet extends Surroundings {
  readonly random: Random
  readonly resolve: () => RedisNode | undefined
  readonly touched: (process: VirtualProcess) => void
  /** What is weakened in a process that has this clock. */
  readonly weaken: (clock: Clock) => Weakness
  /** Whether clients still ask. */
  readonly isOpen: () => boolean
}

/** One process after another. */
export class Member {
  readonly name: string
  readonly links: { readonly commands: Link; readonly messages: Link }
  readonly #fleet: Fleet
  readonly #random: Random
  #clients: SimulatedClient[] = []
  #lives = 0
  #lastEager = 0
  life: Life

  constructor(name: string, fleet: Fleet) {
    this.name = name
    this.#fleet = fleet
    this.#random = fleet.random.fork()
    const { queue, workload } = fleet
    const link = () => new Link(queue, this.#random.fork(), workload.latency)
    this.links = { commands: link(), messages: link() }
    this.life = this.#begin()
  }

  get isAlive(): boolean {
    return this.life.process.alive
  }

  /** Whether what has just happened is followed by a burst at once. */
  isEager(now: Instant): boolean {
    const { process } = this.life
    if (process.standsStill || now < this.#lastEager + EAGER_GAP) return false
    if (!process.random.chance(this.#fleet.workload.eager)) return false
    this.#lastEager = now
    return true
  }

  kill(): void {
    this.life.process.kill()
    for (const client of this.#clients) client.abandon()
  }

  restart(): void {
    this.life = this.#begin()
  }

  #begin(): Life {
    const { queue, touched, weaken, workload, shop, things, judge, isOpen } = this.#fleet
    const random = this.#random.fork()
    const process = new VirtualProcess(`${this.name}.${++this.#lives}`, queue, random, touched)
    const parts = {
      clock: process.clock,
      random: () => random.next(),
      digits: () => digits(random),
      tokenTable: () => new TokenTable(workload.isForgetful ? shop.length + things.length : 100_000),
      intentTimes: INTENT_TIMES,
    }
    const weakness = weaken(process.clock)
    const weakened = { ...weakness, parts: { ...parts, ...weakness.parts } }
    const life = new Life(this.#fleet, process, this.#source(process), weakened)
    process.resumed = () => {
      if (isOpen()) life.burst(workload.burst)
    }
    if (workload.isForgetful) judge.trouble(life.knowledge, Number.POSITIVE_INFINITY)
    process.stopped = (ms) => judge.trouble(life.knowledge, queue.now + ms)
    return life
  }

  /** What a user gives as `redis`: a client that ours are copied from. */
  #source(process: VirtualProcess): object {
    const { resolve, trace } = this.#fleet
    const roles: ('commands' | 'messages')[] = ['commands', 'messages']
    this.#clients = []
    const duplicate = () => {
      const role = roles.shift()!
      const client = new SimulatedClient({ process, link: this.links[role], role, resolve, trace })
      this.#clients.push(client)
      return client
    }
    return { duplicate, getBuffer: duplicate, options: {} }
  }
}

function digits(random: Random): string {
  const half = () =>
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}
