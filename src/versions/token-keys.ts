/** The version keys in Redis: read, made, bumped and kept alive by scripts of one key each. */
import { randomBytes } from 'node:crypto'
import type { Clock, Instant } from '../clock.ts'
import type { RedisConnection } from '../connection/redis.ts'
import { troubleKind } from '../connection/trouble.ts'
import { bumpScript, createScript, prolongScript, type Script, tokenPattern } from './scripts.ts'

/** Where the keys are. */
export interface TokenKeysOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
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

/** `insist`: ask although Redis counts as down, before it is trusted again. */
export type Urgency = 'command' | 'insist'

/** The shortest life of entries that keys are made for, in ms. */
export const SHORTEST_LIFE = 60_000

type Client = Parameters<Parameters<RedisConnection['command']>[0]>[0]

/** Asks Redis; what comes back is for others to judge. */
export class TokenKeys {
  readonly #options: TokenKeysOptions

  constructor(options: TokenKeysOptions) {
    this.#options = options
  }

  /** The token of a tag; a missing key, or one that holds no token, gets a fresh one. */
  async read(tag: string, life: number): Promise<TokenRead> {
    const { connection, prefix } = this.#options
    const found = await connection.command((client) => client.get(prefix + tag)).catch(nothingOfAnotherType)
    if (found !== null && tokenPattern.test(found)) return { token: found, keyUntil: Number.NEGATIVE_INFINITY }
    return this.create(tag, life, 'command')
  }

  /** The token that the key holds, made now where there is none. */
  async create(tag: string, life: number, urgency: Urgency): Promise<TokenRead> {
    const sentAt = this.#options.clock.now()
    const [token, left] = (await this.#run(createScript, tag, keyLifeFor(life), urgency)) as [string, number]
    return { token, keyUntil: sentAt + left }
  }

  /** Gives the tag a new token and tells everyone who listens. */
  async bump(tag: string, life: number, urgency: Urgency): Promise<TokenRead> {
    const sentAt = this.#options.clock.now()
    const keyLife = keyLifeFor(life)
    return { token: String(await this.#run(bumpScript, tag, keyLife, urgency)), keyUntil: sentAt + keyLife }
  }

  /** Lets the key outlive entries of this life; returns up to when it will live. */
  prolong(tag: string, life: number): Instant {
    const { connection, clock, prefix } = this.#options
    const keyLife = keyLifeFor(life)
    connection.command((client) => evaluate(client, prolongScript, prefix + tag, [keyLife])).catch(() => undefined)
    return clock.now() + keyLife
  }

  async #run(script: Script, tag: string, keyLife: number, urgency: Urgency): Promise<unknown> {
    const { connection, prefix, channel } = this.#options
    const args = [randomBytes(8).toString('hex'), keyLife, channel, tag]
    return connection[urgency]((client) => evaluate(client, script, prefix + tag, args))
  }
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

/** Runs a script by its name, and teaches it to a server that does not know it (a restart forgets scripts). */
async function evaluate(
  client: Client,
  script: Script,
  key: string,
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha, 1, key, ...args)
  } catch (error) {
    if (!(error as Error).message.startsWith('NOSCRIPT')) throw error
    return client.eval(script.text, 1, key, ...args)
  }
}
