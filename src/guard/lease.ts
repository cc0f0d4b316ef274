/** A lock that is held: renewed at a third of its ttl, released by its owner alone, and known to be lost when it is. */
import type { Clock, Instant } from '../clock.ts'
import { LockError } from './lock-error.ts'
import type { LockKeys } from './lock-keys.ts'

/** A held lock. */
export interface LockHandle {
  readonly key: string
  /**
   * Grows with each time the key is locked, also across the loss of Redis's memory (it is the server's time in µs, at least the former + 1).
   * What you write to may refuse a smaller number than it has seen: that is what keeps out a holder who does not know yet that it lost.
   */
  readonly fencing: number
  /** Aborts, with a LockError `lock-lost` as its reason, when the lock expired or was taken away; never after `release()`. */
  readonly lost: AbortSignal
  /**
   * Lets go. Further calls do nothing more.
   *
   * @returns false where it was lost before; rejects with LockError `lock-unavailable` where Redis does not say (it expires by itself then)
   */
  release(): Promise<boolean>
  /** Lets go at the end of an `await using` block; never rejects. */
  [Symbol.asyncDispose](): Promise<void>
}

/** What a lease hangs on. Durations in ms. */
export interface LeaseOptions {
  readonly keys: LockKeys
  readonly clock: Clock
  readonly key: string
  readonly ttl: number
  readonly fencing: number
  /** When the command that got the lock was sent: the server began to count later. */
  readonly sentAt: Instant
  readonly ended: (lease: LockHandle) => void
}

/** Clocks of two machines may differ by so much over a stretch of time. */
const DRIFT = 0.05

/** The state behind a handle. */
export class Lease implements LockHandle {
  readonly key: string
  readonly fencing: number
  readonly lost: AbortSignal
  readonly #options: LeaseOptions
  readonly #lost = new AbortController()
  #until: Instant
  #over = false
  #isLost = false
  #released: Promise<boolean> | undefined
  #cancels: readonly (() => void)[] = []

  constructor(options: LeaseOptions) {
    this.key = options.key
    this.fencing = options.fencing
    this.#options = options
    this.#until = this.#heldUntil(options.sentAt)
    this.lost = this.#watched(this.#lost.signal)
    this.#watch(options.ttl / 3)
  }

  /** A process that was paused, or one that works without a pause, may look before its timers can fire. */
  #watched(signal: AbortSignal): AbortSignal {
    const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, 'aborted')!.get!
    return Object.defineProperty(signal, 'aborted', {
      get: () => {
        this.#notice()
        return Reflect.apply(isAborted, signal, [])
      },
    })
  }

  release(): Promise<boolean> {
    this.#released ??= this.#release()
    return this.#released
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => undefined)
  }

  #heldUntil(sentAt: Instant): Instant {
    return sentAt + this.#options.ttl * (1 - DRIFT)
  }

  /** Renews after `ms`, and looks at the clock when time is up. */
  #watch(ms: number): void {
    const { clock } = this.#options
    for (const cancel of this.#cancels) cancel()
    this.#cancels = [
      clock.after(ms, () => void this.#renew()),
      clock.after(Math.max(0, this.#until - clock.now()), () => this.#notice() || this.#watch(ms)),
    ]
  }

  async #renew(): Promise<void> {
    const { clock, keys, ttl } = this.#options
    const sentAt = clock.now()
    const renewed = await keys.renew().catch(() => undefined)
    if (this.#over || this.#notice()) return
    if (renewed === false) return this.#lose('it is not ours any more')
    if (renewed) this.#until = this.#heldUntil(sentAt)
    // Where Redis does not say, it is asked again while there is time.
    this.#watch(renewed ? Math.max(0, sentAt + ttl / 3 - clock.now()) : ttl / 10)
  }

  /** Whether it is lost, by the clock at the latest. */
  #notice(): boolean {
    if (!this.#over && this.#options.clock.now() >= this.#until) this.#lose('it was not renewed in time')
    return this.#isLost
  }

  #lose(why: string): void {
    this.#end()
    this.#isLost = true
    this.#lost.abort(new LockError('lock-lost', `The lock ${JSON.stringify(this.key)} was lost: ${why}`))
  }

  #end(): void {
    this.#over = true
    for (const cancel of this.#cancels) cancel()
    this.#options.ended(this)
  }

  async #release(): Promise<boolean> {
    const lost = this.#notice()
    this.#end()
    try {
      // Also where it counts as lost: the key may still be there, and would keep others waiting.
      const wasOurs = await this.#options.keys.release()
      return wasOurs && !lost
    } catch (cause) {
      throw new LockError('lock-unavailable', `Redis does not say whether ${JSON.stringify(this.key)} is released`, {
        cause,
      })
    }
  }
}
