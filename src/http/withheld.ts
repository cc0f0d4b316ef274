/** Keeps a failure back until it is known whether something else goes out in its place. */
import type { ServerResponse } from 'node:http'
import { LedListeners } from './led-listeners.ts'

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
  /** What is laid over the response, and what was there before where it was not inherited. */
  readonly #before = new Map<string, PropertyDescriptor | undefined>()
  readonly #led = new LedListeners()
  #kept: Operation[] | undefined = []
  #isDropped = false

  constructor(res: ServerResponse, pass: (method: Method, args: unknown[]) => unknown) {
    this.#res = res
    this.#pass = pass
    this.#lay('headersSent', { get: () => true })
    // Node's own would form a head past all that is kept.
    this.#lay('flushHeaders', { writable: true, value: () => undefined })
    // Middleware below may lead those who wait for room elsewhere: there nobody knows that room was what they lacked.
    for (const name of ['on', 'addListener'] as const) {
      const below = res[name] as (...args: unknown[]) => unknown
      const value = (...args: unknown[]) => {
        this.#led.note(name, args)
        return Reflect.apply(below, res, args)
      }
      this.#lay(name, { writable: true, value })
    }
  }

  /** Whether operations are for here to take: kept, or let fall. */
  get takes(): boolean {
    return this.#kept !== undefined || this.#isDropped
  }

  /** A head that comes after the one that is kept: Node refuses it as soon as the first has left, which the caller believes. */
  refuseHead(): never {
    const message = 'Cannot write headers after they are sent to the client'
    throw Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' })
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
    if (method === 'end') this.#lay('writableEnded', { get: () => true })
    return method === 'write' ? false : this.#res
  }

  /** Lets all go that was kept. */
  release(): void {
    const kept = this.#kept ?? []
    this.#open()
    for (const { method, args } of kept) this.#pass(method, [...args])
    this.#goOn()
  }

  /** Something else went out: what was kept, and what comes, falls. */
  drop(): void {
    const callbacks = (this.#kept ?? []).flatMap(({ args }) => args.filter((arg) => typeof arg === 'function'))
    this.#open()
    this.#isDropped = true
    for (const callback of callbacks) process.nextTick(callback as () => void)
    this.#goOn()
  }

  /** There is room again. */
  #goOn(): void {
    const res = this.#res
    if (res.writableEnded) return
    const known = res.listeners('drain')
    res.emit('drain')
    for (const listener of this.#led.listeners) if (!known.includes(listener)) listener.call(res)
  }

  #open(): void {
    this.#kept = undefined
    for (const [name, descriptor] of this.#before) {
      if (descriptor === undefined) Reflect.deleteProperty(this.#res, name)
      else Object.defineProperty(this.#res, name, descriptor)
    }
  }

  #lay(name: string, descriptor: PropertyDescriptor): void {
    if (!this.#before.has(name)) this.#before.set(name, Object.getOwnPropertyDescriptor(this.#res, name))
    Object.defineProperty(this.#res, name, { configurable: true, ...descriptor })
  }
}
