/** Remembers which keys were asked for before, in a Bloom filter of this process that is cleared now and then (TinyLFU's doorkeeper). */
import { hasBit, setBit } from './bits.ts'
import { bloomLayout, type Layout, positionsOf } from './layout.ts'

/** The memory of one route. About 10 bits for each request of a round. */
export class Doorkeeper {
  readonly #layout: Layout
  readonly #size: number
  readonly #bytes: Uint8Array
  readonly #positions: number[] = []
  #noted = 0

  /**
   * @param size requests of one round: with the last the memory is cleared
   * @param errorRate the share of new keys that are taken for known ones at the end of a round
   */
  constructor(size: number, errorRate: number) {
    this.#layout = bloomLayout(size, errorRate)
    this.#size = size
    this.#bytes = new Uint8Array(Math.ceil(this.#layout.bits / 8))
  }

  /** Notes a request for a key, and says whether there was one before. */
  knows(key: string): boolean {
    positionsOf(key, this.#layout, this.#positions)
    const isKnown = this.#positions.every((at) => hasBit(this.#bytes, at))
    for (const at of this.#positions) setBit(this.#bytes, at)
    if (++this.#noted >= this.#size) {
      this.#noted = 0
      this.#bytes.fill(0)
    }
    return isKnown
  }
}
