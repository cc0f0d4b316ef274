// Everything a fault may lay hands on: the processes, the network between them and Redis, and Redis itself.
import { now, pause } from '../clock.ts'
import type { Instant, Span } from '../history.ts'
import { Random } from '../random.ts'
import { Recorder } from '../recorder.ts'
import { Canary } from './canary.ts'
import type { Condition, Role } from './fault-proxy.ts'
import { Member, RECONNECT } from './member.ts'
import { Network } from './network.ts'
import { type Origin, startOrigin } from './origin.ts'
import { RedisSite } from './redis-site.ts'

/** How many processes, and what is wrong with them. */
export interface StageSettings {
  readonly processes: number
  readonly random: Random
  /** The safeguard that is taken away from each of them. */
  readonly mutant?: string | undefined
}

interface Parts {
  readonly recorder: Recorder
  readonly redis: RedisSite
  readonly origin: Origin
  readonly network: Network
  readonly members: readonly Member[]
  readonly canary: Canary
}

/** Real processes, Express and Koa in turn, each with its own way to one Redis. */
export class Stage {
  readonly #parts: Parts
  /** Of the present run. */
  random = new Random(0)
  #deadline: Instant = Number.POSITIVE_INFINITY

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Resolves when all processes serve and have reached Redis. */
  static async start({ processes, random, mutant }: StageSettings): Promise<Stage> {
    const recorder = new Recorder()
    const [redis, origin] = await Promise.all([RedisSite.start(), startOrigin(random.fork(), recorder)])
    const network = await Network.start(processes, redis.primary.port)
    const members = network.urls.map((url, i) => {
      const framework = i % 2 === 0 ? 'Express' : 'Koa'
      return new Member({ name: `${framework} ${i + 1}`, framework, redis: url, origin: origin.port, mutant }, recorder)
    })
    await Promise.all(members.map((member) => member.start()))
    await pause(RECONNECT)
    const stalled = ({ from, until }: Span) => recorder.outage({ from, until: until + RECONNECT })
    const canary = new Canary(() => redis.primary.port, stalled)
    return new Stage({ recorder, redis, origin, network, members, canary })
  }

  get recorder(): Recorder {
    return this.#parts.recorder
  }

  get redis(): RedisSite {
    return this.#parts.redis
  }

  get origin(): Origin {
    return this.#parts.origin
  }

  get members(): readonly Member[] {
    return this.#parts.members
  }

  /** Begins a run, with a history of its own, whose faults are over soon after the deadline. */
  begin(random: Random, deadline: Instant): void {
    this.random = random
    this.#deadline = deadline
    this.recorder.begin()
  }

  pickMember(): Member {
    return this.random.pick(this.members)
  }

  /** Puts the connections of a role between a member and Redis into a condition; resolves when it is in force. */
  setNetwork(member: Member, role: Role, condition: Condition): Promise<void> {
    return this.#parts.network.set(this.members.indexOf(member), role, condition)
  }

  /** Leads every process to this port, or nowhere. */
  lead(port: number | undefined): Promise<void> {
    return this.#parts.network.lead(port)
  }

  /** Lets time pass, at random between two numbers of milliseconds; what would go on past the deadline is cut short. */
  pause(low: number, high: number): Promise<void> {
    const left = Math.max(0, this.#deadline - now())
    return pause(Math.min(this.random.between(low, high), Math.max(low, left)))
  }

  /** Does what makes Redis unreachable for someone; when it is over, Redis answers everyone again. */
  async outage(work: () => Promise<void>): Promise<void> {
    const from = now()
    await work()
    this.recorder.outage({ from, until: now() + RECONNECT })
  }

  /** Does what changes version keys by other hands than a write's. */
  async upheaval(work: () => Promise<unknown>): Promise<void> {
    const from = now()
    await work()
    this.recorder.upheaval({ from, until: now() })
  }

  /** Ends everything; resolves to the exit codes of the processes. */
  async stop(): Promise<(number | null)[]> {
    const { members, network, origin, redis, canary } = this.#parts
    canary.stop()
    const codes = await Promise.all(members.map((member) => member.stop()))
    network.stop()
    await Promise.all([origin.stop(), redis.stop()])
    return codes
  }
}
