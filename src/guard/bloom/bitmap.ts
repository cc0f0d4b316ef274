/** A Bloom filter as bitmaps in Redis: what is asked of the server, in which command. */
import { randomUUID } from 'node:crypto'
import type { Batch, SegmentBits } from './batch.ts'
import { type FilterClient, runScript } from './client.ts'
import { type FilterLayout, HEAD_BYTES, positionsOf } from './layout.ts'
import {
  abandonScript,
  extendScript,
  lookScript,
  mergeScript,
  prepareScript,
  setScript,
  swapScript,
} from './scripts.ts'

/** How long what a rebuild makes outlives the process that makes it, in ms. */
export const LEASE_MS = 30_000
/** New segments that one script makes: the server answers others in between. */
const PREPARED_AT_ONCE = 64
/** Segments whose bits are on their way together. */
const SENT_AT_ONCE = 16

/** What is found of a filter: all of it, not all of it, or the head of another one. */
export type Sight = 'whole' | 'missing' | { readonly other: string }

/** Runs a command within the bounds of who asks. */
export type Send = <T>(run: (client: FilterClient) => Promise<T>) => Promise<T>

/** The bitmaps of one filter. */
export class Bitmap {
  readonly #layout: FilterLayout
  readonly #base: string
  readonly #marks: readonly [number, number]

  /** @param base begins the filter's keys; what stands in its braces decides on their slot */
  constructor(layout: FilterLayout, base: string) {
    this.#layout = layout
    this.#base = base
    const head = Buffer.from(layout.head, 'latin1')
    this.#marks = [head.readUInt32BE(0), head.readUInt32BE(4)]
  }

  get keys(): readonly string[] {
    return this.#all('bits')
  }

  async look(send: Send): Promise<Sight> {
    const found = await send((client) => runScript(client, lookScript, this.keys, [this.#layout.head]))
    if (typeof found === 'string') return { other: found.trim() }
    return found === 1 ? 'whole' : 'missing'
  }

  /** One command: whether the id may be in the filter, undefined where its segment is not there or another filter's. */
  async has(send: Send, id: string): Promise<boolean | undefined> {
    const positions: number[] = []
    const segment = positionsOf(id, this.#layout, positions)
    const bits = positions.flatMap((at) => ['GET', 'u1', HEAD_BYTES * 8 + at])
    const key = this.#segment('bits', segment)
    const found = (await send((client) =>
      client.call('BITFIELD_RO', key, 'GET', 'u32', 0, 'GET', 'u32', 32, ...bits),
    )) as readonly number[]
    if (found[0] !== this.#marks[0] || found[1] !== this.#marks[1]) return undefined
    return found.slice(2).every((bit) => bit === 1)
  }

  /**
   * Adds ids to what is there, and to what a rebuild is about to put in its place.
   *
   * @returns whether what is there took all of them: of a rebuild that is under way, nobody knows whether it will be over
   */
  add(send: Send, batch: Batch): Promise<boolean> {
    return this.#send(send, batch, ['bits', 'next'])
  }

  /** The same for a rebuild alone. */
  addToNext(send: Send, batch: Batch): Promise<boolean> {
    return this.#send(send, batch, ['next'])
  }

  /** Claims the right to rebuild; false while another process has it. */
  async claim(send: Send, owner: string): Promise<boolean> {
    const set = (client: FilterClient) => client.call('SET', this.#claim, owner, 'PX', LEASE_MS, 'NX')
    return (await send(set)) === 'OK'
  }

  /** Makes new segments, beside those in use. From now on what others add is added to both. */
  async prepare(send: Send): Promise<void> {
    const { head, bytes } = this.#layout
    const keys = this.#all('next')
    for (let i = 0; i < keys.length; i += PREPARED_AT_ONCE) {
      const some = keys.slice(i, i + PREPARED_AT_ONCE)
      await send((client) => runScript(client, prepareScript, some, [head, bytes, LEASE_MS]))
    }
  }

  async extend(send: Send, owner: string): Promise<boolean> {
    const keys = [this.#claim, ...this.#all('next')]
    return (await send((client) => runScript(client, extendScript, keys, [owner, LEASE_MS]))) === 1
  }

  /** Puts the new segments in the place of the others; false where they or the claim were lost meanwhile. */
  async swap(send: Send, owner: string): Promise<boolean> {
    const keys = [this.#claim, ...this.keys, ...this.#all('next')]
    return (await send((client) => runScript(client, swapScript, keys, [owner, this.#layout.head]))) === 1
  }

  async abandon(send: Send, owner: string): Promise<void> {
    const keys = [this.#claim, ...this.#all('next')]
    await send((client) => runScript(client, abandonScript, keys, [owner]))
  }

  /** How many bits are set. */
  async population(send: Send): Promise<number> {
    const counts = (await send((client) =>
      Promise.all(this.keys.map((key) => client.call('BITCOUNT', key, HEAD_BYTES, -1))),
    )) as number[]
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async #send(send: Send, batch: Batch, copies: readonly string[]): Promise<boolean> {
    let taken = true
    let sent: Promise<boolean>[] = []
    const arrive = async () => {
      for (const one of await Promise.all(sent)) taken &&= one
      sent = []
    }
    for (const [segment, bits] of batch.segments()) {
      sent.push(this.#sendSegment(send, segment, bits, copies))
      if (sent.length === SENT_AT_ONCE) await arrive()
    }
    await arrive()
    return taken
  }

  async #sendSegment(send: Send, segment: number, bits: SegmentBits, copies: readonly string[]): Promise<boolean> {
    const keys = copies.map((copy) => this.#segment(copy, segment))
    const { head } = this.#layout
    const taken = await send((client) =>
      bits instanceof Buffer
        ? runScript(client, mergeScript, [...keys, `${this.#base}:part:${randomUUID()}`], [head, bits])
        : runScript(client, setScript, keys, [head, ...bits]),
    )
    return taken === 1
  }

  get #claim(): string {
    return `${this.#base}:rebuild`
  }

  #segment(copy: string, segment: number): string {
    return `${this.#base}:${copy}:${segment}`
  }

  #all(copy: string): readonly string[] {
    return Array.from({ length: this.#layout.segments }, (_, segment) => this.#segment(copy, segment))
  }
}
