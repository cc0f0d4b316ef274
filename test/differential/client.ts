// A client on raw sockets that keeps its connections, asks on several at once, pipelines, and leaves early.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { nothing, parseAnswer, type WireAnswer } from './wire-parser.ts'

/** One request as it goes out. */
export interface Outgoing {
  readonly method: string
  readonly target: string
  readonly fields: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** A server that said nothing for so long hangs. */
let patience = 10_000

/** Asks from now on with less patience: hangs have been seen, and are looked into. */
export function loseNoTime(): void {
  patience = 1_500
}

/** No burst is as large. */
const BESIDE = 15

/** The connections of one client to one server. */
export class Client {
  readonly #port: number
  readonly #connections: (Connection | undefined)[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Asks all at once, each on a connection of its own. */
  burst(requests: readonly Outgoing[]): Promise<WireAnswer[]> {
    return Promise.all(requests.map(async (request, i) => (await this.#connection(i).ask([request]))[0]!))
  }

  /** Asks on one connection, without waiting for answers in between. */
  pipeline(requests: readonly Outgoing[]): Promise<WireAnswer[]> {
    return this.#connection(0).ask(requests)
  }

  async ask(request: Outgoing): Promise<WireAnswer> {
    return (await this.pipeline([request]))[0]!
  }

  /** Asks on a connection that nothing else is asked on. */
  async beside(request: Outgoing): Promise<WireAnswer> {
    return (await this.#connection(BESIDE).ask([request]))[0]!
  }

  /** Asks and leaves: at once, or when the answer has begun. */
  async leave(request: Outgoing, begun: boolean): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(bytesOf(request))
    // Whether it ends or begins, whatever comes first.
    if (begun) await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => undefined)
    else await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
  }

  close(): void {
    for (const connection of this.#connections) connection?.close()
  }

  #connection(i: number): Connection {
    const kept = this.#connections[i]
    if (kept?.usable === true) return kept
    const fresh = new Connection(this.#port)
    this.#connections[i] = fresh
    return fresh
  }
}

/** What a connection waits for. */
interface Awaited {
  readonly isHead: boolean
  settle(answer: WireAnswer): void
}

class Connection {
  readonly #socket: Socket
  readonly #awaited: Awaited[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false
  #closing = false
  #extra = false

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.on('data', (bytes) => this.#read(bytes))
    this.#socket.on('error', () => undefined)
    this.#socket.on('end', () => this.#end())
    this.#socket.on('close', () => this.#end())
  }

  get usable(): boolean {
    return !this.#ended && !this.#closing
  }

  close(): void {
    this.#socket.destroy()
  }

  ask(requests: readonly Outgoing[]): Promise<WireAnswer[]> {
    const stuck = setTimeout(() => this.#socket.destroy(new Error('no answer')), patience)
    // By its own word nothing follows.
    this.#closing = requests.some(({ fields }) => fields.Connection === 'close')
    const answers = requests.map(
      ({ method }) =>
        new Promise<WireAnswer>((settle) => void this.#awaited.push({ isHead: method === 'HEAD', settle })),
    )
    this.#socket.write(requests.map(bytesOf).join(''), 'latin1')
    return Promise.all(answers).finally(() => clearTimeout(stuck))
  }

  #read(bytes: Buffer): void {
    // Bytes that nobody asked for are an answer in two pieces: its status line shows them.
    this.#extra ||= this.#awaited.length === 0
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes])
    this.#parse()
  }

  #parse(): void {
    while (this.#awaited.length > 0) {
      const parsed = parseAnswer(this.#bytes, this.#awaited[0]!.isHead, this.#ended)
      if (parsed === undefined) return
      this.#bytes = this.#bytes.subarray(parsed.end)
      const { answer } = parsed
      if (answer.fields.some(([name, value]) => /^connection$/i.test(name) && /\bclose\b/i.test(value)))
        this.#ended = true
      this.#awaited
        .shift()!
        .settle(this.#extra ? { ...answer, statusLine: `(extra bytes) ${answer.statusLine}` } : answer)
    }
    // What is left was asked by nobody.
    if (this.#bytes.length > 0) this.#extra = true
  }

  #end(): void {
    this.#ended = true
    this.#parse()
    for (const { settle } of this.#awaited.splice(0)) settle(nothing)
  }
}

function bytesOf({ method, target, fields, body }: Outgoing): string {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const length =
    body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  return `${method} ${target} HTTP/1.1\r\nHost: app.test\r\n${lines.join('')}${length}\r\n${body ?? ''}`
}
