// The network between one process and Redis: breaks on command, for the connection that asks, for the one that hears, or for both.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Relay, relay } from '../../support/relay.ts'

/** `messages` is the connection that subscribed, `commands` every other one. */
export type Role = 'commands' | 'messages'

/**
 * What happens to the traffic of a role.
 *
 * - `drop`: nothing arrives; what was sent arrives late, once the way is free.
 * - `mute`: the same for what Redis says; it hears what it is asked.
 * - `{ delay }`: each piece arrives that many milliseconds later, in order.
 * - `halfOpen`: Redis's side is gone and nobody told the process. Such a connection stays dead.
 */
export type Condition = 'pass' | 'drop' | 'mute' | 'halfOpen' | { readonly delay: number }

interface Link {
  readonly process: Socket
  readonly redis: Socket
  readonly relays: readonly Relay[]
  role: Role
}

const SUBSCRIBE = /\r\nsubscribe\r\n/i

/** One process's way to Redis. */
export class FaultProxy {
  readonly #links = new Set<Link>()
  readonly #stranded = new Set<Socket>()
  readonly #conditions: Record<Role, Condition> = { commands: 'pass', messages: 'pass' }
  readonly #server: Server
  #target: number | undefined

  /** @param target Redis's port on loopback */
  constructor(target: number) {
    this.#target = target
    this.#server = createServer((socket) => this.#accept(socket))
  }

  async start(): Promise<void> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Puts the network of a role into a condition, for present connections and for new ones. */
  set(role: Role, condition: Condition): void {
    this.#conditions[role] = condition
    for (const link of [...this.#links]) this.#apply(link)
  }

  /** Closes all connections; new ones lead to this port, or are closed at once where there is none. */
  lead(target: number | undefined): void {
    this.#target = target
    for (const { process, redis } of this.#links) {
      process.destroy()
      redis.destroy()
    }
    for (const socket of this.#stranded) socket.destroy()
  }

  stop(): void {
    this.lead(undefined)
    this.#server.close()
  }

  #accept(process: Socket): void {
    process.on('error', () => {})
    if (this.#target === undefined) {
      process.destroy()
      return
    }
    const redis = connect(this.#target, '127.0.0.1').setNoDelay()
    process.setNoDelay()
    // Before the relay: a request to subscribe is itself subject to what happens to messages.
    process.on('data', (bytes) => this.#recognize(link, bytes))
    const delay = () => delayOf(this.#conditions[link.role])
    const isAsked = () => this.#conditions[link.role] !== 'drop'
    const isHeard = () => isAsked() && this.#conditions[link.role] !== 'mute'
    const relays = [relay(process, redis, delay, isAsked), relay(redis, process, delay, isHeard)]
    const link: Link = { process, redis, relays, role: 'commands' }
    this.#links.add(link)
    process.once('close', () => this.#links.delete(link))
    this.#apply(link)
  }

  #recognize(link: Link, bytes: Buffer): void {
    if (link.role === 'messages' || !SUBSCRIBE.test(bytes.toString('latin1'))) return
    link.role = 'messages'
    this.#apply(link)
  }

  #apply(link: Link): void {
    if (this.#conditions[link.role] === 'halfOpen') this.#strand(link)
    for (const { pump } of link.relays) pump()
  }

  /** Ends Redis's side, and lets the process talk to nobody. */
  #strand({ process, redis }: Link): void {
    for (const link of this.#links) if (link.process === process) this.#links.delete(link)
    process.removeAllListeners()
    redis.removeAllListeners().on('error', () => {})
    redis.destroy()
    this.#stranded.add(process)
    process.on('error', () => {}).resume()
    process.once('close', () => this.#stranded.delete(process))
  }
}

function delayOf(condition: Condition): number {
  return typeof condition === 'object' ? condition.delay : 0
}
