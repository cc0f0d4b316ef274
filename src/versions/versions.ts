/** The tokens that tags have: what makes an entry live or dead. */
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

/** A point in time to compare later tokens with. Opaque to everyone but its maker. */
export type RunMark = { readonly runMark: unique symbol }

/**
 * Tokens are opaque, unique and compared for equality only; a tag without one gets a fresh one, never a former one.
 * Methods answer synchronously whenever they can.
 */
export interface Versions {
  /** The token that may be used at this instant, or undefined when it must be read first. */
  usable(tag: string): string | undefined
  /**
   * The tokens of these tags, in their order.
   *
   * @param life milliseconds that entries under them may live: the tokens live longer
   * @returns rejects when they cannot be known now
   */
  read(tags: readonly string[], life: number): VersionSet | Promise<VersionSet>
  /** Reads the tags anew, whatever is known of them here. */
  reread(tags: readonly string[], life: number): VersionSet | Promise<VersionSet>
  /** Gives the tags new tokens. Never rejects. */
  bump(tags: readonly string[]): BumpResult | Promise<BumpResult>
  /** Marks the present instant, before a run. */
  mark(): RunMark
  /** The tokens of tags first named after a run, if none can have changed since the mark; undefined when that is not certain. */
  unchangedSince(
    mark: RunMark,
    tags: readonly string[],
    life: number,
  ): VersionSet | undefined | Promise<VersionSet | undefined>
  /** Whether tokens are used without Redis right now. */
  readonly degraded: boolean
  /** Whether every process knows these tokens, so that entries under them may be shared. */
  isShared(set: VersionSet): boolean
}
