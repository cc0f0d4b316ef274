// Medians and spreads: timings drift on shared machines, ratios taken within one round hold.

/** A middle value and what it lies between. */
export interface Spread {
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** The median of some numbers, with the lowest and the highest. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, lowest: sorted[0]!, highest: sorted.at(-1)! }
}

/** The spread of the ratios of two series, round by round. */
export function ratio(values: readonly number[], yardstick: readonly number[]): Spread {
  return spread(values.map((value, round) => value / yardstick[round]!))
}
