// The Redis that an application is given an address of: one primary at a time, and what may take its place.
import type { Random } from '../consistency/random.ts'
import type { EventQueue } from './event-queue.ts'
import { RedisNode } from './redis-node.ts'
import type { Script } from './scripts.ts'

interface Options {
  readonly queue: EventQueue
  readonly random: Random
  /** Scripts of weakened parts, by their text. */
  readonly others: ReadonlyMap<string, Script>
  /** Is told of what a primary publishes. */
  readonly announced: (text: string) => void
}

/** All servers. */
export class Site {
  readonly #options: Options
  readonly #nodes: RedisNode[] = []
  primary: RedisNode
  /** Whom new connections reach; undefined where nobody answers. */
  reached: RedisNode | undefined

  constructor(options: Options) {
    this.#options = options
    this.primary = this.#node()
    this.reached = this.primary
  }

  /** A replica of the primary, `lag` ms behind on average. */
  attach(lag: number): RedisNode {
    const replica = this.#node()
    replica.follow(this.primary)
    replica.lag = lag
    this.primary.lag = lag
    return replica
  }

  /** Another server is the primary from here on, with what it knows. The former one acknowledges nothing more. */
  lead(node: RedisNode): void {
    if (this.primary.alive) this.primary.demote()
    node.promote()
    this.primary = node
  }

  #node(): RedisNode {
    const { queue, random, others, announced } = this.#options
    const node = new RedisNode(`redis-${this.#nodes.length}`, queue, random.fork(), others)
    node.announced = announced
    this.#nodes.push(node)
    return node
  }
}
