/** A Bloom filter that the server keeps itself (RedisBloom, which Redis 8 has built in): one key, that grows beyond its size at the same rate. */
import { type FilterClient, runScript } from './client.ts'
import type { FilterKeys } from './filter-keys.ts'
import { IdPieces } from './id-pieces.ts'
import { type Fill, type FilterKind, LEASE_MS, type Send, sendAll } from './kind.ts'
import type { FilterLayout } from './layout.ts'
import { marksOf } from './marks.ts'
import { addIdsScript, factsScript, holdsScript, replaceScript, reserveScript } from './server-scripts.ts'

/** Bytes of one at most: a single value beyond this is slow to copy and to free, and some servers refuse it. */
const MOST_BYTES = 64 * 2 ** 20
/** Bytes from which on it is worth asking whether the server halves the rate; below, its own overhead would blur the answer. */
const WORTH_ASKING = 16_384

/** Whether a server may keep a filter of this layout itself; else it is kept as bitmaps. */
export function fitsServer({ bytes, segments }: FilterLayout): boolean {
  return bytes * segments <= MOST_BYTES
}

/** The filter of the server's own. */
export class ServerFilter implements FilterKind<IdPieces> {
  readonly name = 'bf'
  readonly #layout: FilterLayout
  readonly #keys: FilterKeys
  readonly #marks: readonly string[]

  constructor(layout: FilterLayout, keys: FilterKeys) {
    this.#layout = layout
    this.#keys = keys
    this.#marks = marksOf(layout)
  }

  get keys(): readonly string[] {
    return [this.#keys.bf]
  }

  get next(): readonly string[] {
    return [this.#keys.nextBf]
  }

  batch(): IdPieces {
    return new IdPieces()
  }

  async has(send: Send, id: string): Promise<boolean | undefined> {
    const found = await send((client) => this.#ask(client, [...this.#marks, id]))
    if (found.some((one, i) => one !== 1 && i < this.#marks.length)) return undefined
    return found.at(-1) === 1
  }

  add(send: Send, batch: IdPieces): Promise<boolean> {
    return this.#add(send, batch, [this.#keys.bf, this.#keys.nextBf])
  }

  addToNext(send: Send, batch: IdPieces): Promise<boolean> {
    return this.#add(send, batch, this.next)
  }

  async prepare(send: Send): Promise<void> {
    const { size, errorRate } = this.#layout
    const bytes = Math.floor((-size * Math.log(errorRate)) / Math.LN2 ** 2 / 8)
    const first = bytes < WORTH_ASKING || errorRate >= 0.5 ? errorRate : errorRate * 2
    const args = [errorRate, size, bytes, first, LEASE_MS, ...this.#marks]
    await send((client) => runScript(client, reserveScript, this.next, args))
  }

  async swap(send: Send, owner: string): Promise<boolean> {
    const { claim, bf, nextBf, bits, nextBits } = this.#keys
    const keys = [claim, bf, nextBf, ...bits, ...nextBits]
    return (await send((client) => runScript(client, replaceScript, keys, [owner, ...this.#marks]))) === 1
  }

  /** The server counts what it did not know yet; where there is no filter it holds nothing. */
  async fill(send: Send): Promise<Fill> {
    const [bytes, items] = (await send((client) => runScript(client, factsScript, this.keys, []))) as [number, number]
    const hashes = Math.ceil(-Math.log2(this.#layout.errorRate))
    return { bits: bytes * 8, hashes, count: Math.max(0, items - this.#marks.length) }
  }

  /** ioredis does not know where the key of this command is, and on a Cluster would ask whichever node: a script's it knows. */
  async #ask(client: FilterClient, texts: readonly string[]): Promise<readonly number[]> {
    const found = client.isCluster
      ? await runScript(client, holdsScript, this.keys, texts)
      : await client.call('BF.MEXISTS', this.#keys.bf, ...texts)
    return found as readonly number[]
  }

  #add(send: Send, batch: IdPieces, keys: readonly string[]): Promise<boolean> {
    const head = [this.#marks.length, ...this.#marks]
    return sendAll(batch.pieces(), async (ids) => {
      const taken = await send((client) => runScript(client, addIdsScript, keys, [...head, ...ids]))
      return taken === 1
    })
  }
}
