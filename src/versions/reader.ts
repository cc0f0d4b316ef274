/** Reads tokens from Redis: one read per tag at a time, and none that a message contradicted meanwhile. */
import type { Clock, Instant } from '../clock.ts'
import { isMoved, LateError, type TroubleLog } from '../connection/trouble.ts'
import type { Contradictions } from './contradictions.ts'
import type { HeldTokens } from './held.ts'
import type { TokenTable } from './table.ts'
import type { TokenKeys } from './token-keys.ts'

/** What a reader works with. */
export interface TagReaderOptions {
  readonly clock: Clock
  readonly keys: TokenKeys
  readonly held: HeldTokens
  readonly table: TokenTable
  readonly contradictions: Contradictions
  readonly trouble: TroubleLog
}

/** A read that is contradicted by the bus this often in a row gives up. */
const ATTEMPTS = 5

interface Reading {
  readonly sentAt: Instant
  readonly done: Promise<void>
}

/** Brings what Redis says into the table. */
export class TagReader {
  readonly #options: TagReaderOptions
  readonly #underWay = new Map<string, Reading>()

  constructor(options: TagReaderOptions) {
    this.#options = options
  }

  /**
   * Reads one tag, together with everyone else who wants it now.
   *
   * @param life milliseconds that entries under it may live
   * @param since a read that was sent before this instant is no answer: the next one is waited for
   */
  async read(tag: string, life: number, since: Instant = Number.NEGATIVE_INFINITY): Promise<void> {
    const reading = this.#underWay.get(tag)
    if (reading === undefined) return this.#start(tag, life)
    if (reading.sentAt >= since) return reading.done
    await reading.done.catch(() => undefined)
    return this.read(tag, life, since)
  }

  #start(tag: string, life: number): Promise<void> {
    const { clock, table, trouble } = this.#options
    const sentAt = clock.now()
    const done = this.#uncontradicted(tag, life).finally(() => this.#underWay.delete(tag))
    this.#underWay.set(tag, { sentAt, done })
    done.then(
      () => trouble.succeeded('versions'),
      (error: unknown) => {
        if (isMoved(error)) table.forget(tag)
        trouble.failed('versions', error)
      },
    )
    return done
  }

  async #uncontradicted(tag: string, life: number): Promise<void> {
    const { clock, keys, held, contradictions } = this.#options
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const shard = keys.shardOf(tag)
      const sentAt = clock.now()
      const { value, heard } = await contradictions.watch(tag, () => keys.read(tag, life, shard))
      // The bus told of another token meanwhile: which of the two is newer, only Redis knows.
      if (heard === undefined || heard === value.token) return held.enter(tag, value, sentAt, shard)
    }
    throw new LateError(`The version of ${JSON.stringify(tag)} changed ${ATTEMPTS} times while it was read`)
  }
}
