// Groups and sorted lists: what keeps the checkers at O(n log n).

/** The items by their key, in their order. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** A copy, the smallest first. */
export function sortBy<T>(items: readonly T[], numberOf: (item: T) => number): T[] {
  return [...items].sort((a, b) => numberOf(a) - numberOf(b))
}

/** How many of the sorted items come before the first whose value is greater than `limit`. */
export function countUpTo<T>(sorted: readonly T[], limit: number, numberOf: (item: T) => number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numberOf(sorted[middle]!) <= limit) low = middle + 1
    else high = middle
  }
  return low
}
