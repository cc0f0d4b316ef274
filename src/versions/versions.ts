/** The tokens that tags have: what makes an entry live or dead. */
import type { Instant } from '../clock.ts'
import type { VersionSet } from '../entry.ts'

/** The tag that every entry carries. */
export const EVERYTHING = '*'

/** What became of a bump. */
export interface BumpResult {
  /** `everywhere`: Redis (or, without Redis, this process) confirmed it. `locally`: this process knows, Redis is told once it answers. */
  readonly applied: 'everywhere' | 'locally'
  /** Kept here to be told to Redis later. */
  readonly journalled: boolean
}

/** How well a token must be known to be used for a request. */
export interface Terms {
  /** Milliseconds since its last validation (D of the contract). */
  readonly bound: number
  /** The same while Redis is away. */
  readonly maxStale: number
  /** Only what was validated by a command sent at or after this instant counts. Negative infinity but for strong consistency. */
  readonly since: Instant
  /** Milliseconds that entries under the token may live: it lives longer. */
  readonly life: number
}

/** Who may be answered from an entry under these tokens. */
export type Reach = 'every process' | 'this process' | 'nobody'

/** A writer at work. */
export interface Intent {
  /** Names the writer in its markers. */
  readonly writer: string
  readonly tags: readonly string[]
  /** The markers are renewed no more: they vanish by themselves unless a bump removes them. */
  end(): void
}

/** A point in time to compare later tokens with. Opaque to everyone but its maker. */
export type RunMark = { readonly runMark: unique symbol }

/**
 * Tokens are opaque, unique and compared for equality only; a tag without one gets a fresh one, never a former one.
 * Methods answer synchronously whenever they can.
 */
export interface Versions {
  /** The token that may be used at this instant, or undefined when it must be read first. */
  usable(tag: string, terms: Terms): string | undefined
  /**
   * The tokens of these tags, in their order.
   *
   * @returns rejects when they cannot be known now
   */
  read(tags: readonly string[], terms: Terms): VersionSet | Promise<VersionSet>
  /** Reads the tags anew, whatever is known of them here. */
  reread(tags: readonly string[], terms: Terms): VersionSet | Promise<VersionSet>
  /** Gives the tags new tokens. Never rejects. */
  bump(tags: readonly string[]): BumpResult | Promise<BumpResult>
  /** Marks the present instant, before a run. */
  mark(): RunMark
  /** The tokens of tags first named after a run, if none can have changed since the mark; undefined when that is not certain. */
  unchangedSince(
    mark: RunMark,
    tags: readonly string[],
    terms: Terms,
  ): VersionSet | undefined | Promise<VersionSet | undefined>
  /** Whether tokens are used without Redis right now. */
  readonly degraded: boolean
  /** How far entries under these tokens may go. */
  reach(set: VersionSet): Reach
}
