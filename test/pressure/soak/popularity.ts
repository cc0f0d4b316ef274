// Which id is asked for: a few of them often, most of them rarely (Zipf's law).
import type { Random } from '../../consistency/random.ts'

/** Draws numbers below `count`; that of rank n comes 1/n as often as the first. */
export class Popularity {
  readonly #sums: Float64Array

  constructor(count: number) {
    this.#sums = new Float64Array(count)
    let sum = 0
    for (let i = 0; i < count; i++) {
      sum += 1 / (i + 1)
      this.#sums[i] = sum
    }
  }

  draw(random: Random): number {
    const point = random.next() * this.#sums.at(-1)!
    let low = 0
    let high = this.#sums.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#sums[middle]! > point) high = middle
      else low = middle + 1
    }
    return low
  }
}
