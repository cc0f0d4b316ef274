// Orders the network about.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Condition, Role } from './fault-proxy.ts'

/** What the network is told to do. */
export type NetworkOrder =
  | { readonly type: 'condition'; readonly way: number; readonly role: Role; readonly condition: Condition }
  | { readonly type: 'lead'; readonly target?: number | undefined }

/** What it says: where its ways begin, and that an order is carried out. */
export type NetworkAnswer = { readonly type: 'listening'; readonly urls: readonly string[] } | { readonly type: 'done' }

const script = fileURLToPath(new URL('./network-process.ts', import.meta.url))

/** A way to Redis for each process. */
export class Network {
  readonly #child: ChildProcess
  /** Where each way begins. */
  readonly urls: readonly string[]
  #last: Promise<unknown> = Promise.resolve()

  private constructor(child: ChildProcess, urls: readonly string[]) {
    this.#child = child
    this.urls = urls
  }

  /** Resolves when all ways are open, and lead to `target`, a port on loopback. */
  static async start(ways: number, target: number): Promise<Network> {
    const child = fork(script, [`${ways}`, `${target}`], { execArgv: ['--import', 'tsx/esm'] })
    const [answer] = (await once(child, 'message')) as [NetworkAnswer & { type: 'listening' }]
    return new Network(child, answer.urls)
  }

  /** Puts one process's connections of a role into a condition; resolves when it is in force. */
  set(way: number, role: Role, condition: Condition): Promise<void> {
    return this.#order({ type: 'condition', way, role, condition })
  }

  /** Cuts all connections; new ones lead to this port, or nowhere. */
  lead(target: number | undefined): Promise<void> {
    return this.#order({ type: 'lead', target })
  }

  stop(): void {
    this.#child.disconnect()
  }

  /** One order after another: answers bear no name. */
  #order(order: NetworkOrder): Promise<void> {
    const done = this.#last.then(async () => {
      const answered = once(this.#child, 'message')
      this.#child.send(order)
      await answered
    })
    this.#last = done
    return done
  }
}
