// A loopback TCP proxy in front of a server, to break the network between the two on command.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePort } from './free-port.ts'
import { type Relay, relay } from './relay.ts'

/**
 * What happens to the traffic.
 *
 * - `pass`: it goes through.
 * - `drop`: nothing arrives on either side, as behind a firewall that drops packets. TCP keeps what was sent: it arrives
 *   late, once the proxy passes again.
 * - `{ delay }`: each piece arrives that many milliseconds later, in order.
 * - `refuse`: open connections are closed and new ones refused, as when the server's process is gone.
 * - `reset`: open connections and each new one are reset.
 * - `halfOpen`: the server's side is gone and nobody told the client, as after a power cut. Such a connection stays dead;
 *   one that is made after the proxy passes again works.
 */
export type ProxyMode = 'pass' | 'drop' | 'refuse' | 'reset' | 'halfOpen' | { readonly delay: number }

interface Link {
  readonly client: Socket
  readonly server: Socket
  readonly relays: readonly Relay[]
}

/** A proxy on a port of its own whose mode may change at any time. */
export class TcpProxy {
  readonly port: number
  readonly #target: number
  readonly #links = new Set<Link>()
  readonly #dead = new Set<Socket>()
  #listener: Server | undefined
  #mode: ProxyMode = 'pass'

  constructor(port: number, target: number) {
    this.port = port
    this.#target = target
  }

  /** The connections that clients hold open through us now. */
  get connections(): number {
    return this.#links.size + this.#dead.size
  }

  /** Resolves when the mode is in force, for open connections and for new ones. */
  async set(mode: ProxyMode): Promise<void> {
    this.#mode = mode
    if (mode === 'refuse') this.#unlisten()
    else await this.#listen()
    for (const link of [...this.#links]) this.#apply(mode, link)
  }

  /** Closes all connections and the port. */
  async stop(): Promise<void> {
    await this.set('refuse')
    for (const client of this.#dead) client.destroy()
  }

  async #listen(): Promise<void> {
    if (this.#listener !== undefined) return
    this.#listener = createServer((client) => this.#accept(client)).listen(this.port, '127.0.0.1')
    await once(this.#listener, 'listening')
  }

  #unlisten(): void {
    this.#listener?.close()
    this.#listener = undefined
  }

  #accept(client: Socket): void {
    if (this.#mode === 'reset') client.resetAndDestroy()
    else if (this.#mode === 'halfOpen') this.#strand(client)
    else this.#link(client)
  }

  #link(client: Socket): void {
    const server = connect(this.#target, '127.0.0.1').setNoDelay()
    client.setNoDelay()
    const delay = () => (typeof this.#mode === 'object' ? this.#mode.delay : 0)
    const isOpen = () => this.#mode !== 'drop'
    const relays = [relay(client, server, delay, isOpen), relay(server, client, delay, isOpen)]
    const link = { client, server, relays }
    this.#links.add(link)
    client.once('close', () => this.#links.delete(link))
  }

  #apply(mode: ProxyMode, link: Link): void {
    if (mode === 'refuse') link.client.destroy()
    if (mode === 'reset') link.client.resetAndDestroy()
    if (mode === 'halfOpen') this.#lose(link)
    for (const { pump } of link.relays) pump()
  }

  /** Ends the server's side of a connection without a word to the client. */
  #lose(link: Link): void {
    this.#links.delete(link)
    link.client.removeAllListeners()
    link.server.removeAllListeners().on('error', () => {})
    link.server.destroy()
    this.#strand(link.client)
  }

  /** Lets a client talk to nobody. */
  #strand(client: Socket): void {
    this.#dead.add(client)
    client.on('error', () => {}).resume()
    client.once('close', () => this.#dead.delete(client))
  }
}

/** Starts a proxy in front of `target`, a port on loopback, and resolves when it passes. */
export async function startProxy(target: number): Promise<TcpProxy> {
  const proxy = new TcpProxy(await freePort(), target)
  await proxy.set('pass')
  return proxy
}
