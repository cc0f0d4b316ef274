/** A Bloom filter in Redis, shared by all processes: what is not in it does not exist, and where it cannot tell, everything may. */
import { type Clock, monotonicClock } from '../../clock.ts'
import { openClient } from '../../connection/client/redis.ts'
import { type Duration, duration } from '../../duration.ts'
import { CacheConfigError, expected } from '../../errors.ts'
import type { FilterEvent } from '../../observe/events.ts'
import { AddedIds } from './added-ids.ts'
import type { FilterClient } from './client.ts'
import { type BloomFilterOptions, type FilterSettings, filterSettings } from './filter-options.ts'
import { type FilterId, type Ids, idText, inBatches } from './ids.ts'
import type { FilterKind, IdBatch, Send, Sight } from './kind.ts'
import { Link } from './link.ts'
import { rebuild } from './rebuild.ts'
import { Stored } from './stored.ts'
import { WaitingIds } from './waiting-ids.ts'

/** How long each command of a large write may take, in ms, connecting included, before it rejects. */
const WRITE_MS = 5_000
/** The same for one id: somebody may wait for the answer of a handler that adds it. */
const ADD_MS = 1_000
/** How often a filter that stands open is looked after, in ms. */
const LOOK_MS = 250

/** What a filter says of itself. */
export interface FilterInfo {
  readonly name: string
  readonly size: number
  readonly errorRate: number
  /** Whether Redis keeps it as bitmaps of ours, or by its own BF commands. */
  readonly kind: 'bitmap' | 'bf'
  /** Bits in all keys together. */
  readonly bits: number
  /** Bits that one id sets. */
  readonly hashes: number
  /** The keys in Redis. */
  readonly keys: readonly string[]
  readonly state: 'up' | 'open'
  /** How many ids it holds: of bitmaps an estimate by their bits (Swamidass & Baldi 2007), of the other kind what Redis counted. */
  readonly count: number
}

/** A set of ids that never says no to one of its own, and seldom yes to another (Bloom 1970). */
export interface BloomFilter {
  readonly name: string
  /**
   * Adds an id, once it is in your database: a rebuild under way then misses it in neither. It never makes the filter: one with a few of
   * the ids would turn all others away.
   *
   * @throws FilterMissingError where Redis has no such filter, or lost it, CacheConfigError where it has other parameters, else what went wrong with Redis
   */
  add(id: FilterId): Promise<void>
  /** Adds many, a million in seconds. The first ones make the filter, unless a guard of this process stands on it, or it was there. Rejects as `add` does. */
  addMany(ids: Ids): Promise<void>
  /** Whether the id may exist, in one round trip. Never rejects: `true` where the filter is missing, and where Redis is away or late. */
  has(id: FilterId): Promise<boolean>
  /**
   * Makes the filter anew of all ids. Meanwhile the former one answers, and what is added is in both. A second rebuild waits for the first.
   *
   * @param ids a function is called once additions go to both: what it reads then misses none. Of ids that were read before, it is for you to
   *   know that none was added since
   * @throws what `add` does, and what `ids` does; the filter is then as it was
   */
  rebuild(ids: Ids | (() => Ids | Promise<Ids>)): Promise<void>
  /** What it is, and how full. Rejects while Redis is away. */
  info(): Promise<FilterInfo>
  /** Resolves once Redis answers; rejects after the deadline (default `'10s'`), and with CacheConfigError where the filter has other parameters. */
  ready(deadline?: Duration): Promise<void>
  /** Ends timers and the connection; everything may exist from then on. */
  close(): Promise<void>
}

/** Redis has no such filter, or lost part of it: with the ids that are added now it would turn all others away. */
export class FilterMissingError extends Error {
  override readonly name = 'FilterMissingError'
}

/**
 * Opens a Bloom filter. It connects by itself, and needs no cache.
 *
 * @param redis a URL, ioredis options, or an ioredis `Redis` or `Cluster`, which is duplicated and never closed
 * @param name tells filters apart; processes that name the same one share it
 * @throws CacheConfigError for whatever is wrong with the arguments
 * @example const users = bloomFilter('redis://localhost:6379', 'users', { size: 1_000_000, errorRate: 0.01 })
 */
export function bloomFilter(redis: string | object, name: string, options: BloomFilterOptions = {}): BloomFilter {
  const settings = filterSettings(redis, name, options)
  return new RedisBloomFilter(settings, openClient(redis) as FilterClient, monotonicClock)
}

/** The filter, as the guard knows it. */
export class RedisBloomFilter implements BloomFilter {
  readonly name: string
  readonly #settings: FilterSettings
  readonly #clock: Clock
  readonly #link: Link
  readonly #stored: Stored
  readonly #waiting: WaitingIds
  readonly #added = new AddedIds()
  #state: FilterEvent['reason'] | undefined
  /** A filter that is not there may be a new one: where it was there, or is relied on, it was lost. */
  #mayBeNew = true
  /** The head of another filter under this name. */
  #other: string | undefined
  #closed = false
  #cancelLook = () => {}
  #looking = false

  constructor(settings: FilterSettings, client: FilterClient, clock: Clock) {
    this.name = settings.name
    this.#settings = settings
    this.#clock = clock
    this.#stored = new Stored(settings.layout, settings.base)
    this.#waiting = new WaitingIds((outcome, count, reason) =>
      settings.tell({ type: 'filter-add', name: settings.name, outcome, count, reason }),
    )
    const away = (message: string) => {
      if (this.#closed) return
      this.#turn('unreachable', message)
      this.#lookSoon()
    }
    this.#link = new Link({ client, clock, budget: settings.budget, away })
    client.on('close', () => this.#added.doubt())
    client.on('ready', () => void this.#look())
  }

  async has(id: FilterId): Promise<boolean> {
    try {
      const text = idText(id)
      if (this.#closed || this.#waiting.has(text) || this.#added.isInDoubt(text)) return true
      const ask: Send = (run) => this.#link.ask(run)
      const kind = this.#stored.kind ?? (await this.#learn(ask))
      const found = await kind.has(ask, text)
      if (found !== undefined) return found
      this.#mayBeNew = false
      // While it is known not to be there it is looked after anyway.
      if (this.#other === undefined && this.#state !== 'missing') void this.#look()
    } catch {
      // Whoever is asked and cannot tell says that it may exist.
    }
    return true
  }

  async add(id: FilterId): Promise<void> {
    const ids = [idText(id)]
    const send: Send = (run) => this.#link.insist(run, ADD_MS)
    await this.#addIds(ids, send).catch(async (error: unknown) => {
      if (!(error instanceof FilterMissingError && this.#mayBeNew)) throw error
      // Another one may be making it of the first ids: waits for its turn, and leaves it at that.
      await this.#rebuild([], async () => false)
      await this.#addIds(ids, send)
    })
  }

  async addMany(ids: Ids): Promise<void> {
    const { sight, kind } = await this.#see()
    if (sight !== 'whole' && this.#mayBeNew) {
      const isMissing = async () => (await this.#see()).sight !== 'whole'
      if (await this.#rebuild(ids, isMissing)) return
    }
    const current = this.#stored.kind ?? kind
    for await (const batch of inBatches(ids, () => current.batch())) await this.#add(current, batch, this.#send)
  }

  async rebuild(ids: Ids | (() => Ids | Promise<Ids>)): Promise<void> {
    await this.#see()
    await this.#rebuild(ids, async () => true)
  }

  async info(): Promise<FilterInfo> {
    const { sight, kind } = await this.#see()
    const { name, layout } = this.#settings
    const { size, errorRate } = layout
    const { bits, hashes, count } = await kind.fill(this.#send)
    const state = sight === 'whole' ? 'up' : 'open'
    return Object.freeze({ name, size, errorRate, kind: kind.name, bits, hashes, keys: kind.keys, state, count })
  }

  async ready(deadline: Duration = '10s'): Promise<void> {
    const ms = duration(deadline, 'deadline')
    await this.#learn((run) => this.#link.insist(run, ms))
    this.#refuseOther()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    const { budget } = this.#settings
    if (this.#link.away === undefined) await this.#release(budget).catch(() => undefined)
    this.#waiting.giveUp('the filter was closed before Redis took them')
    this.#closed = true
    this.#cancelLook()
    this.#link.close()
  }

  /** A guard relies on it: from now on only `rebuild` makes a filter that is missing. */
  guarded(): void {
    this.#mayBeNew = false
  }

  /** Tells the filter's listeners of a function of the guard that failed. */
  functionFailed(error: unknown): void {
    this.#settings.tell({ type: 'function-failed', route: this.name, function: 'guard', error })
  }

  /** Adds ids within the budget; where Redis does not take them by then, they exist in this process, and wait. Never rejects. */
  async admit(ids: readonly string[]): Promise<void> {
    try {
      await this.#addIds(ids, (run) => this.#link.ask(run, true))
    } catch (error) {
      if (this.#closed) return
      this.#waiting.keep(ids, (error as Error).message)
      this.#lookSoon()
    }
  }

  readonly #send: Send = (run) => this.#link.insist(run, WRITE_MS)

  /** Adds ids that are at hand, and remembers them for a Redis that forgets: once more, where the filter was made anew as one of the other kind meanwhile. */
  async #addIds(ids: readonly string[], send: Send): Promise<void> {
    this.#refuseClosed()
    const kind = this.#stored.kind ?? (await this.#learn(send))
    try {
      await this.#add(kind, batchOf(kind, ids), send)
    } catch (error) {
      const current = this.#stored.kind ?? kind
      if (current === kind || !(error instanceof FilterMissingError)) throw error
      await this.#add(current, batchOf(current, ids), send)
    }
    this.#added.note(ids)
  }

  async #add(kind: FilterKind, batch: IdBatch, send: Send): Promise<void> {
    this.#refuseClosed()
    this.#refuseOther()
    if (await kind.add(send, batch)) return
    await this.#learn(send)
    this.#refuseOther()
    throw new FilterMissingError(
      `Redis has no Bloom filter \`${this.name}\`, or lost part of it: make it with rebuild(ids), of all ids ([] where there are none yet)`,
    )
  }

  async #rebuild(ids: Ids | (() => Ids | Promise<Ids>), wanted: () => Promise<boolean>): Promise<boolean> {
    const kind = async () => (await this.#see()).kind
    const parts = { keys: this.#stored.keys, send: this.#send, clock: this.#clock, kind }
    const done = await rebuild(parts, typeof ids === 'function' ? ids : () => ids, wanted)
    if (done) this.#judge('whole')
    return done
  }

  async #see(): Promise<{ readonly kind: FilterKind; readonly sight: Sight }> {
    this.#refuseClosed()
    const seen = await this.#stored.look(this.#send)
    this.#judge(seen.sight)
    this.#refuseOther()
    return seen
  }

  /** Looks what there is, and resolves to its kind. */
  async #learn(send: Send): Promise<FilterKind> {
    const { kind, sight } = await this.#stored.look(send)
    this.#judge(sight)
    return kind
  }

  #judge(sight: Sight): void {
    this.#other = typeof sight === 'object' ? sight.other : undefined
    if (sight === 'whole') {
      this.#mayBeNew = false
      this.#turn('answers', 'it is whole')
    } else if (sight === 'missing') this.#turn('missing', 'it is not in Redis, or not all of it: rebuild(ids) makes it')
    else this.#turn('other-parameters', `it is stored as ${sight.other}`)
    if (sight !== 'whole') this.#lookSoon()
  }

  /** @throws CacheConfigError after `close` */
  #refuseClosed(): void {
    if (this.#closed) throw new CacheConfigError('closed', `The Bloom filter \`${this.name}\` was closed`)
  }

  /** @throws CacheConfigError where the name belongs to a filter of other parameters */
  #refuseOther(): void {
    if (this.#other === undefined) return
    const stored = this.#other.replace(/^\w+ tiercache bloom 1 /, '')
    const { size, errorRate } = this.#settings.layout
    const asked = `${this.#stored.kind?.name} size=${size} errorRate=${errorRate}`
    throw new CacheConfigError(
      'invalid-option',
      `Expected the Bloom filter \`${this.name}\` to be stored as ${asked}, got ${stored}. Ask for what is stored, or take another name`,
    )
  }

  #turn(reason: FilterEvent['reason'], message: string): void {
    if (this.#state === reason) return
    this.#state = reason
    const state = reason === 'answers' ? 'up' : 'open'
    this.#settings.tell({ type: 'filter', name: this.name, state, reason, message })
  }

  #lookSoon(): void {
    if (this.#closed) return
    this.#cancelLook()
    this.#cancelLook = this.#clock.after(LOOK_MS, () => void this.#look())
  }

  /** Looks whether Redis answers and has the filter. Never rejects; looks again later where something is amiss. */
  async #look(): Promise<void> {
    if (this.#looking || this.#closed) return
    this.#looking = true
    try {
      const { sight } = await this.#stored.look((run) => this.#link.probe(run))
      if (this.#closed) return
      this.#judge(sight)
      if (sight !== 'whole') return
      await this.#added.confirm((ids) => this.#addIds(ids, this.#send))
      await this.#release(WRITE_MS)
    } catch {
      this.#lookSoon()
    } finally {
      this.#looking = false
    }
  }

  #release(ms: number): Promise<void> {
    return this.#waiting.release((ids) => this.#addIds(ids, (run) => this.#link.insist(run, ms)))
  }
}

function batchOf(kind: FilterKind, ids: readonly string[]): IdBatch {
  const batch = kind.batch()
  for (const id of ids) batch.add(id)
  return batch
}

/** @throws CacheConfigError for what is no filter of `bloomFilter` */
export function checkedFilter(filter: unknown, where: string): RedisBloomFilter {
  if (filter instanceof RedisBloomFilter) return filter
  throw expected('invalid-option', `${where}(filter)`, 'a filter that bloomFilter() made', filter)
}
