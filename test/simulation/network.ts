// Simulated connections: first in, first out in each direction; slow, stuck, cut or dead without a word.
import type { Random } from '../consistency/random.ts'
import type { EventQueue, Instant } from './event-queue.ts'

/** One end of a connection: what arrives happens there, in one go where it arrived together. */
export interface End {
  perform(action: () => void): void
}

/** How a network behaves by itself, in ms one way. */
export interface Latency {
  readonly least: number
  /** On average, besides the least. */
  readonly more: number
}

/** The way between one process and the server, for one of its connections. */
export class Link {
  readonly #queue: EventQueue
  readonly #random: Random
  readonly #latency: Latency
  readonly #wires = new Set<Wire>()
  readonly #thawed: (() => void)[] = []
  /** Added to each packet's way, in ms. */
  extra = 0
  /** Nothing arrives until it thaws; then everything does. */
  isStuck = false
  /** Nobody listens at the other end. */
  refuses = false
  /** Is told when something is sent to the server. */
  sent: () => void = () => undefined

  constructor(queue: EventQueue, random: Random, latency: Latency) {
    this.#queue = queue
    this.#random = random
    this.#latency = latency
  }

  delay(): number {
    const { least, more } = this.#latency
    return least - Math.log(1 - this.#random.next()) * more + this.#random.next() * this.extra
  }

  /** Connects two ends. `lost` is told at the end whose connection is reset. */
  wire(client: End, server: End): Wire {
    const wire = new Wire(this.#queue, this, client, server, () => this.#wires.delete(wire))
    this.#wires.add(wire)
    return wire
  }

  stick(): void {
    this.isStuck = true
  }

  thaw(): void {
    this.isStuck = false
    for (const wire of this.#wires) wire.thaw()
    for (const action of this.#thawed.splice(0)) action()
  }

  /** Lets `action` happen at the other end, outside of any connection. */
  carry(action: () => void, from: Instant = this.#queue.now): void {
    this.#queue.at(from + this.delay(), () => {
      if (this.isStuck) this.#thawed.push(action)
      else action()
    })
  }

  /** Resets all connections: what is on its way is lost, and both ends hear of it. */
  cut(): void {
    for (const wire of [...this.#wires]) wire.reset()
  }

  /** Nothing ever arrives on the connections there are, and nobody is told. */
  sever(): void {
    for (const wire of this.#wires) wire.sever()
  }
}

/** A connection. */
export class Wire {
  readonly up: Pipe
  readonly down: Pipe
  readonly #client: End
  readonly #server: End
  readonly #over: () => void
  /** What each end does when the connection is gone. */
  clientLost: () => void = () => undefined
  serverLost: () => void = () => undefined

  constructor(queue: EventQueue, link: Link, client: End, server: End, over: () => void) {
    this.#client = client
    this.#server = server
    this.#over = over
    this.up = new Pipe(queue, link, server)
    this.down = new Pipe(queue, link, client)
  }

  thaw(): void {
    this.up.thaw()
    this.down.thaw()
  }

  sever(): void {
    this.up.close()
    this.down.close()
  }

  reset(): void {
    this.close()
    this.#server.perform(() => this.serverLost())
    this.#client.perform(() => this.clientLost())
  }

  /** Both ends know that it is over. */
  close(): void {
    this.sever()
    this.#over()
  }
}

interface Packet {
  readonly at: Instant
  readonly action: () => void
}

/** One direction of a connection. */
class Pipe {
  readonly #queue: EventQueue
  readonly #link: Link
  readonly #end: End
  #packets: Packet[] = []
  #lastFrom: Instant = Number.NEGATIVE_INFINITY
  #lastAt: Instant = 0
  #isPumping = false
  #closed = false

  constructor(queue: EventQueue, link: Link, end: End) {
    this.#queue = queue
    this.#link = link
    this.#end = end
  }

  /** @param from when the packet leaves */
  send(action: () => void, from: Instant = this.#queue.now): void {
    if (this.#closed) return
    // What leaves together travels together.
    if (from !== this.#lastFrom) this.#lastAt = Math.max(this.#lastAt, from + this.#link.delay())
    this.#lastFrom = from
    this.#packets.push({ at: this.#lastAt, action })
    this.#pumpLater()
  }

  thaw(): void {
    this.#pumpLater()
  }

  close(): void {
    this.#closed = true
    this.#packets = []
  }

  #pumpLater(): void {
    const first = this.#packets[0]
    if (first === undefined || this.#isPumping || this.#link.isStuck) return
    this.#isPumping = true
    this.#queue.at(first.at, () => this.#arrive())
  }

  #arrive(): void {
    if (this.#link.isStuck || this.#closed) {
      this.#isPumping = false
      return
    }
    this.#end.perform(() => this.#deliver())
  }

  /** What arrived while the end stood still is one piece. */
  #deliver(): void {
    const { now } = this.#queue
    while (!this.#closed && this.#packets.length > 0 && this.#packets[0]!.at <= now) this.#packets.shift()!.action()
    this.#isPumping = false
    this.#pumpLater()
  }
}
