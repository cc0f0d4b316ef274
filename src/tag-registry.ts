/** The tags this process has seen, so that a mistyped target can be named. */
import { nearestName } from './errors.ts'

const CAPACITY = 10_000

/** A bounded memory of names. */
export class TagRegistry {
  readonly #known = new Set<string>()
  readonly #reported = new Set<string>()

  /** Notes tags that a route or an entry carries. */
  note(tags: readonly string[]): void {
    if (this.#known.size >= CAPACITY) return
    for (const tag of tags) this.#known.add(tag)
  }

  /**
   * The nearest name (or none) for a target that nothing ever carried; undefined when it is known or was reported before.
   *
   * @param routes names all routes of the application, where that can be told: some may not have been asked for yet
   */
  unknown(
    target: string,
    routes: () => readonly string[] = () => [],
  ): { readonly nearest: string | undefined } | undefined {
    const overflowed = this.#known.size >= CAPACITY || this.#reported.size >= CAPACITY
    if (overflowed || this.#known.has(target) || this.#reported.has(target)) return undefined
    this.note(routes())
    if (this.#known.has(target)) return undefined
    this.#reported.add(target)
    return { nearest: nearestName(target, [...this.#known]) }
  }
}
