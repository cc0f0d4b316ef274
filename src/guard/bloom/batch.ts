/** Ids on their way to Redis: a few bits for segments that few of them touch, a whole bitmap for those that many do. */
import { setBit } from './bits.ts'
import { type FilterLayout, HEAD_BYTES, positionsOf } from './layout.ts'

/** Ids of a full batch. */
const FULL = 1_000_000
/** What one bit costs as an argument, in bytes. */
const ARGUMENT_BYTES = 12

/** What is to be set in one segment: offsets in the stored value, or a value to be joined with it. */
export type SegmentBits = readonly number[] | Buffer

/** Collects ids. */
export class Batch {
  readonly #layout: FilterLayout
  readonly #segments: (number[] | Buffer | undefined)[]
  readonly #positions: number[] = []
  #count = 0

  constructor(layout: FilterLayout) {
    this.#layout = layout
    this.#segments = new Array(layout.segments).fill(undefined)
  }

  get count(): number {
    return this.#count
  }

  get isFull(): boolean {
    return this.#count >= FULL
  }

  add(id: string): void {
    const segment = positionsOf(id, this.#layout, this.#positions)
    const known = this.#segments[segment]
    const bits = known === undefined || Array.isArray(known) ? this.#roomFor(known ?? []) : known
    this.#segments[segment] = bits
    for (const at of this.#positions) {
      const offset = HEAD_BYTES * 8 + at
      if (Array.isArray(bits)) bits.push(offset)
      else setBit(bits, offset)
    }
    this.#count++
  }

  /** The segments that are touched. */
  *segments(): Generator<readonly [segment: number, bits: SegmentBits]> {
    for (const [segment, bits] of this.#segments.entries()) if (bits !== undefined) yield [segment, bits]
  }

  #roomFor(offsets: number[]): number[] | Buffer {
    const { bytes, hashes, head } = this.#layout
    if ((offsets.length + hashes) * ARGUMENT_BYTES <= bytes) return offsets
    const value = Buffer.alloc(HEAD_BYTES + bytes)
    value.write(head, 'latin1')
    for (const offset of offsets) setBit(value, offset)
    return value
  }
}
