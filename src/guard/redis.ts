/** Claims as leases in Redis: an owner's token, renewed while it runs, released by its owner alone, told on the bus. */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { evaluate, type Script, script } from '../connection/client/script.ts'
import type { Connection } from '../connection/connection.ts'
import type { TroubleLog } from '../connection/trouble.ts'
import type { VersionSet } from '../entry.ts'
import type { Claim, Claims, FleetLanding } from './claims.ts'

/** What claims work with. */
export interface RedisClaimsOptions {
  readonly connection: Connection
  readonly clock: Clock
  /** Put before each key. */
  readonly prefix: string
  readonly channel: string
  readonly trouble: TroubleLog
  /** Draws 16 hex digits that nobody drew before. */
  readonly digits: () => string
}

/** How long a claim outlives its holder, and how often it is renewed, in ms. */
const LEASE_MS = 3_000
const RENEW_MS = 1_000
/** How often those who wait ask again, in ms: a word on the bus may be lost, and Redis with it. */
const POLL_MS = 50

/** ARGV = owner, versions, ms. Returns 1 when the claim is the owner's: nobody held it, or someone who runs under other versions. */
const claimScript = script(`
local held = redis.call('GET', KEYS[1])
if held and string.match(held, ' (.*)$') == ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
return 1
`)

/** ARGV = owner, versions, ms. */
const renewScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. ' ' .. ARGV[2] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
`)

/** ARGV = owner, versions, channel, landing, key. What is not the owner's any more is left alone. */
const releaseScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] .. ' ' .. ARGV[2] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], 'landed ' .. ARGV[4] .. ' ' .. ARGV[5])
return 1
`)

/** All scripts of claims. */
export const claimScripts = Object.freeze({ claim: claimScript, renew: renewScript, release: releaseScript })

type Listener = (landing: FleetLanding) => void

/** Claims over one connection. */
export class RedisClaims implements Claims {
  readonly #options: RedisClaimsOptions
  readonly #waiting = new Map<string, Set<Listener>>()

  constructor(options: RedisClaimsOptions) {
    this.#options = options
    options.connection.watch({
      opening: async () => undefined,
      generationChanged: () => undefined,
      pulsed: () => undefined,
      message: (text) => this.#heard(text),
    })
  }

  async claim(key: string, versions: VersionSet, longest: number): Promise<Claim | undefined> {
    const { digits, trouble, clock } = this.#options
    const own = [digits(), digestOf(versions)]
    try {
      const mine = (await this.#evaluate(claimScript, key, [...own, LEASE_MS])) === 1
      trouble.succeeded('claim')
      return mine ? this.#held(key, own, clock.now() + longest) : undefined
    } catch (error) {
      trouble.failed('claim', error)
      throw error
    }
  }

  landing(key: string): Promise<FleetLanding | undefined> {
    return new Promise((resolve) => {
      const listeners = this.#waiting.get(key) ?? new Set()
      this.#waiting.set(key, listeners)
      const settle = (landing?: FleetLanding) => {
        cancel()
        listeners.delete(settle)
        if (listeners.size === 0) this.#waiting.delete(key)
        resolve(landing)
      }
      const cancel = this.#options.clock.after(POLL_MS, () => settle())
      listeners.add(settle)
    })
  }

  #held(key: string, own: readonly string[], until: number): Claim {
    const { clock, channel } = this.#options
    let over = false
    let cancel = () => {}
    const renew = () => {
      if (clock.now() > until) return
      cancel = clock.after(RENEW_MS, renew)
      this.#evaluate(renewScript, key, [...own, LEASE_MS]).catch(() => undefined)
    }
    cancel = clock.after(RENEW_MS, renew)
    return {
      land: (landing) => {
        if (over) return
        over = true
        cancel()
        // What cannot be released now is released by time.
        this.#evaluate(releaseScript, key, [...own, channel, landing, key]).catch(() => undefined)
      },
    }
  }

  #heard(text: string): void {
    const [kind, landing, key = ''] = text.split(' ')
    if (kind !== 'landed') return
    for (const listener of this.#waiting.get(key) ?? []) listener(landing as FleetLanding)
  }

  #evaluate(made: Script, key: string, args: readonly (string | number)[]): Promise<unknown> {
    const { connection, prefix } = this.#options
    return connection.command((client) => evaluate(client, made, prefix + key, args))
  }
}

/** Runs under other versions are other runs. */
function digestOf({ tags, tokens }: VersionSet): string {
  return createHash('sha256')
    .update(JSON.stringify([tags, tokens]))
    .digest('base64url')
}
