/** One request of Koa, as the engine sees it. */
import { ServerResponse } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { pipeline as pipelined } from 'node:stream/promises'
import type { Context, Middleware, Next } from 'koa'
import type { Instant } from '../clock.ts'
import { bytesOf } from '../http/body-copy.ts'
import { errandOf, isDetached, renewedBy, sendDetached } from '../http/detached.ts'
import { Detour } from '../http/detour.ts'
import type { Errand } from '../http/errand.ts'
import type {
  CacheRequest,
  Delivery,
  Exchange,
  Incomplete,
  Replacement,
  ResponseHead,
  RunObserver,
  StoredResponse,
} from '../http/exchange.ts'
import { isFailure, thrownStatus } from '../http/failure.ts'
import { isGone } from '../http/gone.ts'
import { type Crossing, crossHead } from '../http/head-crossing.ts'
import { watchLeft } from '../http/left.ts'
import { hasBody, parsedBody } from '../http/parsed-body.ts'
import { replayFields } from '../http/replay.ts'
import { currentFields } from '../http/response-fields.ts'
import { rewrittenPart } from '../http/rewritten.ts'
import { type TouchedFields, touchedFields } from '../http/touched-fields.ts'
import { hiddenFrom } from '../http/validators.ts'
import { Watch } from '../http/watch.ts'
import { actAfter } from './act-after.ts'
import { koaBody, ownBody, Tee } from './body.ts'
import { Overtaking } from './overtaking.ts'
import { answeringRoute } from './routes.ts'

/** What your functions are called with. */
export type KoaSubject = readonly [ctx: Context]

/** Reads a stream to its end for the cache alone: its client gets another answer, and Koa destroys it with the end of the answer. */
async function drained(source: Readable, tee: Tee): Promise<void> {
  tee.resume()
  await pipelined(source, tee).catch(() => undefined)
}

/** Puts something else in the body's place. Not by the setter: it would drop the length and guess the type anew. */
function replaceBody(ctx: Context, body: unknown): void {
  Object.assign(ctx.response, { _body: body })
}

/** Statuses whose body Koa drops, whatever was set. */
function isEmptyStatus(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}

/** One request of Koa. */
export class KoaExchange implements Exchange {
  readonly #ctx: Context
  readonly #next: Next
  readonly #self: Middleware
  readonly #mounted: boolean
  readonly #watched: WeakSet<Context>
  #overtaking: Overtaking | undefined
  readonly request: CacheRequest

  constructor(ctx: Context, next: Next, self: Middleware, mounted: boolean, watched: WeakSet<Context>) {
    this.#ctx = ctx
    this.#next = next
    this.#self = self
    this.#mounted = mounted
    this.#watched = watched
    this.request = new KoaRequest(ctx)
  }

  get subject(): KoaSubject {
    return [this.#ctx]
  }

  get gone(): boolean {
    return isGone(this.#ctx.res)
  }

  async run(observer: RunObserver | undefined): Promise<void> {
    if (observer === undefined) return this.#next()
    const ctx = this.#ctx
    const validators = hiddenFrom(ctx.req.headers, observer)
    const { hidden, restore } = validators
    if (observer.claims) this.#watched.add(ctx)
    const detour = observer.mayBeOvertaken === true ? new Detour(ctx.res) : undefined
    const touched = touchedFields(ctx.res)
    const watch = this.#watchFor(observer)
    const unwatch = watchLeft(ctx.req, ctx.res, () => observer.stalled())
    if (detour !== undefined) this.#overtaking = new Overtaking(ctx, { detour, touched, validators, watch, unwatch })
    try {
      await this.#next()
    } catch (error) {
      this.#overtaking?.end()
      unwatch()
      restore()
      watch?.end()
      if (await this.#standIn(error, observer, touched, hidden)) return
      throw error
    }
    this.#overtaking?.end()
    unwatch()
    restore()
    watch?.close()
    try {
      if (ctx.respond === false || ctx.res.headersSent) observer.done('detached')
      else if (this.#isUnsaid()) observer.done('client-left')
      else await this.#cross(observer, touched, hidden, watch)
    } finally {
      watch?.end()
    }
  }

  /** Whether a stored answer goes out in the place of what the handler threw. */
  async #standIn(
    error: unknown,
    observer: RunObserver,
    touched: TouchedFields,
    hidden: CacheRequest['headers'],
  ): Promise<boolean> {
    const status = thrownStatus(error)
    const mayStandIn = !this.#ctx.res.headersSent && isFailure(status)
    const rescue = mayStandIn ? await observer.rescue?.(error as Error) : undefined
    observer.done('failed', status)
    if (rescue === undefined) return false
    touched.undo()
    this.#replace(rescue, hidden)
    return true
  }

  #watchFor({ watches }: RunObserver): Watch | undefined {
    const { req, res } = this.#ctx
    return watches && new Watch({ ctx: this.#ctx, req, res }, watches)
  }

  write(act: (head: ResponseHead) => void | Promise<void>): Promise<void> {
    const ctx = this.#ctx
    return actAfter(ctx, this.#next, () => act({ status: ctx.status, headers: currentFields(ctx.res) }))
  }

  get detached(): boolean {
    return isDetached(this.#ctx.req)
  }

  get errand(): Errand | undefined {
    return errandOf(this.#ctx.req)
  }

  get renews(): Instant | undefined {
    return renewedBy(this.#ctx.req)
  }

  get fork(): NonNullable<Exchange['fork']> {
    const { app, req, originalUrl } = this.#ctx
    return (staleAt) => sendDetached(req, originalUrl, app.callback(), staleAt)
  }

  send(response: StoredResponse, delivery: Delivery): void {
    this.#replace({ response, delivery }, this.#ctx.req.headers)
  }

  /** @param validators what the client asked by */
  #replace({ response, delivery }: Replacement, validators: CacheRequest['headers']): void {
    const { app, response: answer, res } = this.#ctx
    const { status, statusMessage, body } = replayFields(validators, res, response, delivery)
    // Where nothing is outside of us, nobody could write to the entry's bytes.
    const alone = app.middleware[0] === this.#self && res.end === ServerResponse.prototype.end
    if (body !== undefined && alone) replaceBody(this.#ctx, body)
    else if (body !== undefined) this.#setBody(ownBody(body))
    if (body !== undefined) answer.length = body.length
    answer.status = status
    if (statusMessage !== undefined) answer.message = statusMessage
  }

  /** By Koa's own setter, which cares for what stood there before; but the type is the entry's to name. */
  #setBody(body: unknown): void {
    const { response, res } = this.#ctx
    const untyped = !res.hasHeader('Content-Type')
    response.body = body
    if (untyped) response.remove('Content-Type')
  }

  overtake(response: StoredResponse, delivery: Delivery): boolean {
    return !this.detached && this.#overtaking?.take({ response, delivery }) === true
  }

  get #isOvertaken(): boolean {
    return this.#overtaking?.isTaken === true
  }

  answeredBy(): readonly string[] {
    return this.#mounted ? answeringRoute(this.#ctx) : []
  }

  /** What stands in `ctx` now is what crosses our place; outer middleware may still change it for this client. */
  async #cross(
    observer: RunObserver,
    touched: TouchedFields,
    hidden: CacheRequest['headers'],
    watch: Watch | undefined,
  ): Promise<void> {
    const ctx = this.#ctx
    // Asked before the head crosses, which may make a 304 of it for this client alone.
    const bodiless = this.#isBodiless()
    const body = bodiless ? { whole: this.#emptyBody(), measured: true } : await koaBody(ctx.body)
    if (body === undefined) return observer.done('failed')
    const whole = 'whole' in body ? body.whole : undefined
    const crossing = crossHead(ctx.res, observer, touched, hidden, whole, watch)
    const { pending, replacement = await pending } = crossing.decision
    if (replacement !== undefined) {
      if ('stream' in body) body.stream().destroy()
      observer.done(undefined)
      // What was promised comes behind the head: nothing that the failed handler said goes with it.
      touched.undo()
      return this.#replace(replacement, hidden)
    }
    if ('stream' in body) return this.#crossStream(observer, crossing, body.stream)
    observer.done(this.#kept(crossing, body.whole, { bodiless, measured: body.measured }))
    if (crossing.notModified) this.#answerNotModified()
  }

  /** The answer with a body that is at hand, where it is to be kept. */
  #kept(
    { stored, announced }: Crossing,
    whole: Buffer,
    { bodiless, measured }: { readonly bodiless: boolean; readonly measured: boolean },
  ): StoredResponse | Incomplete | undefined {
    if (stored === undefined) return undefined
    if (!measured && announced !== undefined && Number(announced) !== whole.length) return 'truncated'
    return { ...(bodiless ? this.#typed(stored, whole) : stored), body: bytesOf(whole)! }
  }

  async #crossStream(observer: RunObserver, crossing: Crossing, open: () => Readable): Promise<void> {
    const { decision, notModified } = crossing
    const isUnseen = notModified || this.#isOvertaken
    if (!decision.keep) {
      observer.done(undefined)
      if (isUnseen) open().destroy()
    } else if (isUnseen) await drained(open(), new Tee(observer, crossing, undefined))
    else {
      const tee = new Tee(observer, crossing, () => this.gone)
      replaceBody(
        this.#ctx,
        pipeline(open(), tee, () => undefined),
      )
    }
    if (notModified) this.#answerNotModified()
    else if (isUnseen) replaceBody(this.#ctx, null)
  }

  #answerNotModified(): void {
    replaceBody(this.#ctx, null)
    this.#ctx.status = 304
  }

  /** Whether Koa sends no body that was set: there is none, or the status allows none. */
  #isBodiless(): boolean {
    const { body, status } = this.#ctx
    return body === undefined || body === null || isEmptyStatus(status)
  }

  /** Whether the client is gone and no status nor body was set: a handler that stopped for that did not mean Koa's own 404. */
  #isUnsaid(): boolean {
    const { _explicitStatus: explicit, body } = this.#ctx.response as { _explicitStatus?: boolean; body?: unknown }
    if (this.#isOvertaken) return false
    return (this.gone || this.#ctx.req.socket.destroyed) && explicit !== true && (body === undefined || body === null)
  }

  /** Koa answers with the reason phrase where no body was set. */
  #emptyBody(): Buffer {
    const ctx = this.#ctx
    const { _explicitNullBody: explicit } = ctx.response as { _explicitNullBody?: boolean }
    const bodiless = explicit === true || isEmptyStatus(ctx.status)
    return Buffer.from(bodiless ? '' : ctx.message || String(ctx.status))
  }

  #typed(stored: NonNullable<Crossing['stored']>, whole: Buffer): NonNullable<Crossing['stored']> {
    // Koa drops the type of a body that is not there, and gives the phrase in its place one of its own.
    const others = stored.headers.filter(([name]) => name.toLowerCase() !== 'content-type')
    return {
      ...stored,
      headers: whole.length === 0 ? others : [...others, ['Content-Type', 'text/plain; charset=utf-8']],
    }
  }
}

/** The request as Koa sees it under `app.proxy`. */
class KoaRequest implements CacheRequest {
  readonly #ctx: Context
  readonly method: string
  readonly url: string
  readonly rewritten: string | undefined
  readonly headers: CacheRequest['headers']

  constructor(ctx: Context) {
    this.#ctx = ctx
    const { req, originalUrl } = ctx
    this.method = req.method ?? 'GET'
    this.url = originalUrl
    this.rewritten = rewrittenPart(originalUrl, req.url ?? '')
    this.headers = req.headers
  }

  /** Without a trusted proxy the framework comes to the same, at a price. */
  get scheme(): string {
    const { app, req } = this.#ctx
    return app.proxy || 'encrypted' in req.socket ? this.#ctx.protocol : 'http'
  }

  get host(): string {
    const { app, req } = this.#ctx
    return app.proxy || req.httpVersionMajor >= 2 ? this.#ctx.host : (req.headers.host ?? '')
  }

  get hasBody(): boolean {
    return hasBody(this.#ctx.req)
  }

  get body(): unknown {
    return parsedBody(this.#ctx.req, (this.#ctx.request as { body?: unknown }).body)
  }
}
