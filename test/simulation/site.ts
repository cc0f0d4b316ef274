// The Redis that an application is given an address of: one primary at a time, and what may take its place.
import type { Random } from '../consistency/random.ts'
import type { EventQueue } from './event-queue.ts'
import { RedisNode } from './redis-node.ts'
import type { Script } from './scripts.ts'
import type { Trace } from './trace.ts'

interface Options {
  readonly queue: EventQueue
  readonly random: Random
  readonly trace: Trace
  /** Scripts of weakened parts, by their text. */
  readonly others: ReadonlyMap<string, Script>
  /** Is told of what a primary publishes. */
  readonly announced: (text: string) => void
}

type Snapshot = ReturnType<RedisNode['store']['snapshot']>

/** How a server comes back. */
interface Restart {
  /** ms until it runs again, and then until it answers. */
  readonly down: number
  readonly loading: number
  /** Nobody is told that it died. */
  readonly withMachine: boolean
}

/** How a replica becomes the primary. */
interface Promotion {
  /** ms until everyone finds it. */
  readonly gap: number
  readonly dies: boolean
}

/** All servers. One primary at a time acknowledges. */
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

  /** Kills a server and starts it again from a snapshot. */
  restart(node: RedisNode, snapshot: Snapshot, { down, loading, withMachine }: Restart): void {
    const { queue, trace } = this.#options
    trace.note(node.name, withMachine ? 'dies with its machine' : 'dies')
    node.die(withMachine)
    node.loading = true
    queue.after(down, () => {
      trace.note(node.name, 'starts from a snapshot')
      node.start(snapshot)
    })
    queue.after(down + loading, () => {
      node.loading = false
    })
  }

  /** Makes a replica the primary. The former one dies, or goes on as its replica, with or without its clients. */
  promote(replica: RedisNode, { gap, dies }: Promotion): void {
    const { random, queue, trace } = this.#options
    const former = this.primary
    trace.note(replica.name, `takes the place of ${former.name}, which ${dies ? 'dies' : 'follows'}`)
    if (random.chance(0.5)) this.reached = undefined
    if (dies) former.die(random.chance(0.3))
    else former.demote()
    replica.promote()
    this.primary = replica
    if (!dies) {
      const part = random.pick([0, 0.5, 1])
      former.disconnect(() => random.chance(part))
      queue.after(random.next() * gap, () => former.follow(replica))
    }
    queue.after(gap, () => {
      this.reached = this.primary
    })
  }

  #node(): RedisNode {
    const { queue, random, others, announced } = this.#options
    const node = new RedisNode(`redis-${this.#nodes.length}`, queue, random.fork(), others)
    node.announced = announced
    this.#nodes.push(node)
    return node
  }
}
