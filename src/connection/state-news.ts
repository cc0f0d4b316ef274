/** Tells listeners whether Redis may be asked: once per change, of changes that last. */
import type { Clock, Instant } from '../clock.ts'
import type { RedisEvent } from '../observe/events.ts'

/** A Redis that is lost again within this many ms after it came back is one that comes and goes. */
const STABLE_MS = 10_000
/** Such a one is said to be up once it has been so for long: at first, and at most after doubling. */
const FIRST_HOLD_MS = 1_000
const LONGEST_HOLD_MS = 30_000

/** What is told, which may lag behind what is. */
export class StateNews {
  readonly #clock: Clock
  readonly #tell: (event: RedisEvent) => void
  readonly #grace: number
  #told: 'up' | 'down' | undefined
  #upSince: Instant | undefined
  #backAt: Instant = Number.NEGATIVE_INFINITY
  #cutAt: Instant = Number.NEGATIVE_INFINITY
  #hold = 0
  #cancelCut: (() => void) | undefined

  /** @param grace ms that a connection which was cut may take to be made anew, before anyone hears of it */
  constructor(clock: Clock, tell: (event: RedisEvent) => void, grace: number) {
    this.#clock = clock
    this.#tell = tell
    this.#grace = grace
  }

  /** Whether it has come and gone within the last seconds: it must prove more before it is used again. */
  get unsteady(): boolean {
    return this.#hold > 0
  }

  /** It is up; to be said again with each sign of life. */
  up(): void {
    const now = this.#clock.now()
    this.#cancelCut?.()
    this.#cancelCut = undefined
    this.#upSince ??= now
    if (this.#told === 'up') {
      if (now - this.#upSince >= STABLE_MS) this.#hold = 0
      return
    }
    if (now - this.#upSince < this.#hold) return
    if (this.#told === 'down') this.#backAt = now
    this.#told = 'up'
    this.#tell({ type: 'redis', state: 'up', reason: 'answers' })
  }

  /** It is down. */
  down(reason: string): void {
    this.#cancelCut?.()
    this.#cancelCut = undefined
    this.#upSince = undefined
    if (this.#told === 'down') return
    const isBackOnlyJust = this.#clock.now() - this.#backAt < STABLE_MS
    this.#hold = isBackOnlyJust ? Math.min(Math.max(FIRST_HOLD_MS, 2 * this.#hold), LONGEST_HOLD_MS) : 0
    this.#told = 'down'
    this.#tell({ type: 'redis', state: 'down', reason })
  }

  /** Its connection was cut: only if it is not made anew at once, or is cut often, that is worth a word. */
  cut(reason: string): void {
    const now = this.#clock.now()
    const isOften = now - this.#cutAt < STABLE_MS
    this.#cutAt = now
    if (this.#told !== 'up' || isOften || this.#cancelCut !== undefined) {
      this.down(reason)
      return
    }
    this.#upSince = undefined
    this.#cancelCut = this.#clock.after(this.#grace, () => this.down(reason))
  }

  /** Nothing is told any more. */
  close(): void {
    this.#cancelCut?.()
  }
}
