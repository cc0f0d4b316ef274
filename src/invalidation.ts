/** `invalidate`'s targets, and the bump they lead to once a write has succeeded. */
import { CacheConfigError, expected, rejectUnknown } from './errors.ts'
import { andThen, attempt, type MaybePromise } from './maybe.ts'
import type { Listener } from './observe/events.ts'
import { checkedTags } from './route.ts'
import type { TagRegistry } from './tag-registry.ts'
import type { BumpResult, Intent } from './versions/versions.ts'

/** A tag or route name, or a function that names some once the handler is done. */
export type Target<Subject extends readonly unknown[]> =
  | string
  | ((...subject: Subject) => MaybePromise<string | readonly string[]>)

/** What `invalidate(…, options)` accepts. */
export interface InvalidateOptions {
  /**
   * `after` bumps once the handler succeeded. `intent` tells Redis before the handler runs: until the write is settled nothing is stored
   * or shared under its tags, anywhere, even if the writer dies in between; where Redis cannot be told, the answer is 503 and the handler
   * does not run. @default 'after'
   */
  readonly mode?: 'after' | 'intent' | undefined
}

/** What `invalidate` is called with: targets, and options last. */
export type InvalidateArguments<Subject extends readonly unknown[]> =
  | readonly Target<Subject>[]
  | readonly [...targets: readonly Target<Subject>[], options: InvalidateOptions]

/** What an invalidation works with. */
export interface InvalidationParts {
  readonly bump: (tags: readonly string[]) => BumpResult | Promise<BumpResult>
  /** Announces writes; undefined without Redis. */
  readonly intents: IntentParts | undefined
  readonly registry: TagRegistry
  readonly tell: Listener
}

/** How a write is announced, and how it is settled once it is done. */
export interface IntentParts {
  readonly begin: (tags: readonly string[]) => Promise<Intent>
  /** @param late tags that nobody knew when the write began */
  readonly settle: (intent: Intent, late: readonly string[]) => BumpResult | Promise<BumpResult>
}

/**
 * Bumps what was written; to be called whenever the write may have become visible.
 *
 * @param last the handler is done with all it does. @default true
 */
export type Act = (last?: boolean) => void | Promise<void>

/** A write that Redis knows is coming. */
export interface AnnouncedWrite {
  readonly act: Act
  /** Settles a write that failed: nothing must stand in the readers' way any longer. */
  readonly release: Act
}

/** Where a write happens. */
export interface WritePlace<Subject extends readonly unknown[]> {
  readonly subject: Subject
  /** What is bumped where there are no targets, or where one fails. Asked when it is time to. */
  readonly untargeted: () => readonly string[]
  readonly route: () => string
  /** Names all routes of the application: asked only where a target looks mistyped. */
  readonly routes: () => readonly string[]
}

type UserTargets<Subject extends readonly unknown[]> = readonly ((...subject: Subject) => unknown)[]

/** What one `invalidate(...)` bumps. */
export class Invalidation<Subject extends readonly unknown[]> {
  readonly #parts: InvalidationParts
  readonly #fixed: readonly string[]
  readonly #functions: UserTargets<Subject>

  /** Whether writes are announced before their handler runs. */
  readonly intends: boolean

  /** @throws CacheConfigError for a target that is neither a string nor a function, and for unknown options */
  constructor(args: InvalidateArguments<Subject>, parts: InvalidationParts) {
    const { targets, mode } = parted(args)
    for (const target of targets) {
      const valid = typeof target === 'function' || (typeof target === 'string' && target !== '')
      if (!valid) throw expected('invalid-tags', 'invalidate', 'given strings that are not empty, or functions', target)
    }
    this.intends = mode === 'intent'
    if (this.intends && parts.intents === undefined) {
      throw new CacheConfigError('invalid-option', "`mode: 'intent'` needs `redis`: there is nobody to tell without it")
    }
    this.#parts = parts
    this.#fixed = targets.filter((target) => typeof target === 'string')
    this.#functions = targets.filter((target) => typeof target === 'function') as unknown as UserTargets<Subject>
  }

  /** The targets known before any request. */
  get fixed(): readonly string[] {
    return this.#fixed
  }

  /** What to do once the write of a handler that is about to run has succeeded. It never rejects. */
  after(place: WritePlace<Subject>): Act {
    return () => {
      this.#reportUnknown(place.routes)
      return andThen(this.#tags(place), (tags) => this.#bump(tags))
    }
  }

  /**
   * Announces the write of a handler that is about to run.
   *
   * @returns undefined when it cannot be announced: then it must not run
   */
  async before(place: WritePlace<Subject>): Promise<AnnouncedWrite | undefined> {
    this.#reportUnknown(place.routes)
    const tags = await this.#tags(place)
    const { begin, settle } = this.#parts.intents!
    try {
      const intent = await begin(tags)
      let settled = false
      const act = (last = true) => {
        const late = this.#lateTags(place).filter((tag) => !intent.tags.includes(tag))
        // A handler that streams may commit until its last byte: the markers stay.
        if (!last) return this.#bump([...intent.tags, ...late])
        settled = true
        return andThen(settle(intent, late), () => undefined)
      }
      return { act, release: () => (settled ? undefined : act()) }
    } catch {
      return undefined
    }
  }

  #tags({ subject, untargeted, route }: WritePlace<Subject>): MaybePromise<readonly string[]> {
    if (this.#functions.length === 0) return this.#fixed.length === 0 ? untargeted() : this.#fixed
    // What a function that fails would have named stays unknown: the write's own route is bumped instead.
    const failed = (error: unknown): readonly string[] => {
      this.#parts.tell({ type: 'function-failed', route: route(), function: 'target', error })
      return untargeted()
    }
    const named = this.#functions.map((target) => attempt(() => andThen(target(...subject), namedTags), failed))
    const tags = named.some((one) => one instanceof Promise) ? Promise.all(named) : (named as (readonly string[])[])
    return andThen(tags, (lists) => [...this.#fixed, ...lists.flat()])
  }

  /** Under a mount, the route that answers is known only once it has. */
  #lateTags({ untargeted }: WritePlace<Subject>): readonly string[] {
    return this.#fixed.length === 0 && this.#functions.length === 0 ? untargeted() : []
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

/** Options come last, and are no target. */
function parted(args: readonly unknown[]): { readonly targets: readonly unknown[]; readonly mode: string } {
  const last = args.at(-1)
  if (!isPlain(last)) return { targets: args, mode: 'after' }
  rejectUnknown(last, ['mode'])
  const { mode = 'after' } = last as InvalidateOptions
  if (mode !== 'after' && mode !== 'intent') throw expected('invalid-option', 'mode', "'after' or 'intent'", mode)
  return { targets: args.slice(0, -1), mode }
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
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
