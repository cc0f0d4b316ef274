/** A Bloom filter in Redis, shared by all processes: what is not in it does not exist, and where it cannot tell, everything may. */
import { type Clock, monotonicClock } from '../../clock.ts'
import { openClient } from '../../connection/client/redis.ts'
import { type Duration, duration } from '../../duration.ts'
import { CacheConfigError, expected } from '../../errors.ts'
import type { FilterEvent } from '../../observe/events.ts'
import { AddedIds } from './added-ids.ts'
import { Batch } from './batch.ts'
import { Bitmap, type Send, type Sight } from './bitmap.ts'
import type { FilterClient } from './client.ts'
import { type BloomFilterOptions, type FilterSettings, filterSettings } from './filter-options.ts'
import { type FilterId, type Ids, idText, inBatches } from './ids.ts'
import { Link } from './link.ts'
import { rebuild } from './rebuild.ts'
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
  readonly kind: 'bitmap'
  /** Bits in all keys together. */
  readonly bits: number
  /** Bits that one id sets. */
  readonly hashes: number
  /** The keys in Redis. */
  readonly keys: readonly string[]
  readonly state: 'up' | 'open'
  /** How many ids it holds, estimated by its bits (Swamidass & Baldi 2007). */
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
  readonly #bitmap: Bitmap
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
    this.#bitmap = new Bitmap(settings.layout, settings.base)
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
      const found = await this.#bitmap.has((run) => this.#link.ask(run), text)
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
    await this.#addFew(ids, send).catch(async (error: unknown) => {
      if (!(error instanceof FilterMissingError && this.#mayBeNew)) throw error
      // Another one may be making it of the first ids: waits for its turn, and leaves it at that.
      await this.#rebuild([], async () => false)
      await this.#addFew(ids, send)
    })
  }

  async addMany(ids: Ids): Promise<void> {
    const sight = await this.#see()
    if (sight !== 'whole' && this.#mayBeNew) {
      const isMissing = async () => (await this.#see()) !== 'whole'
      if (await this.#rebuild(ids, isMissing)) return
    }
    for await (const batch of inBatches(ids, () => new Batch(this.#settings.layout))) await this.#add(batch)
  }

  async rebuild(ids: Ids | (() => Ids | Promise<Ids>)): Promise<void> {
    await this.#see()
    await this.#rebuild(ids, async () => true)
  }

  async info(): Promise<FilterInfo> {
    const sight = await this.#see()
    const { name, layout } = this.#settings
    const { size, errorRate, hashes } = layout
    const bits = layout.bits * layout.segments
    const set = await this.#bitmap.population(this.#send)
    const count = Math.round((-bits / hashes) * Math.log1p(-Math.min(set, bits - 1) / bits))
    const state = sight === 'whole' ? 'up' : 'open'
    return Object.freeze({ name, size, errorRate, kind: 'bitmap', bits, hashes, keys: this.#bitmap.keys, state, count })
  }

  async ready(deadline: Duration = '10s'): Promise<void> {
    const ms = duration(deadline, 'deadline')
    this.#judge(await this.#bitmap.look((run) => this.#link.insist(run, ms)))
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
      await this.#addFew(ids, (run) => this.#link.ask(run, true))
    } catch (error) {
      if (this.#closed) return
      this.#waiting.keep(ids, (error as Error).message)
      this.#lookSoon()
    }
  }

  readonly #send: Send = (run) => this.#link.insist(run, WRITE_MS)

  /** Adds ids, and remembers them for a Redis that forgets. */
  async #addFew(ids: readonly string[], send: Send): Promise<void> {
    const batch = new Batch(this.#settings.layout)
    for (const id of ids) batch.add(id)
    await this.#add(batch, send)
    this.#added.note(ids)
  }

  async #add(batch: Batch, send = this.#send): Promise<void> {
    if (this.#closed) throw new CacheConfigError('closed', `The Bloom filter \`${this.name}\` was closed`)
    this.#refuseOther()
    if (await this.#bitmap.add(send, batch)) return
    this.#judge(await this.#bitmap.look(send))
    this.#refuseOther()
    throw new FilterMissingError(
      `Redis has no Bloom filter \`${this.name}\`, or lost part of it: make it with rebuild(ids), of all ids ([] where there are none yet)`,
    )
  }

  async #rebuild(ids: Ids | (() => Ids | Promise<Ids>), wanted: () => Promise<boolean>): Promise<boolean> {
    const { layout } = this.#settings
    const parts = { bitmap: this.#bitmap, layout, send: this.#send, clock: this.#clock }
    const done = await rebuild(parts, typeof ids === 'function' ? ids : () => ids, wanted)
    if (done) this.#judge('whole')
    return done
  }

  async #see(): Promise<Sight> {
    if (this.#closed) throw new CacheConfigError('closed', `The Bloom filter \`${this.name}\` was closed`)
    const sight = await this.#bitmap.look(this.#send)
    this.#judge(sight)
    this.#refuseOther()
    return sight
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

  /** @throws CacheConfigError where the name belongs to a filter of other parameters */
  #refuseOther(): void {
    if (this.#other === undefined) return
    const stored = this.#other.replace(/^\w+ tiercache bloom 1 /, '')
    const asked = this.#settings.layout.head.trim().replace(/^\w+ tiercache bloom 1 /, '')
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
      const sight = await this.#bitmap.look((run) => this.#link.probe(run))
      if (this.#closed) return
      this.#judge(sight)
      if (sight !== 'whole') return
      await this.#added.confirm((ids) => this.#addFew(ids, this.#send))
      await this.#release(WRITE_MS)
    } catch {
      this.#lookSoon()
    } finally {
      this.#looking = false
    }
  }

  #release(ms: number): Promise<void> {
    return this.#waiting.release((ids) => this.#addFew(ids, (run) => this.#link.insist(run, ms)))
  }
}

/** @throws CacheConfigError for what is no filter of `bloomFilter` */
export function checkedFilter(filter: unknown, where: string): RedisBloomFilter {
  if (filter instanceof RedisBloomFilter) return filter
  throw expected('invalid-option', `${where}(filter)`, 'a filter that bloomFilter() made', filter)
}
