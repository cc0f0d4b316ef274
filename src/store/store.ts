/** A place entries are kept in. Decorators take a store and return a store. */
import type { Entry } from '../entry.ts'
import type { TierName } from '../observe/events.ts'

/**
 * Keeps entries by key. There is no delete, clear or listing: a bump makes entries dead where they lie.
 *
 * `get` may answer synchronously; the memory store always does. A rejected `get` is a miss to its caller.
 */
export interface Store {
  readonly name: TierName
  get(key: string): Entry | undefined | Promise<Entry | undefined>
  set(key: string, entry: Entry): void | Promise<void>
}

/** A store that answers at once. */
export interface SyncStore extends Store {
  get(key: string): Entry | undefined
}

/** What a store can tell of itself. */
export interface StoreUsage {
  readonly entries: number
  readonly bytes: number
  /** Those of its entries that say that there is nothing. */
  readonly negativeEntries: number
  readonly evictions: number
}
