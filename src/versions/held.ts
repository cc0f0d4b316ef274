/** Which token of a tag may be used right now, and what is taken over of what Redis says. */
import type { Clock, Instant } from '../clock.ts'
import type { Connection, Shard } from '../connection/connection.ts'
import { provenUntil } from '../connection/shard.ts'
import type { Journal } from './journal.ts'
import type { Slot, TokenTable } from './table.ts'
import { isMarker, type TokenRead } from './token-keys.ts'
import type { Terms } from './versions.ts'

/** What held tokens hang on. */
export interface HeldTokensOptions {
  readonly clock: Clock
  readonly connection: Connection
  /** Bumps that Redis has not heard of: of their tags only our own tokens count. */
  readonly journal: Journal
  readonly table: TokenTable
  readonly digits: () => string
}

const LOCAL = 'local:'

/** The table, and the rules by which it is read and written. */
export class HeldTokens {
  readonly #options: HeldTokensOptions
  #made = 0

  constructor(options: HeldTokensOptions) {
    this.#options = options
  }

  usable(tag: string, terms: Terms): string | undefined {
    const { clock, connection, table } = this.#options
    const slot = table.get(tag)
    if (slot === undefined) return undefined
    const { shard, sentAt, marker } = slot
    if (shard === undefined || !connection.up) return this.#withoutRedis(tag, slot, terms)
    // A marker vanishes without a word when its writer dies: only reading it tells.
    const proven = marker ? sentAt : provenUntil(shard.hearing, sentAt)
    if (sentAt < shard.hearing.floor || proven < terms.since || clock.now() - proven > terms.bound) return undefined
    table.use(tag, slot)
    return slot.token
  }

  /** While Redis is away doubts wait: what was right then may be used for a while. */
  #withoutRedis(tag: string, { shard, sentAt, token }: Slot, { bound, maxStale, since }: Terms): string | undefined {
    const { clock, connection, journal } = this.#options
    // Made here in the moment before Redis came back: nobody else knows it.
    if (connection.up && !journal.has(tag)) return undefined
    const proven = shard === undefined ? sentAt : provenUntil(shard.hearing, sentAt)
    const longest = connection.up ? bound : maxStale
    return since > Number.NEGATIVE_INFINITY || clock.now() - proven > longest ? undefined : token
  }

  /** A token of our own where Redis cannot be asked, or must first be told of a bump. */
  local(tag: string, terms: Terms): string | undefined {
    const { connection, journal } = this.#options
    if (connection.up && !journal.has(tag)) return undefined
    return this.usable(tag, terms) ?? this.makeLocal(tag)
  }

  makeLocal(tag: string): string {
    const { clock, table, digits } = this.#options
    const now = clock.now()
    const token = `${LOCAL}${++this.#made}:${digits()}`
    const keyUntil = Number.POSITIVE_INFINITY
    table.set(tag, { token, sentAt: now, heldSince: now, shard: undefined, marker: false, keyUntil, used: false })
    return token
  }

  /** The token, if it has been held since an instant. */
  since(tag: string, at: Instant): string | undefined {
    const slot = this.#options.table.get(tag)
    return slot !== undefined && slot.heldSince <= at ? slot.token : undefined
  }

  /** Takes over what a primary said, unless Redis has not heard yet of a bump made here. */
  enter(tag: string, { token: named, keyUntil }: TokenRead, sentAt: Instant, shard: Shard): void {
    const { clock, table, journal } = this.#options
    const former = table.get(tag)
    if (journal.has(tag)) {
      if (former === undefined || former.shard !== undefined) this.makeLocal(tag)
      return
    }
    const token = effective(shard, named)
    const same = former?.token === token ? former : undefined
    table.set(tag, {
      token,
      sentAt,
      heldSince: same?.heldSince ?? clock.now(),
      shard,
      marker: isMarker(named),
      keyUntil: Math.max(same?.keyUntil ?? Number.NEGATIVE_INFINITY, keyUntil),
      used: false,
    })
  }
}

/** A token with the history it belongs to: of another history it is another token. */
export function effective({ generation }: Shard, token: string): string {
  return `${generation}:${token}`
}

/** The token as Redis has it, without the generation. */
export function bare(token: string): string {
  return token.slice(token.indexOf(':') + 1)
}

/** Whether no other process knows the token. */
export function isLocal(token: string): boolean {
  return token.startsWith(LOCAL)
}
