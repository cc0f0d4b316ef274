/** L1: entries in this process's memory, bounded by count and by true bytes. */
import QuickLRU from 'quick-lru'
import type { Clock } from '../clock.ts'
import type { Entry, Quota } from '../entry.ts'
import type { CodedBodies } from '../http/coding.ts'
import { mayEnter, noSeats, QuotaGroups, renew, type Seat } from './quota-groups.ts'
import type { StoreUsage, SyncStore } from './store.ts'

/** The bounds of a memory store. */
export interface MemoryStoreOptions {
  readonly maxEntries: number
  readonly maxBytes: number
  /** Of both bounds, what negative entries may take together. @default 1 */
  readonly negativeShare?: number
  readonly clock: Clock
}

/** What one eviction frees at least: evicting one by one would cost a walk each time. */
const BATCH = 1 / 16

interface Held {
  readonly entry: Entry
  readonly bytes: number
  /** How many moves to the recent end there had been when it was moved there itself. */
  readonly movedAt: number
  /** Its places among entries that share a bound. */
  readonly seats: readonly Seat[]
}

/** A memory store; entries past their last use leave when they are asked for, the least recently used when room is needed. */
export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  return new MemoryStore(options)
}

/** The state behind `memoryStore()`. */
export class MemoryStore implements SyncStore {
  readonly name = 'l1'
  readonly #options: MemoryStoreOptions
  // Bounded by us: left to itself the library holds up to twice its `maxSize`.
  readonly #held: QuickLRU<string, Held>
  readonly #groups = new QuotaGroups()
  readonly #negatives: Quota
  #entries = 0
  #bytes = 0
  #evictions = 0
  #moves = 0

  constructor(options: MemoryStoreOptions) {
    const { maxEntries, maxBytes, negativeShare = 1 } = options
    this.#options = options
    this.#negatives = {
      maxEntries: Math.max(1, Math.floor(maxEntries * negativeShare)),
      maxBytes: maxBytes * negativeShare,
    }
    this.#held = new QuickLRU({ maxSize: Number.POSITIVE_INFINITY, onEviction: (_key, held) => this.#evicted(held) })
  }

  get(key: string): Entry | undefined {
    const held = this.#held.get(key)
    if (held === undefined) return undefined
    if (this.#options.clock.now() >= held.entry.expiresAt) {
      this.#remove(key, held)
      return undefined
    }
    // Among the most recent batch no move is needed: only the oldest one ever leaves.
    if (this.#moves - held.movedAt > this.#entries * BATCH) this.#keep(key, held.entry, held.bytes, held.seats)
    if (held.seats !== noSeats) renew(held.seats)
    return held.entry
  }

  set(key: string, entry: Entry): void {
    const former = this.#held.peek(key)
    if (former !== undefined) this.#remove(key, former)
    const quotas = this.#quotasOf(entry)
    const bytes = weigh(key, entry) + quotas.length * SEAT_OVERHEAD
    if (bytes > this.#options.maxBytes || !mayEnter(quotas, bytes)) return
    for (const quota of quotas) this.#makeRoomWithin(quota, bytes)
    this.#makeRoom(bytes)
    this.#keep(key, entry, bytes, this.#groups.enter(quotas, key, bytes))
    this.#entries++
    this.#bytes += bytes
  }

  /** Counts that are true at this moment; dead entries count until they leave. */
  usage(): StoreUsage {
    const negativeEntries = this.#groups.count(this.#negatives)
    return { entries: this.#entries, bytes: this.#bytes, negativeEntries, evictions: this.#evictions }
  }

  /** Puts an entry at the recent end: the library itself moves nothing before its first eviction. */
  #keep(key: string, entry: Entry, bytes: number, seats: readonly Seat[]): void {
    this.#held.delete(key)
    this.#held.set(key, { entry, bytes, movedAt: ++this.#moves, seats })
  }

  #quotasOf({ negative, quota }: Entry): readonly Quota[] {
    if (negative === undefined) return quota === undefined ? [] : [quota]
    return quota === undefined ? [this.#negatives] : [this.#negatives, quota]
  }

  /** One by one: of a group, who leaves is found without a walk. */
  #makeRoomWithin(quota: Quota, bytes: number): void {
    for (;;) {
      const key = this.#groups.leaving(quota, bytes)
      const held = key === undefined ? undefined : this.#held.peek(key)
      if (held === undefined) return
      this.#held.delete(key!)
      this.#evicted(held)
    }
  }

  #makeRoom(bytes: number): void {
    const { maxEntries, maxBytes } = this.#options
    if (this.#entries < maxEntries && this.#bytes + bytes <= maxBytes) return
    const wantedEntries = Math.min(maxEntries - 1, Math.ceil(maxEntries * (1 - BATCH)))
    const wantedBytes = Math.min(maxBytes - bytes, maxBytes * (1 - BATCH))
    let entries = this.#entries
    let left = this.#bytes
    let leaving = 0
    for (const [, held] of this.#held.entriesAscending()) {
      if (entries <= wantedEntries && left <= wantedBytes) break
      entries--
      left -= held.bytes
      leaving++
    }
    this.#evict(leaving)
  }

  #evict(leaving: number): void {
    // The library never evicts its last entry.
    if (leaving < this.#entries) this.#held.evict(leaving)
    else {
      for (const held of [...this.#held.values()]) this.#evicted(held)
      this.#held.clear()
    }
  }

  #evicted(held: Held): void {
    this.#evictions++
    this.#left(held)
  }

  #remove(key: string, held: Held): void {
    this.#held.delete(key)
    this.#left(held)
  }

  #left({ bytes, seats }: Held): void {
    this.#entries--
    this.#bytes -= bytes
    this.#groups.leave(seats)
  }
}

/** Measured on Node 20: the objects, map slots and backing store of an entry without fields, tags and body. */
const ENTRY_OVERHEAD = 780
/** The pair, its array and the headers of its strings. */
const FIELD_OVERHEAD = 120
/** A string's header and its slot. */
const TEXT_OVERHEAD = 24

/** A place in a group, and its slot. */
const SEAT_OVERHEAD = 120

/** A coded body's object and backing store, and its slot. */
const CODED_OVERHEAD = 300

/** Bytes an entry keeps alive: key, fields, tags, body and its coded forms; at most 5 % below what the heap shows. */
function weigh(key: string, { response, versions, via, ...rest }: Entry): number {
  let bytes = ENTRY_OVERHEAD + key.length + (via?.length ?? 0) + (response.statusMessage?.length ?? 0)
  bytes += response.body.buffer.byteLength
  if (response.coded !== undefined) bytes += weighCoded(response.coded)
  for (const [name, value] of response.headers) {
    bytes += FIELD_OVERHEAD + name.length
    for (const line of typeof value === 'string' ? [value] : value) bytes += 2 * line.length
  }
  for (const name of response.removed) bytes += FIELD_OVERHEAD + name.length
  for (const [i, tag] of versions.tags.entries())
    bytes += FIELD_OVERHEAD + tag.length + (versions.tokens[i]?.length ?? 0)
  return bytes + weighVariants(rest)
}

/** What leads to variants, or tells one of them: most entries do neither. */
function weighVariants({ selection, variants }: Pick<Entry, 'selection' | 'variants'>): number {
  let bytes = 0
  for (const text of selection === undefined ? [] : [...selection.names, selection.text]) {
    bytes += TEXT_OVERHEAD + 2 * text.length
  }
  for (const text of variants === undefined ? [] : [...variants.names, ...variants.keys]) {
    bytes += TEXT_OVERHEAD + text.length
  }
  return bytes
}

function weighCoded(coded: CodedBodies): number {
  let bytes = 0
  for (const body of Object.values(coded)) bytes += CODED_OVERHEAD + (body === 'useless' ? 0 : body.buffer.byteLength)
  return bytes
}
