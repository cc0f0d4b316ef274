/** One lock's keys in Redis, and the scripts that touch them. */
import { type Clock, type Instant, within } from '../clock.ts'
import type { RedisClient } from '../connection/client/client.ts'
import { evaluate, type Script, script } from '../connection/client/script.ts'
import { LateError } from '../connection/trouble.ts'

/** How one lock is asked for. Durations in ms. */
export interface LockKeysOptions {
  readonly client: RedisClient
  readonly clock: Clock
  /** Put before each key. */
  readonly prefix: string
  readonly key: string
  /** A name that no other attempt has. */
  readonly owner: string
  readonly ttl: number
  /** How long one command may take. */
  readonly budget: number
}

/** What an attempt came to: the fencing number, or the ms after which the holder's key expires. */
export type Attempt =
  | { readonly fencing: number; readonly sentAt: Instant }
  | { readonly fencing: undefined; readonly freeIn: number }

/** How long the last fencing number is kept, in ms: it matters only where the server's clock is set back. */
const FENCE_LIFE = 86_400_000

/**
 * ARGV = owner, ms, ms of the fencing number. Returns the fencing number, or nothing and the ms that the other's key has left.
 * The number is the server's time in µs, at least the former + 1: it goes on growing where the key, or all of Redis's memory, is lost.
 * A command that was sent twice by the client finds its own owner there, and has the lock.
 */
const acquire = script(`
if not redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { '', redis.call('PTTL', KEYS[1]) } end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
local time = redis.call('TIME')
local fencing = time[1] * 1000000 + time[2]
local former = tonumber(redis.call('GET', KEYS[2]) or '') or 0
if fencing <= former then fencing = former + 1 end
local text = string.format('%.0f', fencing)
redis.call('SET', KEYS[2], text, 'PX', ARGV[3])
return { text, 0 }
`)

/** ARGV = owner, ms. */
const renew = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

/** ARGV = owner. What is not the owner's any more is left alone. */
const release = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`)

/** The keys of one lock, asked by one who wants or holds it. */
export class LockKeys {
  readonly #options: LockKeysOptions
  readonly #names: readonly [lock: string, fence: string]

  constructor(options: LockKeysOptions) {
    this.#options = options
    // In braces both keys share a slot of a Cluster; a brace of the user's would end them.
    const tag = options.key.replace(/[{}%]/g, encodeURIComponent)
    this.#names = [`${options.prefix}{${tag}}`, `${options.prefix}{${tag}}:fence`]
  }

  /** Tries once. An answer that comes too late is undone. */
  async acquire(): Promise<Attempt> {
    const { clock, budget, owner, ttl } = this.#options
    const sentAt = clock.now()
    const answer = this.#evaluate(acquire, this.#names, [owner, ttl, Math.max(FENCE_LIFE, 2 * ttl)])
    const undo = () => this.release().catch(() => undefined)
    try {
      const [fencing, freeIn] = (await within(clock, budget, answer, () => tooLate(budget))) as [string, number]
      return fencing === '' ? { fencing: undefined, freeIn: Number(freeIn) } : { fencing: Number(fencing), sentAt }
    } catch (error) {
      if (error instanceof LateError) answer.then(undo, () => undefined)
      throw error
    }
  }

  /** Resolves to whether it is ours still, and now for another ttl. */
  renew(): Promise<boolean> {
    const { owner, ttl } = this.#options
    return this.#inTime(this.#evaluate(renew, this.#names[0], [owner, ttl]))
  }

  /** Resolves to whether it was ours until now. */
  release(): Promise<boolean> {
    return this.#inTime(this.#evaluate(release, this.#names[0], [this.#options.owner]))
  }

  async #inTime(answer: Promise<unknown>): Promise<boolean> {
    const { clock, budget } = this.#options
    return Number(await within(clock, budget, answer, () => tooLate(budget))) === 1
  }

  /** What a client throws at once is a rejection as well. */
  async #evaluate(
    made: Script,
    keys: string | readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return evaluate(this.#options.client, made, keys, args)
  }
}

function tooLate(budget: number): LateError {
  return new LateError(`Redis did not answer within ${budget} ms`)
}
