/** Versions shared by all processes through Redis: the protocol of the consistency contract. */
import type { Clock, Instant } from '../clock.ts'
import type { Connection, Shard } from '../connection/connection.ts'
import { LateError, type TroubleLog } from '../connection/trouble.ts'
import type { VersionSet } from '../entry.ts'
import { Bumper } from './bumper.ts'
import { Contradictions } from './contradictions.ts'
import { bare, effective, HeldTokens, isLocal } from './held.ts'
import { Intents, type IntentTimes } from './intents.ts'
import { Journal } from './journal.ts'
import { TagReader } from './reader.ts'
import type { Scripts } from './scripts.ts'
import type { TokenTable } from './table.ts'
import { isMarker, madeAt, SHORTEST_LIFE, TokenKeys } from './token-keys.ts'
import {
  type BumpResult,
  EVERYTHING,
  type Intent,
  type Reach,
  type RunMark,
  type Terms,
  type Versions,
} from './versions.ts'

/** What the versions work with. */
export interface RedisVersionsOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly prefix: string
  readonly channel: string
  readonly trouble: TroubleLog
  /** Milliseconds a bump may hold an answer back. */
  readonly budget: number
  readonly scripts: Scripts
  readonly table: TokenTable
  readonly intentTimes: IntentTimes
  /** Draws 16 hex digits that nobody drew before. */
  readonly digits: () => string
}

const JOURNAL_CAPACITY = 10_000
/** Tokens in use are read again this often, in ms, so that a key changed behind our back is seen within the default bound. */
const REREAD_MS = 500
/** Of those, how many per pulse. */
const REREADS_PER_PULSE = 1_000
/** Tokens that do not hold together this often in a row are given up. */
const ATTEMPTS = 5

/** What the clocks of two processes may differ by over a stretch of time, and what a round trip may add, in ms. */
const DRIFT = 0.05
const SLACK_MS = 200

interface Mark {
  readonly at: Instant
  /** The clock of the one server, in µs, and the instant at which it was asked; undefined where there is more than one. */
  readonly server: { readonly time: number; readonly askedAt: Instant; readonly generation: string } | undefined
}

/** Versions over one connection. */
export function redisVersions(options: RedisVersionsOptions): RedisVersions {
  return new RedisVersions(options)
}

/** The state behind `redisVersions()`. */
export class RedisVersions implements Versions {
  readonly #options: RedisVersionsOptions
  readonly #keys: TokenKeys
  readonly #held: HeldTokens
  readonly #contradictions = new Contradictions()
  readonly #journal = new Journal(JOURNAL_CAPACITY)
  readonly #reader: TagReader
  readonly #bumper: Bumper
  readonly #intents: Intents
  #longestLife = SHORTEST_LIFE

  constructor(options: RedisVersionsOptions) {
    this.#options = options
    const { connection, table, intentTimes } = options
    this.#keys = new TokenKeys(options)
    this.#held = new HeldTokens({ ...options, journal: this.#journal })
    const parts = { ...options, keys: this.#keys, held: this.#held, contradictions: this.#contradictions }
    this.#reader = new TagReader(parts)
    this.#bumper = new Bumper({ ...parts, journal: this.#journal, life: () => this.#longestLife })
    this.#intents = new Intents({ ...parts, times: intentTimes, outdate: (tag) => this.#bumper.outdate(tag) })
    table.pin(EVERYTHING)
    connection.watch({
      opening: () => this.#opening(),
      generationChanged: (shard) => table.dropOf(shard),
      message: (text) => this.#heard(text),
      pulsed: () => this.#pulsed(),
    })
  }

  get degraded(): boolean {
    return !this.#options.connection.up
  }

  /** Gives these tags their tokens as soon as Redis answers, so that they are held before the first run. */
  pin(tags: readonly string[]): void {
    for (const tag of tags) {
      this.#options.table.pin(tag)
      if (this.#options.connection.up) this.#reader.read(tag, this.#longestLife).catch(() => undefined)
    }
  }

  usable(tag: string, terms: Terms): string | undefined {
    return this.#held.usable(tag, terms)
  }

  read(tags: readonly string[], terms: Terms): VersionSet | Promise<VersionSet> {
    const tokens = tags.map((tag) => this.#known(tag, terms))
    if (tokens.every((token) => token !== undefined)) return { tags, tokens }
    return this.#readTogether(tags, terms, (tag) => this.#known(tag, terms) !== undefined)
  }

  reread(tags: readonly string[], terms: Terms): Promise<VersionSet> {
    return this.#readTogether(tags, terms, (tag) => this.#held.local(tag, terms) !== undefined)
  }

  bump(tags: readonly string[]): BumpResult | Promise<BumpResult> {
    return this.#bumper.bump(tags)
  }

  /**
   * Announces a write: until it is settled no answer under these tags is stored or shared, anywhere.
   *
   * @returns rejects when that cannot be promised
   */
  intend(tags: readonly string[]): Promise<Intent> {
    return this.#intents.begin(tags)
  }

  /** Bumps what was written, and takes the intent's markers away. */
  settle(intent: Intent, late: readonly string[]): BumpResult | Promise<BumpResult> {
    intent.end()
    return this.#bumper.bump([...intent.tags, ...late], intent.writer)
  }

  mark(): RunMark {
    const { clock, connection } = this.#options
    const shard = connection.cluster || !connection.up ? undefined : this.#keys.shardOf(EVERYTHING)
    const { serverTime: time, feltAt: askedAt = 0, generation = '' } = shard ?? {}
    const mark: Mark = { at: clock.now(), server: time === undefined ? undefined : { time, askedAt, generation } }
    return mark as unknown as RunMark
  }

  unchangedSince(
    mark: RunMark,
    tags: readonly string[],
    terms: Terms,
  ): VersionSet | undefined | Promise<VersionSet | undefined> {
    const { at, server } = mark as unknown as Mark
    const held = tags.map((tag) => this.#held.since(tag, at))
    if (held.every((token) => token !== undefined)) return { tags, tokens: held }
    const bumpedHere = tags.some((tag, i) => held[i] === undefined && this.#journal.has(tag))
    if (bumpedHere || this.degraded || server === undefined) {
      // Reading them now holds them for the next run.
      void Promise.resolve(this.read(tags, terms)).catch(() => undefined)
      return undefined
    }
    return this.#olderThan(server, tags, held, terms)
  }

  /** Tokens that were made before the mark, by a clock that was not set back since. */
  async #olderThan(
    { time, askedAt, generation }: NonNullable<Mark['server']>,
    tags: readonly string[],
    held: readonly (string | undefined)[],
    terms: Terms,
  ): Promise<VersionSet | undefined> {
    const tokens = await Promise.all(tags.map((tag, i) => held[i] ?? this.#fetch(tag, terms)))
    const shard = this.#keys.shardOf(EVERYTHING)
    await this.#options.connection.command(() => shard.feel(), shard)
    const passed = shard.feltAt - askedAt
    const margin = passed * DRIFT + SLACK_MS
    const wentOn = shard.serverTime !== undefined && (shard.serverTime - time) / 1_000 > passed - margin
    const isOlder = (token: string) => token.startsWith(`${generation}:`) && madeAt(bare(token)) < time - margin * 1_000
    return wentOn && tokens.every((token, i) => held[i] !== undefined || isOlder(token)) ? { tags, tokens } : undefined
  }

  reach({ tokens }: VersionSet): Reach {
    if (tokens.some((token) => isMarker(bare(token)))) return 'nobody'
    return this.degraded || tokens.some(isLocal) ? 'this process' : 'every process'
  }

  #known(tag: string, terms: Terms): string | undefined {
    this.#longestLife = Math.max(this.#longestLife, terms.life)
    const token = this.#held.usable(tag, terms) ?? this.#held.local(tag, terms)
    if (token !== undefined) this.#prolong(tag, terms.life)
    return token
  }

  /** Tokens that held at one and the same instant: while one was read, another may have been bumped. */
  async #readTogether(tags: readonly string[], terms: Terms, isKnown: (tag: string) => boolean): Promise<VersionSet> {
    // What was asked for after this instant may be used, however short the bound is.
    const asked = { ...terms, bound: Number.POSITIVE_INFINITY, since: Math.max(terms.since, this.#options.clock.now()) }
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.#prove(tags, terms)
      await Promise.all(tags.map((tag) => (isKnown(tag) ? undefined : this.#fetch(tag, terms))))
      const tokens = tags.map((tag) => this.#held.usable(tag, terms) ?? this.#held.usable(tag, asked))
      if (tokens.every((token) => token !== undefined)) return { tags, tokens }
    }
    throw new LateError(`The versions of ${tags.join(', ')} changed ${ATTEMPTS} times while they were read`)
  }

  /** For strong consistency one echo validates all that is held, whatever the number of tags. */
  async #prove(tags: readonly string[], { since }: Terms): Promise<void> {
    if (since === Number.NEGATIVE_INFINITY) return
    const { connection, table } = this.#options
    // On a Cluster a slot may have moved to another primary: that one answers a read, and no echo.
    if (connection.cluster) return
    const shards = new Set<Shard>()
    for (const tag of tags) {
      const slot = table.get(tag)
      if (slot?.shard?.hearing.since === undefined || slot.marker) continue
      if (slot.sentAt >= slot.shard.hearing.since && slot.shard.hearing.until < since) shards.add(slot.shard)
    }
    // What no echo proves is read.
    const asked = [...shards].map((shard) => connection.command(() => shard.prove(), shard).catch(() => undefined))
    await Promise.all(asked)
  }

  /** Reads a tag under which entries are about to be stored; the key is to outlive them. */
  async #fetch(tag: string, { life, since }: Terms): Promise<string> {
    await this.#reader.read(tag, life, since)
    this.#prolong(tag, life)
    return this.#options.table.get(tag)?.token ?? ''
  }

  /** Lets the key outlive the entries that are about to be stored under it. */
  #prolong(tag: string, life: number): void {
    const { clock, connection, table } = this.#options
    const slot = table.get(tag)
    if (slot === undefined || slot.keyUntil > clock.now() + life || !connection.up) return
    slot.keyUntil = this.#keys.prolong(tag, life)
  }

  /** A message installs nothing: it makes forget, and voids reads under way. */
  #heard(text: string): void {
    const [kind, token, ...rest] = text.split(' ')
    if (kind !== 'bump' || token === undefined) return
    const { table } = this.#options
    const tag = rest.join(' ')
    const slot = table.get(tag)
    if (slot !== undefined && (slot.shard === undefined || slot.token !== effective(slot.shard, token)))
      table.forget(tag)
    this.#contradictions.heard(tag, token)
  }

  #pulsed(): void {
    const { clock, table } = this.#options
    if (this.#journal.size > 0) void this.#bumper.replay().catch(() => undefined)
    for (const tag of table.takeUsed(clock.now() - REREAD_MS, REREADS_PER_PULSE)) {
      this.#reader.read(tag, this.#longestLife).catch(() => undefined)
    }
  }

  /** Before anything is trusted again: tell what happened here, and forget what was made up here. */
  async #opening(): Promise<void> {
    const { table, trouble } = this.#options
    await this.#bumper.replay()
    table.dropOf(undefined)
    // A server without memory left for tokens is of use all the same.
    const failed = (error: unknown) => trouble.failed('versions', error)
    await Promise.all(table.pinned.map((tag) => this.#openPinned(tag).catch(failed)))
  }

  async #openPinned(tag: string): Promise<void> {
    const shard = this.#keys.shardOf(tag)
    const sentAt = this.#options.clock.now()
    const creating = () => this.#keys.create(tag, this.#longestLife, 'insist', shard)
    const { value, heard } = await this.#contradictions.watch(tag, creating)
    if (heard === undefined || heard === value.token) this.#held.enter(tag, value, sentAt, shard)
  }
}
