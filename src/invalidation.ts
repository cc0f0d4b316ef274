/** `invalidate`'s targets, and the bump they lead to once a write has succeeded. */
import { expected } from './errors.ts'
import type { MaybePromise } from './maybe.ts'
import type { Listener } from './observe/events.ts'
import { checkedTags } from './route.ts'
import type { TagRegistry } from './tag-registry.ts'
import type { BumpResult } from './versions/versions.ts'

/** A tag or route name, or a function that names some once the handler is done. */
export type Target<Subject extends readonly unknown[]> =
  | string
  | ((...subject: Subject) => MaybePromise<string | readonly string[]>)

export interface InvalidationParts {
  readonly bump: (tags: readonly string[]) => BumpResult | Promise<BumpResult>
  readonly registry: TagRegistry
  readonly tell: Listener
}

/** What one `invalidate(...)` bumps. */
export class Invalidation<Subject extends readonly unknown[]> {
  readonly #parts: InvalidationParts
  readonly #fixed: readonly string[]
  readonly #functions: readonly ((...subject: Subject) => unknown)[]

  /** @throws CacheConfigError for a target that is neither a string nor a function */
  constructor(targets: readonly Target<Subject>[], parts: InvalidationParts) {
    for (const target of targets as readonly unknown[]) {
      const valid = typeof target === 'function' || (typeof target === 'string' && target !== '')
      if (!valid) throw expected('invalid-tags', 'invalidate', 'given strings that are not empty, or functions', target)
    }
    this.#parts = parts
    this.#fixed = targets.filter((target) => typeof target === 'string')
    this.#functions = targets.filter((target) => typeof target === 'function')
  }

  /** The targets known before any request. */
  get fixed(): readonly string[] {
    return this.#fixed
  }

  /**
   * Bumps what the targets name, or `untargeted` where there are none or one of them fails.
   *
   * @returns a promise only where there is something to wait for; it never rejects
   */
  act(subject: Subject, untargeted: readonly string[], route: string): void | Promise<void> {
    this.#reportUnknown()
    if (this.#functions.length === 0) return this.#bump(this.#fixed.length === 0 ? untargeted : this.#fixed)
    try {
      const named = this.#functions.map((target) => target(...subject))
      if (named.some((tags) => tags instanceof Promise)) return this.#actLater(named, untargeted, route)
      return this.#bump([...this.#fixed, ...named.flatMap((tags) => checkedTags(tags, 'invalidate'))])
    } catch (error) {
      return this.#failed(error, untargeted, route)
    }
  }

  async #actLater(named: readonly unknown[], untargeted: readonly string[], route: string): Promise<void> {
    try {
      const tags = await Promise.all(named)
      await this.#bump([...this.#fixed, ...tags.flatMap((list) => checkedTags(list, 'invalidate'))])
    } catch (error) {
      await this.#failed(error, untargeted, route)
    }
  }

  /** What the function would have named stays unknown: the write's own route is bumped instead, and the fixed targets. */
  #failed(error: unknown, untargeted: readonly string[], route: string): void | Promise<void> {
    this.#parts.tell({ type: 'function-failed', route, function: 'target', error })
    return this.#bump([...this.#fixed, ...untargeted])
  }

  #bump(tags: readonly string[]): void | Promise<void> {
    if (tags.length === 0) return
    const result = this.#parts.bump(tags)
    return result instanceof Promise ? result.then(() => undefined) : undefined
  }

  #reportUnknown(): void {
    for (const target of this.#fixed) {
      const unknown = this.#parts.registry.unknown(target)
      if (unknown === undefined) continue
      this.#parts.tell({ type: 'unknown-target', target, nearest: unknown.nearest })
    }
  }
}

/** What a write bumps without targets: its pattern and, where that ends in a parameter, the collection above it. */
export function untargetedTags(pattern: string): readonly string[] {
  const slash = pattern.lastIndexOf('/')
  const last = pattern.slice(slash + 1)
  if (slash === -1 || !/^[:*{(]/.test(last)) return [pattern]
  return [pattern, pattern.slice(0, slash) || '/']
}
