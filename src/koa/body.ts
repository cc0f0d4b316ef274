/** A Koa body as bytes: what `respond` would send of it. */
import { Readable, Transform, type TransformCallback } from 'node:stream'
import { BodyCopy } from '../http/body-copy.ts'
import type { Incomplete, RunObserver, StoredResponse } from '../http/exchange.ts'
import type { Crossing } from '../http/head-crossing.ts'

/** All bytes at hand (`measured`: Koa sets their length itself, whatever was announced), or a way to read them: taking a web stream locks it. */
export type KoaBody = { readonly whole: Buffer; readonly measured: boolean } | { readonly stream: () => Readable }

/** Reads a body as Koa 3 answers with it, without copying; undefined for what cannot be sent (Koa reports it). */
export async function koaBody(body: unknown): Promise<KoaBody | undefined> {
  if (typeof body === 'string') return { whole: Buffer.from(body), measured: false }
  if (Buffer.isBuffer(body)) return { whole: body, measured: false }
  if (body instanceof Blob) return { whole: Buffer.from(await body.arrayBuffer()), measured: false }
  if (body instanceof Response && body.body === null) return { whole: Buffer.alloc(0), measured: false }
  const stream = koaStream(body)
  if (stream !== undefined) return { stream }
  try {
    const json: string | undefined = JSON.stringify(body)
    return json === undefined ? undefined : { whole: Buffer.from(json), measured: true }
  } catch {
    return undefined
  }
}

/** How to read a body that Koa streams; undefined for one that it does not. */
export function koaStream(body: unknown): (() => Readable) | undefined {
  if (body instanceof Response) return body.body === null ? undefined : () => Readable.from(body.body!)
  if (body instanceof ReadableStream) return () => Readable.from(body)
  return isStream(body) ? () => body : undefined
}

function isStream(body: unknown): body is Readable {
  return typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function'
}

/** Bodies up to here are copied for each answer at once. */
const COPIED_AT_ONCE = 64 * 1024

/** An entry's bytes for outer middleware, which may write to them: a copy, of large bodies bit by bit as the client takes them. */
export function ownBody(bytes: Buffer): Buffer | Readable {
  if (bytes.length <= COPIED_AT_ONCE) return Buffer.from(bytes)
  let offset = 0
  return new Readable({
    read() {
      const chunk = bytes.subarray(offset, offset + COPIED_AT_ONCE)
      offset += chunk.length
      this.push(Buffer.from(chunk))
      // At once: a client that has all of it may leave before it is asked for more.
      if (offset >= bytes.length) this.push(null)
    },
  })
}

/** A client that takes nothing for this long holds the run back. */
const STALL_MS = 100

/** Passes a streamed body on and keeps a bounded copy of it. */
export class Tee extends Transform {
  readonly #observer: RunObserver
  readonly #crossing: Crossing
  readonly #clientLeft: () => boolean
  readonly #copy: BodyCopy
  readonly #client: boolean
  readonly #stall: NodeJS.Timeout
  #settled = false

  /** @param clientLeft whether the client is gone; undefined where the body is read for the cache alone */
  constructor(observer: RunObserver, crossing: Crossing, clientLeft: (() => boolean) | undefined) {
    super()
    this.#client = clientLeft !== undefined
    this.#observer = observer
    this.#crossing = crossing
    this.#clientLeft = clientLeft ?? (() => false)
    this.#copy = new BodyCopy(crossing.decision.maxBodyBytes)
    this.#stall = setTimeout(() => this.writableNeedDrain && !this.#settled && observer.stalled(), STALL_MS).unref()
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#stall.refresh()
    const kept = this.#settled || this.#copy.add(chunk)
    if (!kept) this.#settle('too-large')
    // Read for the cache alone, a body that is not kept need not be read on: it may be endless.
    callback(kept || this.#client ? null : new Error('too large to keep'), chunk)
  }

  override _flush(callback: TransformCallback): void {
    this.#settle(this.#result())
    callback()
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#settle(this.#clientLeft() ? this.#result() : 'truncated')
    callback(error)
  }

  #result(): StoredResponse | Incomplete | undefined {
    const { stored, announced } = this.#crossing
    if (stored === undefined) return undefined
    const body = this.#copy.join()
    const reached = announced !== undefined && Number(announced) === body.length
    // Who has all that was announced may leave before the stream has ended.
    if (this.#clientLeft() && !reached) return 'client-left'
    return announced !== undefined && !reached ? 'truncated' : { ...stored, body }
  }

  #settle(result: StoredResponse | Incomplete | undefined): void {
    if (this.#settled) return
    this.#settled = true
    clearTimeout(this.#stall)
    this.#observer.done(result)
  }
}
