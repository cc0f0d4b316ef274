/** Watches one `http.ServerResponse` and keeps a true copy of what crosses this place, while the bytes pass straight through. */
import { type IncomingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { BodyCopy, bytesOf } from './body-copy.ts'
import { isConditional } from './conditional.ts'
import type { Detour } from './detour.ts'
import type { Incomplete, Replacement, RunObserver, StoredResponse } from './exchange.ts'
import { isBroken, isGone } from './gone.ts'
import { type Crossing, crossHead, replaceCrossed } from './head-crossing.ts'
import { isFieldList, mayAnnounceLength, setFields } from './response-fields.ts'
import { type TouchedFields, touchedFields } from './touched-fields.ts'
import type { Watch } from './watch.ts'
import { Withheld } from './withheld.ts'

/** A client that takes nothing for this long holds the run back: followers must not wait for it. */
const STALL_MS = 100
/** How long a handler whose client left may take to answer in one piece before those who wait stop hoping: many just stop. */
const GONE_MS = 1_000

type Method = 'writeHead' | 'write' | 'end' | 'addTrailers'

/** One watched answer. Its methods stand in for those of the response until the answer is over, then they only pass on. */
export class Capture {
  readonly #res: ServerResponse
  readonly #validators: IncomingHttpHeaders
  readonly #onHead: () => void
  readonly #watch: Watch | undefined
  readonly #detour: Detour | undefined
  /** Kept from the start: a closed response has none. */
  readonly #socket: Socket
  readonly #below: Pick<ServerResponse, Method>
  readonly #touched: TouchedFields
  #observer: RunObserver | undefined
  #crossing: Crossing | undefined
  #copy: BodyCopy | undefined
  /** The body, where it came in one `end(chunk)` that nothing went before. */
  #whole: Buffer | undefined
  #withheld: Withheld | undefined
  #wrote = false
  #ending = false
  #piped = false
  #stall: NodeJS.Timeout | undefined

  /**
   * @param validators the client's own conditional fields, which the handler does not see
   * @param onHead called when the head crosses this place, before anything below sees it
   * @param watch what the run reads; what is below reads for itself
   * @param detour lies right below, where the run may be overtaken
   */
  constructor(
    res: ServerResponse,
    observer: RunObserver,
    validators: IncomingHttpHeaders,
    onHead: () => void,
    watch?: Watch,
    detour?: Detour,
  ) {
    this.#res = res
    // Of the request: a pipelined response has none before its turn.
    this.#socket = res.req.socket
    this.#observer = observer
    this.#validators = validators
    this.#onHead = onHead
    this.#watch = watch
    this.#detour = detour
    this.#touched = touchedFields(res)
    this.#below = { writeHead: res.writeHead, write: res.write, end: res.end, addTrailers: res.addTrailers }
    res.writeHead = this.#writeHead as ServerResponse['writeHead']
    res.write = this.#write as ServerResponse['write']
    res.end = this.#end as ServerResponse['end']
    res.addTrailers = this.#addTrailers
    res.once('pipe', () => {
      this.#piped = true
    })
    res.once('close', this.#closed)
  }

  /** Ends the watch: the handler threw what the framework answers with this status. */
  abandon(thrown: number): void {
    this.#settle('failed', thrown)
  }

  /**
   * Lets `answer` answer in the place of the run.
   *
   * @returns false where that is too early or too late
   */
  overtake(answer: () => void): boolean {
    const detour = this.#detour
    const isUnderWay = this.#observer !== undefined && this.#crossing === undefined
    if (!isUnderWay || detour === undefined || detour.ghost !== undefined) return false
    if (this.#res.headersSent || this.#isGone) return false
    detour.take(this.#touched, answer, this.#watch?.aside)
    return true
  }

  readonly #writeHead = (...args: unknown[]): ServerResponse => {
    const res = this.#res
    if (this.#withheld?.takes === true) this.#withheld.refuseHead()
    const [code, second, third] = args
    // As Node reads it: a string or a fraction is a status too.
    const status = (code as number) | 0
    const fields = typeof second === 'string' ? third : (second ?? third)
    const valid = status >= 100 && status <= 999 && isFieldList(fields)
    if (this.#crossing !== undefined || res.headersSent || !valid) return this.#pass('writeHead', args)
    // In Node's own order: a field that is refused leaves status and phrase behind.
    if (typeof second === 'string') res.statusMessage = second
    else if (res.req.httpVersionMajor < 2) res.statusMessage ||= STATUS_CODES[status] ?? 'unknown'
    res.statusCode = status
    setFields(res, fields)
    const pending = this.#cross()?.decision.pending
    if (pending !== undefined) return this.#withhold(pending)
    try {
      return this.#pass('writeHead', [res.statusCode])
    } catch (error) {
      this.#undo()
      throw error
    }
  }

  /** A failure, that something else may stand in for. */
  #withhold(pending: Promise<Replacement | undefined>): ServerResponse {
    const res = this.#res
    const withheld = new Withheld(res, (method, args) => this.#pass(method, args))
    this.#withheld = withheld
    withheld.take('writeHead', [res.statusCode])
    const settle = (replacement: Replacement | undefined) => {
      if (replacement === undefined || isGone(res)) return withheld.release()
      withheld.drop()
      const body = replaceCrossed(res, this.#crossing!, replacement, this.#touched, this.#validators)
      this.#pass('writeHead', [res.statusCode])
      this.#pass('end', body.length > 0 ? [body] : [])
    }
    // What was kept may be refused below only now, where no handler hears of it: its client learns by the connection.
    pending.then(settle).catch((error: Error) => res.destroy(error))
    return res
  }

  readonly #write = (...args: unknown[]): boolean => {
    // Some responses, and some middleware below, end by writing: those bytes are the end's.
    if (this.#ending) return this.#pass('write', args)
    if (isChunk(args[0])) this.#crossEarly()
    const swallowed = this.#crossing?.notModified === true || this.#crossing?.replaced !== undefined
    const room = swallowed ? pretend(args) : this.#passWrite(args)
    if (this.#observer === undefined) return room
    this.#wrote = true
    if (this.#copy?.add(args[0], args[1]) === false) this.#settle('too-large')
    // What is written piece by piece to nobody will not come in one piece any more.
    if (this.#isGone) this.#settle('client-left')
    else if (!room) this.#watchStall()
    return room
  }

  readonly #end = (...args: unknown[]): ServerResponse => {
    const res = this.#res
    if (res.writableEnded || this.#observer === undefined) return this.#passEnd(args)
    const chunk = typeof args[0] === 'function' ? undefined : args[0]
    if (!this.#wrote) this.#whole = bytesOf(chunk ?? '', args[1])
    if (this.#whole !== undefined) this.#crossEarly(this.#whole.length)
    const left = this.#isGone
    try {
      this.#passEnd(args)
    } catch (error) {
      this.#refusedEnd(chunk)
      throw error
    }
    if (this.#crossing === undefined && res.headersSent) this.#settle('detached')
    // A response whose client left asks for no head any more.
    if (this.#crossing === undefined) this.#cross()
    this.#settle(this.#result(chunk, args[1], left))
    return res
  }

  #passWrite(args: unknown[]): boolean {
    if (this.#withheld?.takes === true) return this.#withheld.take('write', args) as boolean
    return this.#pass('write', args)
  }

  /** A chunk of a wrong type is refused before anything else; after any other refusal Node announces a length that nothing keeps. */
  #refusedEnd(chunk: unknown): void {
    this.#whole = undefined
    if (isChunk(chunk) || chunk === undefined || chunk === null) this.#settle('failed')
  }

  #passEnd(args: unknown[]): ServerResponse {
    const { notModified = false, replaced } = this.#crossing ?? {}
    const callbacks = args.filter((arg) => typeof arg === 'function')
    this.#ending = true
    try {
      if (replaced !== undefined) return this.#pass('end', replaced.length > 0 ? [replaced, ...callbacks] : callbacks)
      if (this.#withheld?.takes === true) return this.#withheld.take('end', args) as ServerResponse
      return this.#pass('end', notModified ? callbacks : args)
    } finally {
      this.#ending = false
    }
  }

  readonly #addTrailers = (trailers: Parameters<ServerResponse['addTrailers']>[0]): void => {
    this.#pass('addTrailers', [trailers])
    this.#settle('trailers')
  }

  readonly #closed = (): void => {
    clearTimeout(this.#stall)
    if (this.#observer === undefined) return
    if (!this.#clientLeft()) this.#settle('failed')
    else if (this.#wrote || this.#piped) this.#settle(this.#reached() ?? 'client-left')
    // An answer of which nothing was sent may still come whole, in one `end(chunk)`.
    else this.#stall = setTimeout(() => this.#observer?.stalled(), GONE_MS).unref()
  }

  /** All that was announced, where it has been written: who has it may leave before the answer is ended. */
  #reached(): StoredResponse | undefined {
    if (this.#crossing?.announced === undefined || !this.#wrote) return undefined
    const result = this.#result(undefined, undefined, false)
    return typeof result === 'object' ? result : undefined
  }

  /** Nobody leaves a run that answers nobody. */
  get #isGone(): boolean {
    return isGone(this.#detour?.ghost ?? this.#res)
  }

  /** Whether a response that closed early was left by its client; else the handler broke it off. */
  #clientLeft(): boolean {
    if (this.#detour?.ghost !== undefined) return false
    const { req, errored } = this.#res
    // Of an HTTP/2 session, one stream alone may be given up.
    if (req.httpVersionMajor >= 2) return req.aborted && !isBroken(this.#res)
    return this.#socket.readableEnded || (this.#socket.errored !== null && errored === null)
  }

  /**
   * Lets the head cross before its first bytes go on, where it may turn into a 304 that they must not follow. Else the head is formed
   * below, as without us: the method there may throw first.
   *
   * @param length what `end(chunk)` would have announced
   */
  #crossEarly(length?: number): void {
    const res = this.#res
    const mayChange = isConditional(this.#validators) || this.#observer?.mayReplace === true
    if (!mayChange || this.#crossing !== undefined || res.headersSent || this.#isGone) return
    const bodiless = res.statusCode === 204 || res.statusCode === 304
    if (length !== undefined && !bodiless && mayAnnounceLength(res)) res.setHeader('Content-Length', length)
    res.writeHead(res.statusCode)
  }

  /** What the head holds now is what will be stored: see `crossHead`. */
  #cross(): Crossing | undefined {
    const observer = this.#observer
    if (observer === undefined) return undefined
    this.#onHead()
    this.#crossing = crossHead(this.#res, observer, this.#touched, this.#validators, this.#whole, this.#watch)
    const { decision } = this.#crossing
    if (decision.keep && this.#whole === undefined) this.#copy = new BodyCopy(decision.maxBodyBytes)
    if (!decision.keep) this.#detour?.giveUp()
    return this.#crossing
  }

  /** The head was refused below: nothing of this run is kept, and what answers in its place carries none of our fields. */
  #undo(): void {
    for (const name of this.#crossing?.added ?? []) this.#res.removeHeader(name)
    this.#settle('failed')
  }

  /** Whether the answer is whole: see invariant 10 of the design. */
  #result(chunk: unknown, encoding: unknown, left: boolean): StoredResponse | Incomplete | undefined {
    if (this.#crossing?.stored === undefined) return undefined
    const { stored, announced, decision } = this.#crossing
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

  #settle(result: StoredResponse | Incomplete | undefined, thrown?: number): void {
    const observer = this.#observer
    if (observer === undefined) return
    this.#observer = undefined
    this.#copy = undefined
    this.#whole = undefined
    clearTimeout(this.#stall)
    this.#onHead()
    this.#watch?.end()
    observer.done(result, thrown)
    // What nobody gets, and nobody keeps, need not be made to its end: the run sees its client leave.
    if (typeof result !== 'object') this.#detour?.giveUp()
  }

  #pass<M extends Method>(method: M, args: unknown[]): ReturnType<ServerResponse[M]> {
    const below = this.#below[method] as (...args: unknown[]) => ReturnType<ServerResponse[M]>
    if (this.#watch === undefined) return Reflect.apply(below, this.#res, args)
    return this.#watch.aside(() => Reflect.apply(below, this.#res, args))
  }
}

function isChunk(chunk: unknown): boolean {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}

/** Stands in for `write` where nothing may be sent: there is room, and the callback is called. */
function pretend(args: readonly unknown[]): boolean {
  const callback = args.find((arg) => typeof arg === 'function')
  if (callback !== undefined) process.nextTick(callback as () => void)
  return true
}
