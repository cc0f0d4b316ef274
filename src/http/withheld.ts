/** Keeps a failure back until it is known whether something else goes out in its place. */
import type { ServerResponse } from 'node:http'

type Method = 'writeHead' | 'write' | 'end'

/** What a handler has sent meanwhile. */
interface Operation {
  readonly method: Method
  readonly args: readonly unknown[]
}

/** The operations on one response, in their order. The response reads as if they had been done. */
export class Withheld {
  readonly #res: ServerResponse
  readonly #pass: (method: Method, args: unknown[]) => unknown
  /** What `flushHeaders` was before, where it is not inherited: Node's own would form a head past all that is kept. */
  readonly #flushing: PropertyDescriptor | undefined
  #kept: Operation[] | undefined = []
  #isDropped = false

  constructor(res: ServerResponse, pass: (method: Method, args: unknown[]) => unknown) {
    this.#res = res
    this.#pass = pass
    this.#flushing = Object.getOwnPropertyDescriptor(res, 'flushHeaders')
    this.#seem('headersSent')
    Object.defineProperty(res, 'flushHeaders', { configurable: true, writable: true, value: () => undefined })
  }

  /** A head that comes after the one that is kept: Node refuses it as soon as the first has left, which the caller believes. */
  refuseHead(): never {
    const message = 'Cannot write headers after they are sent to the client'
    throw Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' })
  }

  /** Whether operations are for here to take: kept, or let fall. */
  get takes(): boolean {
    return this.#kept !== undefined || this.#isDropped
  }

  /** Takes one operation; reads as what it would return. */
  take(method: Method, args: readonly unknown[]): unknown {
    const callback = args.find((arg) => typeof arg === 'function') as (() => void) | undefined
    if (this.#isDropped) {
      if (callback !== undefined) process.nextTick(callback)
      return method === 'write' ? true : this.#res
    }
    // The caller may write to its chunk again before it is sent.
    this.#kept?.push({ method, args: args.map((arg) => (arg instanceof Uint8Array ? Buffer.from(arg) : arg)) })
    if (method === 'end') this.#seem('writableEnded')
    return method === 'write' ? false : this.#res
  }

  /** Lets all go that was kept. */
  release(): void {
    const kept = this.#kept ?? []
    this.#open()
    for (const { method, args } of kept) this.#pass(method, [...args])
    if (!this.#res.writableEnded) this.#res.emit('drain')
  }

  /** Something else went out: what was kept, and what comes, falls. */
  drop(): void {
    const callbacks = (this.#kept ?? []).flatMap(({ args }) => args.filter((arg) => typeof arg === 'function'))
    this.#open()
    this.#isDropped = true
    for (const callback of callbacks) process.nextTick(callback as () => void)
    if (!this.#res.writableEnded) this.#res.emit('drain')
  }

  #open(): void {
    this.#kept = undefined
    for (const name of ['headersSent', 'writableEnded', 'flushHeaders']) Reflect.deleteProperty(this.#res, name)
    if (this.#flushing !== undefined) Object.defineProperty(this.#res, 'flushHeaders', this.#flushing)
  }

  #seem(name: 'headersSent' | 'writableEnded'): void {
    Object.defineProperty(this.#res, name, { configurable: true, get: () => true })
  }
}
