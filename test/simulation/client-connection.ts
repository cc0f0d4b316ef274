// The connection of a simulated client: dials again and again, loses what was under way when it ends, and sends nothing twice.
import type { Link, Wire } from './network.ts'
import type { Command, RedisNode, Session } from './redis-node.ts'
import type { Trace } from './trace.ts'
import type { VirtualProcess } from './virtual-process.ts'

const CONNECT_TIMEOUT = 1_000
const DISCONNECT_TIMEOUT = 100
const retryDelay = (attempt: number) => Math.min(attempt * 25, 100)

/** What is connected to, and how. */
export interface Dialling {
  readonly process: VirtualProcess
  readonly link: Link
  /** The server that a new connection reaches now, if any listens. */
  readonly resolve: () => RedisNode | undefined
  /** Tells the client's connections apart. */
  readonly role: string
  readonly trace: Trace
}

interface Pending {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

type Listener = (...args: never[]) => void

/** One connection that comes back, as those of ioredis do with our settings. */
export class ClientConnection {
  readonly #dialling: Dialling
  readonly #listeners = new Map<string, Listener[]>()
  readonly #pending: Pending[] = []
  #wire: Wire | undefined
  #session: Session | undefined
  #node: RedisNode | undefined
  /** No more commands may be sent on this connection. */
  #ended = false
  #manual = false
  #attempts = 0
  #dials = 0
  #cancelRetry: () => void = () => undefined
  status = 'wait'

  constructor(dialling: Dialling) {
    this.#dialling = dialling
    this.#connect()
  }

  on(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? []
    this.#listeners.set(event, listeners)
    listeners.push(listener)
  }

  /** Says goodbye and waits a little for the answer. */
  disconnect(reconnect = false): void {
    if (!reconnect) {
      this.#manual = true
      this.#cancelRetry()
    }
    const wire = this.#wire
    const dial = this.#dials
    const { clock } = this.#dialling.process
    if (this.status === 'connecting') clock.after(DISCONNECT_TIMEOUT, () => this.#giveUp(dial))
    if (wire === undefined || this.#ended) return
    this.#ended = true
    const session = this.#session!
    const node = this.#node!
    // What was sent before still arrives, even after we have lost patience.
    wire.up.send(() => {
      node.sessions.delete(session)
      wire.down.send(() => {
        wire.close()
        this.#over(wire)
      })
    }, this.#dialling.process.present)
    clock.after(DISCONNECT_TIMEOUT, () => this.#over(wire))
  }

  /** Its process is gone; what that had sent still arrives. */
  abandon(): void {
    const wire = this.#wire
    const session = this.#session
    const node = this.#node
    wire?.up.send(() => {
      node!.sessions.delete(session!)
      wire.close()
    })
  }

  #connect(): void {
    const { link, process, resolve } = this.#dialling
    const dial = ++this.#dials
    this.status = 'connecting'
    this.#ended = false
    process.clock.after(CONNECT_TIMEOUT, () => this.#giveUp(dial))
    const arrived = () => {
      const node = link.refuses ? undefined : resolve()
      link.carry(() => process.perform(() => this.#dialled(dial, node)))
    }
    link.carry(arrived, process.present)
  }

  #dialled(dial: number, node: RedisNode | undefined): void {
    if (dial !== this.#dials || this.status !== 'connecting') return
    if (node?.alive === true) this.#connected(node)
    else this.#failed('connect ECONNREFUSED')
  }

  #connected(node: RedisNode): void {
    const { link, process } = this.#dialling
    const wire = link.wire(process, node)
    const session: Session = {
      wire,
      channels: new Set(),
      hear: (channel, text) =>
        wire.down.send(() => {
          if (this.#wire === wire) this.#emit('message', channel, text)
        }),
    }
    wire.clientLost = () => this.#over(wire)
    wire.serverLost = () => node.sessions.delete(session)
    node.sessions.add(session)
    this.#wire = wire
    this.#session = session
    this.#node = node
    this.status = 'connect'
    this.#emit('connect')
    this.#handshake(wire)
  }

  /** As ioredis tells its name first: a server that stands still takes connections and never speaks. */
  #handshake(wire: Wire): void {
    this.#request(
      () => 'CLIENT SETINFO',
      () => 'OK',
    ).then(
      () => {
        if (this.#wire !== wire || this.status !== 'connect') return
        this.status = 'ready'
        this.#attempts = 0
        this.#emit('ready')
      },
      () => undefined,
    )
  }

  #giveUp(dial: number): void {
    if (dial === this.#dials && this.status === 'connecting') this.#failed('connect ETIMEDOUT')
  }

  #failed(message: string): void {
    this.#dials++
    this.#emit('error', new Error(message))
    this.#closed()
  }

  #over(wire: Wire): void {
    if (this.#wire !== wire) return
    this.#wire = undefined
    this.#closed()
  }

  #closed(): void {
    this.status = this.#manual ? 'end' : 'reconnecting'
    for (const { reject } of this.#pending.splice(0)) reject(new Error('Connection is closed.'))
    if (!this.#manual) {
      this.#cancelRetry = this.#dialling.process.clock.after(retryDelay(++this.#attempts), () => this.#connect())
    }
    this.#emit('close')
    if (this.#manual) this.#emit('end')
  }

  /** Sends a command; rejects at once where nothing can be sent. */
  send<T>(name: () => string, command: Command): Promise<T> {
    if (this.status === 'ready' && !this.#ended) return this.#request(name, command)
    return Promise.reject(new Error("Stream isn't writeable and enableOfflineQueue options is false"))
  }

  #request<T>(name: () => string, command: Command): Promise<T> {
    const { process, trace } = this.#dialling
    if (trace.isOn) this.#note(`-> ${name()}`)
    const wire = this.#wire!
    const session = this.#session!
    const node = this.#node!
    this.#dialling.link.sent()
    return new Promise<T>((resolve, reject) => {
      this.#pending.push({ resolve, reject })
      wire.up.send(() => {
        const reply = node.execute(command, session)
        if (trace.isOn) trace.note(node.name, `${process.name} ${name()} = ${shown(reply)}`)
        if (node.sessions.has(session)) wire.down.send(() => this.#answered(wire, reply, name))
      }, process.present)
    })
  }

  #answered(wire: Wire, reply: unknown, name: () => string): void {
    if (this.#wire !== wire) return
    if (this.#dialling.trace.isOn) this.#note(`<- ${name()} = ${shown(reply)}`)
    const { resolve, reject } = this.#pending.shift()!
    if (reply instanceof Error) {
      if (reply.message.startsWith('READONLY')) this.disconnect(true)
      reject(reply)
    } else resolve(reply as never)
  }

  #note(text: string): void {
    const { process, role, trace } = this.#dialling
    trace.note(process.name, `${role} ${text}`)
  }

  #emit(event: string, ...args: unknown[]): void {
    if (this.#dialling.trace.isOn) this.#note(`${event} ${args.join(' ')}`)
    for (const listener of this.#listeners.get(event) ?? []) listener(...(args as never[]))
  }
}

function shown(reply: unknown): string {
  if (reply instanceof Error) return reply.message
  return Buffer.isBuffer(reply) ? `${reply.length} bytes` : JSON.stringify(reply)
}
