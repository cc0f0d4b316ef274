/** Versions of a cache without Redis: one process, one counter that never repeats. */
import type { VersionSet } from '../entry.ts'
import type { BumpResult, Reach, RunMark, Versions } from './versions.ts'

/** Tags whose own token is remembered; the others share one that only grows. */
const DEFAULT_CAPACITY = 100_000

/** A process-local versions table. */
export function memoryVersions(capacity = DEFAULT_CAPACITY): Versions {
  return new MemoryVersions(capacity)
}

class MemoryVersions implements Versions {
  readonly degraded = false
  readonly #capacity: number
  readonly #bumped = new Map<string, number>()
  #sequence = 1
  /** The token of every tag that was not bumped since it was last forgotten. */
  #floor = 1

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  usable(tag: string): string {
    return String(this.#token(tag))
  }

  read(tags: readonly string[]): VersionSet {
    return { tags, tokens: tags.map((tag) => this.usable(tag)) }
  }

  reread(tags: readonly string[]): VersionSet {
    return this.read(tags)
  }

  bump(tags: readonly string[]): BumpResult {
    for (const tag of tags) {
      this.#bumped.delete(tag)
      this.#bumped.set(tag, ++this.#sequence)
    }
    // Forgetting a tag must not give it a former token back: the shared one moves past all of them.
    if (this.#bumped.size > this.#capacity) {
      this.#bumped.clear()
      this.#floor = ++this.#sequence
    }
    return { applied: 'everywhere', journalled: false }
  }

  mark(): RunMark {
    return this.#sequence as unknown as RunMark
  }

  unchangedSince(mark: RunMark, tags: readonly string[]): VersionSet | undefined {
    const since = mark as unknown as number
    return tags.every((tag) => this.#token(tag) <= since) ? this.read(tags) : undefined
  }

  reach(): Reach {
    return 'every process'
  }

  #token(tag: string): number {
    return this.#bumped.get(tag) ?? this.#floor
  }
}
