/** Lets somebody else answer in the place of one Koa run, once at most. */
import type { Context } from 'koa'
import { answerFor } from '../http/answer-for.ts'
import type { Detour } from '../http/detour.ts'
import type { Replacement } from '../http/exchange.ts'
import { isGone } from '../http/gone.ts'
import type { TouchedFields } from '../http/touched-fields.ts'
import type { HiddenValidators } from '../http/validators.ts'
import type { Watch } from '../http/watch.ts'

/** What a run is made of. */
export interface Overtaken {
  readonly detour: Detour
  readonly touched: TouchedFields
  readonly validators: HiddenValidators
  readonly watch: Watch | undefined
  /** Ends the look-out for a client that leaves. */
  readonly unwatch: () => void
}

/** One run that may be overtaken. */
export class Overtaking {
  readonly #ctx: Context
  readonly #parts: Overtaken
  #isOpen = true
  #isTaken = false

  constructor(ctx: Context, parts: Overtaken) {
    this.#ctx = ctx
    this.#parts = parts
  }

  /** Whether somebody else has answered: what is made of `ctx` from then on reaches nobody. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** The handler is done: it is too late. */
  end(): void {
    this.#isOpen = false
  }

  /**
   * Answers by the response itself, past what outer middleware does after the handler: `ctx` is shared with the handler, which goes on.
   *
   * @returns false where it is too late, or nobody is there
   */
  take(replacement: Replacement): boolean {
    const { res } = this.#ctx
    if (!this.#isOpen || this.#parts.detour.isSent || res.headersSent || isGone(res)) return false
    const { detour, touched, validators, watch, unwatch } = this.#parts
    this.#isOpen = false
    this.#isTaken = true
    unwatch()
    detour.take(touched, () => answerFor(res, validators.sent(), replacement), watch?.aside)
    return true
  }
}
