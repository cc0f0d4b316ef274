/** Gives tags new tokens: in Redis where it answers, else here, and in Redis before it is trusted again. */
import { type Clock, within } from '../clock.ts'
import { Coalesced } from '../coalesced.ts'
import type { Connection } from '../connection/connection.ts'
import { LateError, type TroubleLog } from '../connection/trouble.ts'
import type { Contradictions } from './contradictions.ts'
import type { HeldTokens } from './held.ts'
import type { Journal, Pending } from './journal.ts'
import type { TokenTable } from './table.ts'
import type { TokenKeys } from './token-keys.ts'
import type { BumpResult } from './versions.ts'

/** What bumps work with. */
export interface BumperOptions {
  readonly clock: Clock
  readonly connection: Connection
  readonly keys: TokenKeys
  readonly held: HeldTokens
  readonly table: TokenTable
  readonly journal: Journal
  readonly contradictions: Contradictions
  readonly trouble: TroubleLog
  /** Milliseconds a bump may hold an answer back. */
  readonly budget: number
  /** The longest life of entries so far, in ms. */
  readonly life: () => number
}

/** Journalled bumps that are told in one round trip. */
const REPLAY_BATCH = 500

/** Bumps, and remembers what Redis has not confirmed. */
export class Bumper {
  readonly #options: BumperOptions
  readonly #underWay = new Coalesced()

  constructor(options: BumperOptions) {
    this.#options = options
  }

  /** @param writer whose markers go with the bump */
  bump(tags: readonly string[], writer?: string): BumpResult | Promise<BumpResult> {
    const unique = [...new Set(tags)]
    for (const tag of unique) this.outdate(tag)
    if (this.#options.connection.up) return this.#everywhere(unique, writer)
    for (const tag of unique) this.#here(tag)
    return { applied: 'locally', journalled: true }
  }

  /** Tells Redis what it has not confirmed. */
  async replay(): Promise<void> {
    const pending = this.#options.journal.pending()
    for (let i = 0; i < pending.length; i += REPLAY_BATCH) {
      await Promise.all(pending.slice(i, i + REPLAY_BATCH).map((bump) => this.#tell(bump)))
    }
  }

  async #everywhere(tags: readonly string[], writer: string | undefined): Promise<BumpResult> {
    const { clock, budget, trouble } = this.#options
    const late = () => new LateError(`Redis did not confirm a bump within ${budget} ms`)
    const confirm = (tag: string) => this.#underWay.run(`${writer ?? ''} ${tag}`, () => this.#one(tag, writer))
    const results = await Promise.allSettled(tags.map((tag) => within(clock, budget, confirm(tag), late)))
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') trouble.succeeded('bump')
      else {
        this.#here(tags[i]!)
        trouble.failed('bump', result.reason)
      }
    }
    const everywhere = results.every(({ status }) => status === 'fulfilled')
    return { applied: everywhere ? 'everywhere' : 'locally', journalled: !everywhere }
  }

  async #one(tag: string, writer: string | undefined): Promise<void> {
    const { keys, table, contradictions, held, clock, life, connection } = this.#options
    const sentAt = clock.now()
    const bumping = () => keys.bump(tag, life(), 'command', writer)
    const { value, heard } = await contradictions.watch(tag, bumping)
    // A read that was sent after the script, but before the script was known to the server, brings the former token.
    contradictions.heard(tag, value.token)
    // Someone else bumped around the same time, or which primary answered is not certain: the next read tells.
    const certain = !connection.cluster && (heard === undefined || heard === value.token)
    if (certain) held.enter(tag, value, sentAt, keys.shardOf(tag))
    else table.forget(tag)
  }

  /** The bump holds in this process at once; Redis is told before it is trusted with the tag again. */
  #here(tag: string): void {
    const kept = this.#options.journal.add(tag)
    for (const name of new Set([tag, kept])) {
      this.outdate(name)
      this.#options.held.makeLocal(name)
    }
  }

  /** Nothing known or being read of the tag may be used any more. */
  outdate(tag: string): void {
    this.#options.table.forget(tag)
    this.#options.contradictions.heard(tag, 'bumped here')
  }

  async #tell(bump: Pending): Promise<void> {
    const { keys, journal, table, life, contradictions } = this.#options
    const { token } = await keys.bump(bump.tag, life(), 'insist')
    contradictions.heard(bump.tag, token)
    if (journal.confirmed(bump)) table.forget(bump.tag)
  }
}
