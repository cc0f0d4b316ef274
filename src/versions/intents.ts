/** Write intents: while a writer is at work, a marker stands in the place of each of its tags' tokens. */
import type { Clock } from '../clock.ts'
import { LateError, type TroubleLog } from '../connection/trouble.ts'
import type { TokenKeys } from './token-keys.ts'
import type { Intent } from './versions.ts'

/** How long a marker outlives its writer, and how often it is renewed, in ms. */
export interface IntentTimes {
  readonly life: number
  readonly every: number
}

/** What intents work with. */
export interface IntentsOptions {
  readonly clock: Clock
  readonly keys: TokenKeys
  readonly trouble: TroubleLog
  readonly times: IntentTimes
  readonly digits: () => string
  /** Nothing known of the tag may be used any more. */
  readonly outdate: (tag: string) => void
}

/** Those who are about to write. */
export class Intents {
  readonly #options: IntentsOptions

  constructor(options: IntentsOptions) {
    this.#options = options
  }

  /**
   * Sets the markers, and renews them until the intent ends.
   *
   * @returns rejects unless every marker stands
   */
  async begin(tags: readonly string[]): Promise<Intent> {
    const { clock, digits, times, trouble } = this.#options
    const intent = { writer: digits(), tags: [...new Set(tags)], end: () => {} }
    try {
      await this.#mark(intent)
      trouble.succeeded('intent')
    } catch (error) {
      trouble.failed('intent', error)
      throw error
    }
    let over = false
    let cancel = () => {}
    const renew = () => {
      if (over) return
      cancel = clock.after(times.every, renew)
      this.#mark(intent).then(
        () => trouble.succeeded('intent'),
        (error: unknown) => trouble.failed('intent', error),
      )
    }
    cancel = clock.after(times.every, renew)
    intent.end = () => {
      over = true
      cancel()
    }
    return intent
  }

  async #mark({ writer, tags }: Intent): Promise<void> {
    const { keys, times, outdate } = this.#options
    const marked = tags.map((tag) => keys.intend(tag, times.life, writer).finally(() => outdate(tag)))
    const results = await Promise.allSettled(marked)
    const failed = results.find(({ status }) => status === 'rejected') as PromiseRejectedResult | undefined
    if (failed !== undefined) throw failed.reason ?? new LateError('A marker could not be set')
  }
}
