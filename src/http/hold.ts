/** Keeps the bytes of an answer back while something must happen before the first, and again before the last of a stream. */
import type { ServerResponse } from 'node:http'
import { mayAnnounceLength } from './response-fields.ts'

type Method = 'write' | 'end' | 'flushHeaders' | 'writeHead'
type Operation = { readonly method: Method; readonly args: readonly unknown[] }

/** @param last nothing of the answer follows what is held now */
export type Act = (last: boolean) => void | Promise<void>

/**
 * Calls `act` before the first byte of a successful answer (status < 400) leaves, and once more before the last one where the handler
 * sent bytes before it ended. While `act` is pending the response reads as if sent, `write` reports back-pressure and `drain` follows.
 *
 * @param act must settle by itself within a bounded time and not reject; undefined when there is nothing to wait for
 * @param patient once the client has left, waits until the handler shows that it has gone on: what `act` ends must not end too early
 */
export function holdAnswer(res: ServerResponse, act: Act, patient = false): void {
  const hold = new Hold(res, act, patient)
  res.write = ((...args: unknown[]) => hold.take({ method: 'write', args })) as ServerResponse['write']
  res.end = ((...args: unknown[]) => hold.take({ method: 'end', args })) as ServerResponse['end']
  res.flushHeaders = () => void hold.take({ method: 'flushHeaders', args: [] })
  // Over HTTP/2 a head that is formed has left.
  if (res.req.httpVersionMajor >= 2) {
    res.writeHead = ((...args: unknown[]) => hold.take({ method: 'writeHead', args })) as ServerResponse['writeHead']
  }
  res.once('close', () => hold.closed())
}

/** How long a handler may go on unseen after its client left, in ms. */
export const UNSEEN_MS = 30_000

/** When a write whose client left is bumped again, in ms: handlers may commit later and see no reason to say so. */
const LATE_ACTS = [1_000, 5_000, UNSEEN_MS]

const asIfSent = () => true

type Listener = (...args: unknown[]) => void

/** `before-first`: nothing sent; `streaming`: bytes sent, the end is still to be held; `open`: nothing left to hold. */
type Phase = 'before-first' | 'streaming' | 'open'

class Hold {
  readonly #res: ServerResponse
  readonly #act: Act
  readonly #patient: boolean
  readonly #below: Pick<ServerResponse, Method>
  #phase: Phase = 'before-first'
  #queue: Operation[] | undefined
  #sent = 0
  /** Those who began to wait for room while the answer was held. */
  readonly #waiting: Listener[] = []

  constructor(res: ServerResponse, act: Act, patient: boolean) {
    this.#res = res
    this.#act = act
    this.#patient = patient
    const { write, end, flushHeaders, writeHead } = res
    this.#below = { write, end, flushHeaders, writeHead }
    const { on } = res
    const listen = (...args: [string, Listener]) => {
      if (args[0] === 'drain' && this.#queue !== undefined) this.#waiting.push(args[1])
      return Reflect.apply(on, res, args)
    }
    Object.assign(res, { on: listen, addListener: listen })
  }

  take(operation: Operation): unknown {
    // The method below throws for a wrong chunk before it does anything else; so it must, at once and to its caller.
    if (!isSendable(operation)) return this.#pass(operation)
    if (this.#queue !== undefined) return this.#keep(this.#queue, operation)
    if (!this.#mustActBefore(operation)) return this.#pass(operation)
    const pending = this.#act(this.#phase === 'open')
    if (pending === undefined) return this.#pass(operation)
    this.#queue = []
    void pending.finally(() => this.#release())
    return this.#keep(this.#queue, operation)
  }

  /** The client left before the last act: acts now, whenever the handler shows that it goes on, and some times more. */
  closed(): void {
    if (this.#isOver) return
    if (!this.#patient) void this.#act(true)
    const { setHeader } = this.#res
    const again = (last: boolean) => this.#isOver || void this.#act(last)
    this.#res.setHeader = (...field) => {
      again(!this.#patient)
      return Reflect.apply(setHeader, this.#res, field)
    }
    for (const ms of this.#patient ? [UNSEEN_MS] : LATE_ACTS) setTimeout(again, ms, true).unref()
  }

  get #isOver(): boolean {
    return this.#phase === 'open' || this.#res.statusCode >= 400
  }

  #mustActBefore(operation: Operation): boolean {
    const ending = operation.method === 'end'
    if (this.#phase === 'streaming' && (ending || this.#isLastPart(operation))) {
      this.#phase = 'open'
      return true
    }
    if (this.#phase !== 'before-first') return false
    if (!formHead(this.#res, operation)) return false
    const status = operation.method === 'writeHead' ? Number(operation.args[0]) : this.#res.statusCode
    const succeeded = status < 400
    this.#phase = succeeded && !ending ? 'streaming' : 'open'
    return succeeded
  }

  /** With an announced length, the client has all before `end` is called. */
  #isLastPart({ method, args }: Operation): boolean {
    const announced = Number(this.#res.getHeader('Content-Length') ?? Number.POSITIVE_INFINITY)
    return method === 'write' && this.#sent + lengthOf(args[0], args[1]) >= announced
  }

  #keep(queue: Operation[], { method, args }: Operation): unknown {
    // The caller may write to its chunk again before it is sent.
    queue.push({ method, args: args.map((arg) => (arg instanceof Uint8Array ? Buffer.from(arg) : arg)) })
    for (const name of method === 'end' ? ['headersSent', 'writableEnded'] : ['headersSent']) {
      Object.defineProperty(this.#res, name, { configurable: true, get: asIfSent })
    }
    return method === 'write' ? false : this.#res
  }

  #release(): void {
    const kept = this.#queue ?? []
    this.#queue = undefined
    for (const name of ['headersSent', 'writableEnded']) {
      // Somebody else may have a word in it by now.
      if (Object.getOwnPropertyDescriptor(this.#res, name)?.get === asIfSent) Reflect.deleteProperty(this.#res, name)
    }
    try {
      // An `end` among them may start to hold again; what follows it is then kept behind it.
      const results = kept.map((operation) => this.take(operation))
      const room = results.findLast((result) => typeof result === 'boolean')
      if (room === true && this.#queue === undefined && !this.#res.writableEnded) this.#drained()
    } catch (error) {
      this.#res.destroy(error as Error)
    }
  }

  /** Tells those who wait for room. Middleware outside may have led their listeners to a stream of its own (compression does). */
  #drained(): void {
    const led = this.#waiting.filter((listener) => !this.#res.rawListeners('drain').includes(listener))
    this.#res.emit('drain')
    for (const listener of led) Reflect.apply(listener, this.#res, [])
  }

  #pass({ method, args }: Operation): unknown {
    if (method === 'write') this.#sent += lengthOf(args[0], args[1])
    return Reflect.apply(this.#below[method] as (...args: unknown[]) => unknown, this.#res, args)
  }
}

function isSendable({ method, args }: Operation): boolean {
  if (method === 'flushHeaders' || method === 'writeHead') return true
  const [chunk, encoding] = args
  if (typeof chunk === 'string') return typeof encoding !== 'string' || Buffer.isEncoding(encoding)
  if (chunk instanceof Uint8Array) return true
  return method === 'end' && (chunk === undefined || chunk === null || typeof chunk === 'function')
}

/**
 * Forms the head now, so that it reads as sent; `end` alone would have added the length of its chunk.
 *
 * @returns false when no head can be formed: the operation itself then fails as it would without us
 */
function formHead(res: ServerResponse, { method, args }: Operation): boolean {
  if (res.headersSent || res.req.httpVersionMajor >= 2) return true
  const bodiless = res.statusCode === 204 || res.statusCode === 304 || res.req.method === 'HEAD'
  const announces = method === 'end' && !bodiless && mayAnnounceLength(res)
  try {
    if (announces) res.setHeader('Content-Length', lengthOf(args[0], args[1]))
    res.writeHead(res.statusCode)
    return true
  } catch {
    if (announces && !res.headersSent) res.removeHeader('Content-Length')
    return false
  }
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
