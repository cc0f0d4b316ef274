/** Claims as leases in Redis: an owner's token, renewed while it runs, released by its owner alone, told on the bus. */
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { evaluate, type Script, script } from '../connection/client/script.ts'
import type { Connection } from '../connection/connection.ts'
import type { TroubleLog } from '../connection/trouble.ts'
import type { VersionSet } from '../entry.ts'
import type { Claim, Claims, FleetLanding, Listening } from './claims.ts'

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

/** ARGV = owner, ms. Returns 1 when nobody held the claim. */
const claimScript = script(`
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0
`)

/** ARGV = owner, ms. */
const renewScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`)

/** ARGV = owner, channel, landing, name. What is not the owner's any more is left alone. */
const releaseScript = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], 'landed ' .. ARGV[3] .. ' ' .. ARGV[4])
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
    const owner = digits()
    const name = nameOf(key, versions)
    try {
      const mine = (await this.#evaluate(claimScript, name, [owner, LEASE_MS])) === 1
      trouble.succeeded('claim')
      return mine ? this.#held(name, owner, clock.now() + longest) : undefined
    } catch (error) {
      trouble.failed('claim', error)
      throw error
    }
  }

  listen(key: string, versions: VersionSet): Listening {
    const name = nameOf(key, versions)
    const listeners = this.#waiting.get(name) ?? new Set()
    this.#waiting.set(name, listeners)
    let heard: FleetLanding | undefined
    let tell = () => {}
    const listener = (landing: FleetLanding) => {
      heard = landing
      tell()
    }
    listeners.add(listener)
    return {
      get heard() {
        return heard
      },
      landing: () =>
        new Promise((resolve) => {
          tell = () => {
            cancel()
            const taken = heard
            // That all run stays true; what else was heard is worth one look.
            if (heard !== 'alone') heard = undefined
            resolve(taken)
          }
          const cancel = this.#options.clock.after(POLL_MS, () => tell())
          if (heard !== undefined) tell()
        }),
      end: () => {
        listeners.delete(listener)
        if (listeners.size === 0 && this.#waiting.get(name) === listeners) this.#waiting.delete(name)
      },
    }
  }

  #held(name: string, owner: string, until: number): Claim {
    const { clock, channel } = this.#options
    let over = false
    let cancel = () => {}
    const renew = () => {
      if (clock.now() > until) return
      cancel = clock.after(RENEW_MS, renew)
      this.#evaluate(renewScript, name, [owner, LEASE_MS]).catch(() => undefined)
    }
    cancel = clock.after(RENEW_MS, renew)
    return {
      land: (landing) => {
        if (over) return
        over = true
        cancel()
        // What cannot be released now is released by time.
        this.#evaluate(releaseScript, name, [owner, channel, landing, name]).catch(() => undefined)
      },
    }
  }

  #heard(text: string): void {
    const [kind, landing, name = ''] = text.split(' ')
    if (kind !== 'landed') return
    for (const listener of this.#waiting.get(name) ?? []) listener(landing as FleetLanding)
  }

  #evaluate(made: Script, name: string, args: readonly (string | number)[]): Promise<unknown> {
    const { connection, prefix } = this.#options
    return connection.command((client) => evaluate(client, made, prefix + name, args))
  }
}

/** Runs under other versions are other runs. */
function nameOf(key: string, { tags, tokens }: VersionSet): string {
  return `${key}:${createHash('sha256')
    .update(JSON.stringify([tags, tokens]))
    .digest('base64url')
    .slice(0, 22)}`
}
