/** Watches one `http.ServerResponse` and keeps a true copy of what crosses this place, while the bytes pass straight through. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { BodyCopy, bytesOf } from './body-copy.ts'
import { isConditional } from './conditional.ts'
import type { Incomplete, RunObserver, StoredResponse } from './exchange.ts'
import { type Crossing, crossHead } from './head-crossing.ts'
import type { HeaderField } from './headers.ts'
import { currentFields, setFields } from './response-fields.ts'

/** A client that takes nothing for this long holds the run back: followers must not wait for it. */
const STALL_MS = 100

type Method = 'writeHead' | 'write' | 'end' | 'addTrailers'

/** One watched answer. Its methods stand in for those of the response until the answer is over, then they only pass on. */
export class Capture {
  readonly #res: ServerResponse
  readonly #validators: IncomingHttpHeaders
  readonly #onHead: () => void
  readonly #below: Pick<ServerResponse, Method>
  readonly #before: readonly HeaderField[]
  #observer: RunObserver | undefined
  #crossing: Crossing | undefined
  #copy: BodyCopy | undefined
  /** The body, where it came in one `end(chunk)` that nothing went before. */
  #whole: Buffer | undefined
  #wrote = false
  #stall: NodeJS.Timeout | undefined

  /**
   * @param validators the client's own conditional fields, which the handler does not see
   * @param onHead called when the head crosses this place, before anything below sees it
   */
  constructor(res: ServerResponse, observer: RunObserver, validators: IncomingHttpHeaders, onHead: () => void) {
    this.#res = res
    this.#observer = observer
    this.#validators = validators
    this.#onHead = onHead
    this.#before = currentFields(res)
    this.#below = { writeHead: res.writeHead, write: res.write, end: res.end, addTrailers: res.addTrailers }
    res.writeHead = this.#writeHead as ServerResponse['writeHead']
    res.write = this.#write as ServerResponse['write']
    res.end = this.#end as ServerResponse['end']
    res.addTrailers = this.#addTrailers
    res.once('close', this.#closed)
  }

  /** Ends the watch: the handler failed before it answered. */
  abandon(): void {
    this.#settle('failed')
  }

  readonly #writeHead = (...args: [number, ...unknown[]]): ServerResponse => {
    const res = this.#res
    const [status, second, third] = args
    const valid = Number.isInteger(status) && status >= 100 && status <= 999
    if (this.#crossing !== undefined || res.headersSent || !valid) return this.#pass('writeHead', args)
    const phrase = typeof second === 'string' ? second : undefined
    setFields(res, phrase === undefined ? (second ?? third) : third)
    res.statusCode = status
    if (phrase !== undefined) res.statusMessage = phrase
    this.#cross()
    return this.#pass('writeHead', [res.statusCode])
  }

  readonly #write = (...args: unknown[]): boolean => {
    const res = this.#res
    if (this.#crossing === undefined && !res.headersSent && !res.destroyed) res.writeHead(res.statusCode)
    const room = this.#crossing?.notModified === true ? pretend(args) : this.#pass('write', args)
    if (this.#observer === undefined) return room
    this.#wrote = true
    if (this.#copy?.add(args[0], args[1]) === false) this.#settle('too-large')
    if (!room) this.#watchStall()
    return room
  }

  readonly #end = (...args: unknown[]): ServerResponse => {
    const res = this.#res
    const over = res.writableEnded || this.#observer === undefined
    const chunk = typeof args[0] === 'function' ? undefined : args[0]
    if (!over && !this.#wrote) this.#whole = bytesOf(chunk ?? '', args[1])
    if (!over && this.#crossing === undefined && isConditional(this.#validators)) this.#crossBeforeEnd()
    const left = res.destroyed
    this.#pass('end', this.#crossing?.notModified === true ? args.filter((arg) => typeof arg === 'function') : args)
    if (over) return res
    // A response whose client left asks for no head any more.
    if (this.#crossing === undefined) this.#cross()
    this.#settle(this.#result(chunk, args[1], left))
    return res
  }

  readonly #addTrailers = (trailers: Parameters<ServerResponse['addTrailers']>[0]): void => {
    this.#pass('addTrailers', [trailers])
    this.#settle('trailers')
  }

  readonly #closed = (): void => {
    clearTimeout(this.#stall)
    // An answer of which nothing was sent may still come whole, in one `end(chunk)`.
    if (this.#wrote) this.#settle('client-left')
  }

  /**
   * Lets the head cross before `end(chunk)` goes on, as the chunk must not follow a 304.
   * The length that `end` would have added is then ours to add.
   */
  #crossBeforeEnd(): void {
    const res = this.#res
    if (res.headersSent || res.destroyed) return
    const bodiless = res.statusCode === 204 || res.statusCode === 304
    if (
      !bodiless &&
      this.#whole !== undefined &&
      !res.hasHeader('Content-Length') &&
      !res.hasHeader('Transfer-Encoding')
    ) {
      res.setHeader('Content-Length', this.#whole.length)
    }
    res.writeHead(res.statusCode)
  }

  /** What the head holds now is what will be stored: see `crossHead`. */
  #cross(): void {
    const observer = this.#observer
    if (observer === undefined) return
    this.#onHead()
    this.#crossing = crossHead(this.#res, observer, this.#before, this.#validators, this.#whole)
    const { decision } = this.#crossing
    if (decision.keep && this.#whole === undefined) this.#copy = new BodyCopy(decision.maxBodyBytes)
  }

  /** Whether the answer is whole: see invariant 10 of the design. */
  #result(chunk: unknown, encoding: unknown, left: boolean): StoredResponse | Incomplete | undefined {
    const { stored, announced, decision } = this.#crossing!
    if (stored === undefined) return undefined
    if (this.#whole === undefined && left) return 'client-left'
    if (this.#whole === undefined && this.#copy?.add(chunk, encoding) === false) return 'too-large'
    const bodiless = stored.status === 204 || stored.status === 304
    const body = bodiless ? Buffer.alloc(0) : (this.#whole ?? this.#copy?.join())
    if (body === undefined || body.length > decision.maxBodyBytes) return 'too-large'
    if (!bodiless && announced !== undefined && Number(announced) !== body.length) return 'truncated'
    return { ...stored, body }
  }

  #watchStall(): void {
    if (this.#stall !== undefined) return
    this.#stall = setTimeout(() => this.#observer?.stalled(), STALL_MS).unref()
    this.#res.once('drain', () => {
      clearTimeout(this.#stall)
      this.#stall = undefined
    })
  }

  #settle(result: StoredResponse | Incomplete | undefined): void {
    const observer = this.#observer
    if (observer === undefined) return
    this.#observer = undefined
    this.#copy = undefined
    this.#whole = undefined
    clearTimeout(this.#stall)
    this.#onHead()
    observer.done(result)
  }

  #pass<M extends Method>(method: M, args: unknown[]): ReturnType<ServerResponse[M]> {
    return Reflect.apply(this.#below[method] as (...args: unknown[]) => ReturnType<ServerResponse[M]>, this.#res, args)
  }
}

/** Stands in for `write` where nothing may be sent: there is room, and the callback is called. */
function pretend(args: readonly unknown[]): boolean {
  const callback = args.find((arg) => typeof arg === 'function')
  if (callback !== undefined) process.nextTick(callback as () => void)
  return true
}
