/** `invalidate`'s targets, and the bump they lead to once a write has succeeded. */
import { expected } from './errors.ts'
import { andThen, attempt, type MaybePromise } from './maybe.ts'
import type { Listener } from './observe/events.ts'
import { checkedTags } from './route.ts'
import type { TagRegistry } from './tag-registry.ts'
import type { BumpResult } from './versions/versions.ts'

/** A tag or route name, or a function that names some once the handler is done. */
export type Target<Subject extends readonly unknown[]> =
  | string
  | ((...subject: Subject) => MaybePromise<string | readonly string[]>)

/** What an invalidation works with. */
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
   * @param routes names all routes of the application: asked only where a target looks mistyped
   * @returns a promise only where there is something to wait for; it never rejects
   */
  act(
    subject: Subject,
    untargeted: readonly string[],
    route: string,
    routes: () => readonly string[] = () => [],
  ): void | Promise<void> {
    this.#reportUnknown(routes)
    if (this.#functions.length === 0) return this.#bump(this.#fixed.length === 0 ? untargeted : this.#fixed)
    // What a function that fails would have named stays unknown: the write's own route is bumped instead.
    const failed = (error: unknown): readonly string[] => {
      this.#parts.tell({ type: 'function-failed', route, function: 'target', error })
      return untargeted
    }
    const named = this.#functions.map((target) => attempt(() => andThen(target(...subject), namedTags), failed))
    const tags = named.some((one) => one instanceof Promise) ? Promise.all(named) : (named as (readonly string[])[])
    return andThen(tags, (lists) => this.#bump([...this.#fixed, ...lists.flat()]))
  }

  #bump(tags: readonly string[]): void | Promise<void> {
    if (tags.length === 0) return
    const result = this.#parts.bump(tags)
    return result instanceof Promise ? result.then(() => undefined) : undefined
  }

  #reportUnknown(routes: () => readonly string[]): void {
    for (const target of this.#fixed) {
      const unknown = this.#parts.registry.unknown(target, routes)
      if (unknown === undefined) continue
      this.#parts.tell({ type: 'unknown-target', target, nearest: unknown.nearest })
    }
  }
}

const namedTags = (tags: unknown) => checkedTags(tags, 'invalidate')

/** What a write bumps without targets: its patterns and, where one ends in a parameter, the collection above it. */
export function untargetedTags(patterns: readonly string[]): readonly string[] {
  return [...new Set(patterns.flatMap(withCollection))]
}

function withCollection(pattern: string): readonly string[] {
  const slash = pattern.lastIndexOf('/')
  const last = pattern.slice(slash + 1)
  if (slash === -1 || !/^[:*{(]/.test(last)) return [pattern]
  // An optional parameter has its slash inside the braces: /users{/:id}.
  return [pattern, pattern.slice(0, slash).replace(/\{$/, '') || '/']
}

/** Methods that promise to change nothing (RFC 9110 §9.2.1). */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE'
}
