/** The names of all that a Bloom filter keeps in Redis; they share one slot. */
import type { FilterLayout } from './layout.ts'

/** The keys of one filter. */
export interface FilterKeys {
  /** Begins them all; what stands in its braces decides on their slot. */
  readonly base: string
  /** Names who rebuilds it. */
  readonly claim: string
  readonly bits: readonly string[]
  readonly nextBits: readonly string[]
  readonly bf: string
  readonly nextBf: string
}

/** Names them. */
export function filterKeys(base: string, { segments }: FilterLayout): FilterKeys {
  const all = (copy: string) => Array.from({ length: segments }, (_, segment) => `${base}:${copy}:${segment}`)
  return Object.freeze({
    base,
    claim: `${base}:rebuild`,
    bits: all('bits'),
    nextBits: all('next'),
    bf: `${base}:bf`,
    nextBf: `${base}:bf:next`,
  })
}
