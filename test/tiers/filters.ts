// Bloom filters that one test opens and that close after it.
import { type BloomFilter, bloomFilter } from '../../src/guard/bloom/filter.ts'
import type { BloomFilterOptions } from '../../src/guard/bloom/filter-options.ts'
import type { CacheEvent } from '../../src/observe/events.ts'

/** A filter, and what its listeners heard. */
export interface Opened {
  readonly filter: BloomFilter
  readonly events: CacheEvent[]
  /** The states in order: `open missing`, `up answers`. */
  states(): string[]
}

/** Opens filters as `bloomFilter` does, by default without haste; call it inside `describe`. */
export function opening(): (redis: string | object, name: string, options?: BloomFilterOptions) => Opened {
  const filters: BloomFilter[] = []
  afterEach(async () => {
    for (const filter of filters.splice(0)) await filter.close()
  })
  return (redis, name, options = {}) => {
    const events: CacheEvent[] = []
    const filter = bloomFilter(redis, name, {
      budget: '3s',
      ...options,
      listeners: [(event) => events.push(event), ...(options.listeners ?? [])],
    })
    filters.push(filter)
    const states = () => events.flatMap((event) => (event.type === 'filter' ? [`${event.state} ${event.reason}`] : []))
    return { filter, events, states }
  }
}

/** Texts that no test adds. */
export function strangers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `stranger:${i}`)
}

/** Resolves to how many of the ids the filter takes for known. */
export async function known(filter: BloomFilter, ids: readonly (string | number)[]): Promise<number> {
  const answers = await Promise.all(ids.map((id) => filter.has(id)))
  return answers.filter(Boolean).length
}
