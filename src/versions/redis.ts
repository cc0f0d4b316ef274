/** Versions shared by all processes through Redis: the protocol of the consistency contract. */
import { randomBytes } from 'node:crypto'
import type { Clock, Instant } from '../clock.ts'
import { within } from '../clock.ts'
import type { RedisConnection } from '../connection/redis.ts'
import { LateError, type TroubleLog } from '../connection/trouble.ts'
import type { VersionSet } from '../entry.ts'
import { Coalesced } from './coalesced.ts'
import { Contradictions } from './contradictions.ts'
import { Journal, type Pending } from './journal.ts'
import { type Slot, TokenTable } from './table.ts'
import { madeAt, SHORTEST_LIFE, TokenKeys, type TokenRead } from './token-keys.ts'
import { type BumpResult, EVERYTHING, type RunMark, type Versions } from './versions.ts'

/** What the versions work with. */
export interface RedisVersionsOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
  readonly prefix: string
  readonly channel: string
  readonly trouble: TroubleLog
  /** How long a token may be used after it was last known to be right, in ms (D of the contract). */
  readonly bound: number
  /** The same while Redis is unreachable. */
  readonly maxStale: number
  /** Milliseconds a bump may hold an answer back. */
  readonly budget: number
}

const TABLE_CAPACITY = 100_000
const JOURNAL_CAPACITY = 10_000
/** Tokens in use that are read again per pulse, so that a key changed behind our back is seen. */
const REREADS_PER_PULSE = 1_000
/** A read that is contradicted by the bus this often in a row gives up. */
const ATTEMPTS = 5
/** Journalled bumps that are told in one round trip. */
const REPLAY_BATCH = 500
const LOCAL = 'local:'

interface Mark {
  readonly at: Instant
  readonly serverTime: number | undefined
}

/** Versions over one connection. */
export function redisVersions(options: RedisVersionsOptions): RedisVersions {
  return new RedisVersions(options)
}

/** The state behind `redisVersions()`. */
export class RedisVersions implements Versions {
  readonly #options: RedisVersionsOptions
  readonly #table = new TokenTable(TABLE_CAPACITY)
  readonly #journal = new Journal(JOURNAL_CAPACITY)
  readonly #keys: TokenKeys
  readonly #contradictions = new Contradictions()
  readonly #reads = new Map<string, Promise<string>>()
  readonly #bumps = new Coalesced()
  readonly #pinned = new Set<string>()
  #longestLife = SHORTEST_LIFE
  #localTokens = 0

  constructor(options: RedisVersionsOptions) {
    this.#options = options
    const { connection, clock } = options
    this.#keys = new TokenKeys(options)
    this.#table.pin(EVERYTHING)
    connection.watch({
      opening: () => this.#opening(),
      lost: () => undefined,
      silenced: () => this.#table.distrust(clock.now()),
      generationChanged: () => this.#table.clear(),
      message: (text) => this.#heard(text),
      pulsed: (sentAt, hearingSince) => this.#pulsed(sentAt, hearingSince),
    })
  }

  get degraded(): boolean {
    return !this.#options.connection.up
  }

  /** Gives these tags their tokens as soon as Redis answers, so that they are held before the first run. */
  pin(tags: readonly string[]): void {
    for (const tag of tags) {
      this.#pinned.add(tag)
      this.#table.pin(tag)
      if (this.#options.connection.up) this.#fetch(tag, this.#longestLife).catch(() => undefined)
    }
  }

  usable(tag: string): string | undefined {
    const slot = this.#table.get(tag)
    if (slot === undefined) return undefined
    const { clock, bound, maxStale, connection } = this.#options
    // While Redis is away doubts wait: what was right then may be used for a while.
    const asked = connection.up && !slot.local
    if (asked && !this.#table.isTrusted(slot)) return undefined
    if (clock.now() - this.#table.provenUntil(slot) > (asked ? bound : maxStale)) return undefined
    this.#table.use(tag, slot)
    return slot.token
  }

  read(tags: readonly string[], life: number): VersionSet | Promise<VersionSet> {
    const tokens = tags.map((tag) => this.#known(tag, life))
    if (tokens.every((token) => token !== undefined)) return { tags, tokens }
    return this.#readTogether(tags, (tag) => this.#known(tag, life) ?? this.#fetchFor(tag, life))
  }

  reread(tags: readonly string[], life: number): Promise<VersionSet> {
    return this.#readTogether(tags, (tag) => this.#local(tag) ?? this.#fetch(tag, life))
  }

  bump(tags: readonly string[]): BumpResult | Promise<BumpResult> {
    const unique = [...new Set(tags)]
    for (const tag of unique) {
      this.#table.forget(tag)
      this.#contradictions.heard(tag, 'bumped here')
    }
    if (this.#options.connection.up) return this.#bumpEverywhere(unique)
    for (const tag of unique) this.#bumpHere(tag)
    return { applied: 'locally', journalled: true }
  }

  mark(): RunMark {
    const mark: Mark = { at: this.#options.clock.now(), serverTime: this.#options.connection.serverTime }
    return mark as unknown as RunMark
  }

  unchangedSince(
    mark: RunMark,
    tags: readonly string[],
    life: number,
  ): VersionSet | undefined | Promise<VersionSet | undefined> {
    const { at, serverTime } = mark as unknown as Mark
    const held = tags.map((tag) => this.#heldSince(tag, at))
    if (held.every((token) => token !== undefined)) return { tags, tokens: held }
    const bumpedHere = tags.some((tag, i) => held[i] === undefined && this.#journal.has(tag))
    if (bumpedHere || this.degraded || serverTime === undefined) {
      // Reading them now holds them for the next run.
      void Promise.resolve(this.read(tags, life)).catch(() => undefined)
      return undefined
    }
    return Promise.all(tags.map((tag, i) => held[i] ?? this.#fetch(tag, life))).then((tokens) => {
      const older = tokens.every((token, i) => held[i] !== undefined || madeAt(bare(token)) < serverTime)
      return older ? { tags, tokens } : undefined
    })
  }

  isShared(set: VersionSet): boolean {
    return !set.tokens.some((token) => token.startsWith(LOCAL))
  }

  #known(tag: string, life: number): string | undefined {
    this.#longestLife = Math.max(this.#longestLife, life)
    const token = this.usable(tag) ?? this.#local(tag)
    if (token !== undefined) this.#prolong(tag, life)
    return token
  }

  /** A token of our own where Redis cannot be asked, or must first be told of a bump. */
  #local(tag: string): string | undefined {
    if (this.#options.connection.up && !this.#journal.has(tag)) return undefined
    return this.usable(tag) ?? this.#makeLocal(tag)
  }

  #makeLocal(tag: string): string {
    const now = this.#options.clock.now()
    const token = `${LOCAL}${++this.#localTokens}:${randomBytes(8).toString('hex')}`
    this.#table.set(tag, {
      token,
      sentAt: now,
      heldSince: now,
      local: true,
      keyUntil: Number.POSITIVE_INFINITY,
      used: false,
    })
    return token
  }

  #heldSince(tag: string, at: Instant): string | undefined {
    const slot = this.#table.get(tag)
    return slot !== undefined && slot.heldSince <= at ? slot.token : undefined
  }

  /** Tokens that held at one and the same instant: while one was read, another may have been bumped. */
  async #readTogether(tags: readonly string[], read: (tag: string) => string | Promise<string>): Promise<VersionSet> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const tokens = await Promise.all(tags.map(read))
      if (tags.every((tag, i) => this.usable(tag) === tokens[i])) return { tags, tokens }
    }
    throw new LateError(`The versions of ${tags.join(', ')} changed ${ATTEMPTS} times while they were read`)
  }

  /** Reads a tag under which entries of this life are about to be stored. */
  async #fetchFor(tag: string, life: number): Promise<string> {
    const token = await this.#fetch(tag, life)
    this.#prolong(tag, life)
    return token
  }

  /** Reads one tag, together with everyone else who wants it now. */
  #fetch(tag: string, life: number): Promise<string> {
    const reading = this.#reads.get(tag)
    if (reading !== undefined) return reading
    const { trouble } = this.#options
    const fresh = this.#readUncontradicted(tag, life).finally(() => this.#reads.delete(tag))
    this.#reads.set(tag, fresh)
    fresh.then(
      () => trouble.succeeded('versions'),
      (error: unknown) => trouble.failed('versions', error),
    )
    return fresh
  }

  async #readUncontradicted(tag: string, life: number): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const sentAt = this.#options.clock.now()
      const { value, heard } = await this.#contradictions.watch(tag, () => this.#keys.read(tag, life))
      // The bus told of another token meanwhile: which of the two is newer, only Redis knows.
      if (heard === undefined || heard === value.token) return this.#enter(tag, value, sentAt)
    }
    throw new LateError(`The version of ${JSON.stringify(tag)} changed ${ATTEMPTS} times while it was read`)
  }

  /** Takes over what Redis said, unless it has not heard yet of a bump made here: until then only our own tokens count. */
  #enter(tag: string, read: TokenRead, sentAt: Instant): string {
    if (this.#journal.has(tag)) return this.usable(tag) ?? this.#makeLocal(tag)
    const token = `${this.#options.connection.generation}:${read.token}`
    const former = this.#table.get(tag)
    const same = former?.token === token ? former : undefined
    const slot: Slot = {
      token,
      sentAt,
      heldSince: same?.heldSince ?? this.#options.clock.now(),
      local: false,
      keyUntil: Math.max(same?.keyUntil ?? Number.NEGATIVE_INFINITY, read.keyUntil),
      used: false,
    }
    this.#table.set(tag, slot)
    return token
  }

  /** Lets the key outlive the entries that are about to be stored under it. */
  #prolong(tag: string, life: number): void {
    const { clock, connection } = this.#options
    const slot = this.#table.get(tag)
    if (slot === undefined || slot.keyUntil > clock.now() + life || !connection.up) return
    slot.keyUntil = this.#keys.prolong(tag, life)
  }

  async #bumpEverywhere(tags: readonly string[]): Promise<BumpResult> {
    const { clock, budget, trouble } = this.#options
    const late = () => new LateError(`Redis did not confirm a bump within ${budget} ms`)
    const confirm = (tag: string) => this.#bumps.run(tag, () => this.#bumpOne(tag))
    const results = await Promise.allSettled(tags.map((tag) => within(clock, budget, confirm(tag), late)))
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') trouble.succeeded('bump')
      else {
        this.#bumpHere(tags[i]!)
        trouble.failed('bump', result.reason)
      }
    }
    const everywhere = results.every(({ status }) => status === 'fulfilled')
    return { applied: everywhere ? 'everywhere' : 'locally', journalled: !everywhere }
  }

  async #bumpOne(tag: string): Promise<void> {
    const sentAt = this.#options.clock.now()
    const bumping = () => this.#keys.bump(tag, this.#longestLife, 'command')
    const { value, heard } = await this.#contradictions.watch(tag, bumping)
    // Someone else bumped around the same time; which token came last, the next read tells.
    if (heard === undefined || heard === value.token) this.#enter(tag, value, sentAt)
    else this.#table.forget(tag)
  }

  /** The bump holds in this process at once; Redis is told before it is trusted with the tag again. */
  #bumpHere(tag: string): void {
    const kept = this.#journal.add(tag)
    for (const name of new Set([tag, kept])) {
      this.#contradictions.heard(name, 'bumped here')
      this.#makeLocal(name)
    }
  }

  /** A message installs nothing: it makes forget, and voids reads under way. */
  #heard(text: string): void {
    const [kind, token, ...rest] = text.split(' ')
    if (kind !== 'bump' || token === undefined) return
    const tag = rest.join(' ')
    const slot = this.#table.get(tag)
    if (slot !== undefined && slot.token !== `${this.#options.connection.generation}:${token}`) this.#table.forget(tag)
    this.#contradictions.heard(tag, token)
  }

  #pulsed(sentAt: Instant, hearingSince: Instant | undefined): void {
    const { clock, bound } = this.#options
    if (hearingSince !== undefined) this.#table.prove(hearingSince, sentAt)
    if (this.#journal.size > 0) void this.#replay().catch(() => undefined)
    for (const tag of this.#table.takeUsed(clock.now() - bound / 2, REREADS_PER_PULSE)) {
      this.#fetch(tag, this.#longestLife).catch(() => undefined)
    }
  }

  /** Before anything is trusted again: tell what happened here, forget what was made up here, believe nothing from before. */
  async #opening(): Promise<void> {
    await this.#replay()
    this.#table.distrust(this.#options.clock.now())
    this.#table.dropLocal()
    // A server without memory left for tokens is of use all the same.
    const failed = (error: unknown) => this.#options.trouble.failed('versions', error)
    await Promise.all([...this.#pinned].map((tag) => this.#openPinned(tag).catch(failed)))
  }

  async #openPinned(tag: string): Promise<void> {
    const sentAt = this.#options.clock.now()
    const creating = () => this.#keys.create(tag, this.#longestLife, 'insist')
    const { value, heard } = await this.#contradictions.watch(tag, creating)
    if (heard === undefined || heard === value.token) this.#enter(tag, value, sentAt)
  }

  async #replay(): Promise<void> {
    const pending = this.#journal.pending()
    for (let i = 0; i < pending.length; i += REPLAY_BATCH) {
      await Promise.all(pending.slice(i, i + REPLAY_BATCH).map((bump) => this.#tell(bump)))
    }
  }

  async #tell(bump: Pending): Promise<void> {
    await this.#keys.bump(bump.tag, this.#longestLife, 'insist')
    if (this.#journal.confirmed(bump)) this.#table.forget(bump.tag)
  }
}

/** The token as Redis has it, without the generation. */
function bare(token: string): string {
  return token.slice(token.indexOf(':') + 1)
}
