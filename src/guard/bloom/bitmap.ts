/** A Bloom filter as bitmaps in Redis: what is asked of the server, in which command. */
import { randomUUID } from 'node:crypto'
import { Batch, type SegmentBits } from './batch.ts'
import { runScript } from './client.ts'
import type { FilterKeys } from './filter-keys.ts'
import { type Fill, type FilterKind, LEASE_MS, type Send, sendAll } from './kind.ts'
import { type FilterLayout, HEAD_BYTES, positionsOf } from './layout.ts'
import { mergeScript, prepareScript, setScript, swapScript } from './scripts.ts'

/** New segments that one script makes: the server answers others in between. */
const PREPARED_AT_ONCE = 64

/** The bitmaps of one filter. */
export class Bitmap implements FilterKind<Batch> {
  readonly name = 'bitmap'
  readonly #layout: FilterLayout
  readonly #keys: FilterKeys
  readonly #marks: readonly [number, number]

  constructor(layout: FilterLayout, keys: FilterKeys) {
    this.#layout = layout
    this.#keys = keys
    const head = Buffer.from(layout.head, 'latin1')
    this.#marks = [head.readUInt32BE(0), head.readUInt32BE(4)]
  }

  get keys(): readonly string[] {
    return this.#keys.bits
  }

  get next(): readonly string[] {
    return this.#keys.nextBits
  }

  batch(): Batch {
    return new Batch(this.#layout)
  }

  /** Asks for its segment alone. */
  async has(send: Send, id: string): Promise<boolean | undefined> {
    const positions: number[] = []
    const segment = positionsOf(id, this.#layout, positions)
    const bits = positions.flatMap((at) => ['GET', 'u1', HEAD_BYTES * 8 + at])
    const key = this.#keys.bits[segment]!
    const found = (await send((client) =>
      client.call('BITFIELD_RO', key, 'GET', 'u32', 0, 'GET', 'u32', 32, ...bits),
    )) as readonly number[]
    if (found[0] !== this.#marks[0] || found[1] !== this.#marks[1]) return undefined
    return found.slice(2).every((bit) => bit === 1)
  }

  add(send: Send, batch: Batch): Promise<boolean> {
    return this.#add(send, batch, [this.#keys.bits, this.#keys.nextBits])
  }

  addToNext(send: Send, batch: Batch): Promise<boolean> {
    return this.#add(send, batch, [this.#keys.nextBits])
  }

  async prepare(send: Send): Promise<void> {
    const { head, bytes } = this.#layout
    const keys = this.#keys.nextBits
    for (let i = 0; i < keys.length; i += PREPARED_AT_ONCE) {
      const some = keys.slice(i, i + PREPARED_AT_ONCE)
      await send((client) => runScript(client, prepareScript, some, [head, bytes, LEASE_MS]))
    }
  }

  async swap(send: Send, owner: string): Promise<boolean> {
    const { claim, bits, nextBits, bf, nextBf } = this.#keys
    const keys = [claim, ...bits, ...nextBits, bf, nextBf]
    const args = [owner, this.#layout.head, bits.length]
    return (await send((client) => runScript(client, swapScript, keys, args))) === 1
  }

  /** The count is estimated by the bits (Swamidass & Baldi 2007). */
  async fill(send: Send): Promise<Fill> {
    const counts = (await send((client) =>
      Promise.all(this.keys.map((key) => client.call('BITCOUNT', key, HEAD_BYTES, -1))),
    )) as number[]
    const set = counts.reduce((sum, count) => sum + count, 0)
    const { bits: each, segments, hashes } = this.#layout
    const bits = each * segments
    return { bits, hashes, count: Math.round((-bits / hashes) * Math.log1p(-Math.min(set, bits - 1) / bits)) }
  }

  #add(send: Send, batch: Batch, copies: readonly (readonly string[])[]): Promise<boolean> {
    return sendAll(batch.segments(), async ([segment, bits]) => {
      const keys = copies.map((copy) => copy[segment]!)
      return this.#send(send, keys, bits)
    })
  }

  async #send(send: Send, keys: readonly string[], bits: SegmentBits): Promise<boolean> {
    const { head } = this.#layout
    const taken = await send((client) =>
      bits instanceof Buffer
        ? runScript(client, mergeScript, [...keys, `${this.#keys.base}:part:${randomUUID()}`], [head, bits])
        : runScript(client, setScript, keys, [head, ...bits]),
    )
    return taken === 1
  }
}
