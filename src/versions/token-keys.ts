/** The version keys in Redis: read, made, bumped and kept alive by scripts of one key each. */
import type { Clock, Instant } from '../clock.ts'
import type { RedisClient } from '../connection/client/client.ts'
import { evaluate, type Script } from '../connection/client/script.ts'
import type { Connection, Shard } from '../connection/connection.ts'
import { type TroubleLog, troubleKind } from '../connection/trouble.ts'
import { markerPattern, type Scripts, tokenPattern } from './scripts.ts'

/** Where the keys are. */
export interface TokenKeysOptions {
  readonly connection: Connection
  readonly clock: Clock
  readonly scripts: Scripts
  /** Draws 16 hex digits that nobody drew before. */
  readonly digits: () => string
  readonly trouble: TroubleLog
  /** Put before each tag. */
  readonly prefix: string
  /** Where bumps are told. */
  readonly channel: string
}

/** A token as Redis has it, and up to when its key lives at least. */
export interface TokenRead {
  readonly token: string
  readonly keyUntil: Instant
}

/** `repeat`: it may be done twice. `insist`: ask although Redis counts as down, before it is trusted again. */
export type Urgency = 'command' | 'repeat' | 'insist'

/** The shortest life of entries that keys are made for, in ms. */
export const SHORTEST_LIFE = 60_000

/** Asks Redis; what comes back is for others to judge. */
export class TokenKeys {
  readonly #options: TokenKeysOptions

  constructor(options: TokenKeysOptions) {
    this.#options = options
  }

  /** The primary that a tag's key lives on. */
  shardOf(tag: string): Shard {
    const { connection, prefix } = this.#options
    return connection.shardOf(prefix + tag)
  }

  /** The token of a tag; a missing key, or one that holds no token, gets a fresh one. */
  async read(tag: string, life: number, shard: Shard): Promise<TokenRead> {
    const { connection, prefix } = this.#options
    const get = (client: RedisClient) => checked(client.get(prefix + tag).catch(nothingOfAnotherType), shard)
    const found = await connection.repeat(get, shard)
    const token = found === null || tokenPattern.test(found) ? found : markerPattern.exec(found)?.[1]
    if (token != null) return { token, keyUntil: Number.NEGATIVE_INFINITY }
    return this.create(tag, life, 'repeat', shard)
  }

  /** The token that the key holds, made now where there is none. */
  create(tag: string, life: number, urgency: Urgency, shard: Shard): Promise<TokenRead> {
    return this.#run(this.#options.scripts.create, tag, keyLifeFor(life), urgency, shard)
  }

  /** Gives the tag a new token, wherever its key lives, and tells everyone who listens. A `writer` that is named is done. */
  bump(tag: string, life: number, urgency: Urgency, writer?: string): Promise<TokenRead> {
    return this.#run(this.#options.scripts.bump, tag, keyLifeFor(life), urgency, undefined, writer)
  }

  /** Puts the marker of a writer in the token's place, or renews it. */
  async intend(tag: string, life: number, writer: string): Promise<void> {
    await this.#run(this.#options.scripts.intend, tag, life, 'command', undefined, writer)
  }

  /** Lets the key outlive entries of this life; returns up to when it will live. */
  prolong(tag: string, life: number): Instant {
    const { connection, clock, prefix, scripts } = this.#options
    const keyLife = keyLifeFor(life)
    connection.command((client) => evaluate(client, scripts.prolong, prefix + tag, [keyLife])).catch(() => undefined)
    return clock.now() + keyLife
  }

  async #run(
    script: Script,
    tag: string,
    keyLife: number,
    urgency: Urgency,
    shard?: Shard,
    writer = '',
  ): Promise<TokenRead> {
    const { connection, prefix, channel, digits, clock, trouble } = this.#options
    const args = [digits(), keyLife, channel, tag, writer]
    const sentAt = clock.now()
    const made = await connection[urgency](
      (client) => checked(evaluate(client, script, prefix + tag, args), shard),
      shard,
    )
    const [token, life, unheard] = made as readonly [string, number | string, string]
    trouble.permitted('eval')
    trouble.permitted('time')
    if (unheard !== '') trouble.failed('announce', unheardBecause(unheard))
    else trouble.permitted('publish')
    return { token, keyUntil: isMarker(token) ? sentAt : sentAt + Number(life) }
  }
}

/** What a script is refused, Redis says in other words than what a client is. */
function unheardBecause(reply: string): Error {
  return new Error(/channel/.test(reply) ? 'NOPERM No permissions to access a channel' : 'NOPERM PUBLISH is forbidden')
}

/** Whether it names writers at work. */
export function isMarker(token: string): boolean {
  return token.startsWith('!')
}

/** The server's time at which a token was made, in µs; infinity for what is no token. */
export function madeAt(token: string): number {
  return Number(tokenPattern.exec(token)?.[1] ?? Number.POSITIVE_INFINITY)
}

/** Twice the entries' life: it is prolonged at half of it. */
function keyLifeFor(life: number): number {
  return Math.max(SHORTEST_LIFE, Math.ceil(life)) * 2
}

function nothingOfAnotherType(error: unknown): null {
  if (troubleKind(error) === 'type') return null
  throw error
}

/** An answer together with the check behind it, which names the history it is of: one from before might be outdated by now. */
async function checked<T>(answer: Promise<T>, shard: Shard | undefined): Promise<T> {
  const [value] = await Promise.all([answer, shard?.confirm()])
  return value
}
