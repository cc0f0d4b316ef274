/** Names what went wrong with Redis, and tells of it once per change. */
import { type Clock, type Instant, monotonicClock } from '../clock.ts'
import type { Listener, TroubleEvent, TroubleKind } from '../observe/events.ts'
import { forbiddenCommand, lostWithout } from './forbidden.ts'

/** Redis did not answer within its budget. */
export class LateError extends Error {
  override readonly name = 'LateError'
}

/** Redis is not being asked at the moment. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

/** More was to be written than may wait. */
export class OverloadError extends Error {
  override readonly name = 'OverloadError'
}

const byReply: readonly (readonly [RegExp, TroubleKind])[] = [
  [/^READONLY|^NOREPLICAS|^MASTERDOWN|replica/, 'readonly'],
  [/^OOM/, 'memory'],
  [/^LOADING|^BUSY|^MOVED|^ASK|^TRYAGAIN|^CLUSTERDOWN/, 'loading'],
  [/^NOAUTH|^WRONGPASS|^NOPERM|^ERR AUTH|^ERR invalid password/, 'auth'],
  [/^WRONGTYPE/, 'type'],
  [/^NOSCRIPT|user_script|Error running script/, 'script'],
]

/** The kind of an error of the client library, of a Redis reply or of our own. */
export function troubleKind(error: unknown): TroubleKind {
  if (error instanceof LateError) return 'timeout'
  if (error instanceof UnreachableError) return 'connection'
  if (error instanceof OverloadError) return 'overload'
  const { message = '', name = '', code } = (error ?? {}) as { message?: string; name?: string; code?: string }
  const known = byReply.find(([pattern]) => pattern.test(message))
  if (known !== undefined) return known[1]
  return name === 'ReplyError' ? 'other' : code === 'ETIMEDOUT' ? 'timeout' : 'connection'
}

/** Whether a Cluster's node sent us to another one. */
export function isMoved(error: unknown): boolean {
  return error instanceof Error && /^(?:MOVED|ASK) /.test(error.message)
}

/** Whether the connection was cut under a command: whether it was carried out, nobody knows. */
export function isCut(error: unknown): boolean {
  return troubleKind(error) === 'connection' && !(error instanceof UnreachableError)
}

type Operation = TroubleEvent['operation']

/**
 * An operation has recovered once it has not failed for so long, in ms, since it first succeeded. A full Redis goes on reading and refuses to
 * write: where some succeed and some fail, each success would be told as a recovery.
 */
const FIRST_HOLD_MS = 1_000
/** One that fails again within this many ms after it recovered comes and goes: it must hold out twice as long, … */
const STABLE_MS = 10_000
/** … so long at most. */
const LONGEST_HOLD_MS = 30_000

/** A late answer may be the first sign that Redis is lost, which has an event of its own: it is told once that is not so, after so many ms. */
const DOUBT_MS = 500

interface Fate {
  /** What it was said to suffer from; undefined where it was said to be well. */
  kind: TroubleKind | undefined
  recoveredAt: Instant
  hold: number
  /** Takes back that it may have recovered; undefined while nothing succeeds. */
  cancel: (() => void) | undefined
}

/** Remembers how each operation fares, so that listeners hear of changes that last and not of every failure. */
export class TroubleLog {
  readonly #tell: Listener
  readonly #clock: Clock
  readonly #fates = new Map<Operation, Fate>()
  /** Operations that were said to suffer. */
  #suffering = 0
  /** Operations whose answers came late a moment ago, and how to say nothing of it. */
  readonly #doubts = new Map<Operation, () => void>()
  #isLost = false
  readonly #counts = new Map<TroubleKind, number>()
  /** Commands that an access list forbids, and the operation that first suffered from it. */
  readonly #forbidden = new Map<string, Operation>()

  constructor(tell: Listener, clock: Clock = monotonicClock) {
    this.#tell = tell
    this.#clock = clock
  }

  /** Failures so far, by kind. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  failed(operation: Operation, error: unknown): void {
    const kind = troubleKind(error)
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    const message = error instanceof Error ? error.message : String(error)
    const command = forbiddenCommand(message)
    if (command !== undefined) {
      this.#forbid(command, operation, message)
      return
    }
    // A key of a wrong type says nothing of the next key, and a connection's loss has an event of its own.
    if (kind === 'type' || kind === 'connection') return
    if (kind === 'timeout') this.#late(operation, message)
    else this.#suffer(operation, kind, message)
  }

  /** Redis is lost: that its operations come late is no news. */
  lost(): void {
    this.#isLost = true
    for (const cancel of this.#doubts.values()) cancel()
    this.#doubts.clear()
  }

  /** Redis answers again. */
  found(): void {
    this.#isLost = false
  }

  #late(operation: Operation, message: string): void {
    if (this.#fates.get(operation)?.kind === 'timeout') {
      this.#suffer(operation, 'timeout', message)
      return
    }
    if (this.#isLost || this.#doubts.has(operation)) return
    const told = this.#clock.after(DOUBT_MS, () => {
      this.#doubts.delete(operation)
      this.#suffer(operation, 'timeout', message)
    })
    this.#doubts.set(operation, told)
  }

  #suffer(operation: Operation, kind: TroubleKind, message: string): void {
    const fate = this.#fateOf(operation)
    fate.cancel?.()
    fate.cancel = undefined
    if (fate.kind === kind) return
    if (fate.kind === undefined) {
      this.#suffering++
      const isBackOnlyJust = this.#clock.now() - fate.recoveredAt < STABLE_MS
      fate.hold = isBackOnlyJust ? Math.min(2 * fate.hold, LONGEST_HOLD_MS) : FIRST_HOLD_MS
    }
    fate.kind = kind
    this.#tell({ type: 'trouble', operation, kind, message })
  }

  succeeded(operation: Operation): void {
    const fate = this.#suffering === 0 ? undefined : this.#fates.get(operation)
    if (fate?.kind === undefined || fate.cancel !== undefined) return
    fate.cancel = this.#clock.after(fate.hold, () => {
      this.#suffering--
      fate.cancel = undefined
      fate.kind = undefined
      fate.recoveredAt = this.#clock.now()
      this.#tell({ type: 'trouble', operation, kind: undefined, message: 'recovered' })
    })
  }

  #fateOf(operation: Operation): Fate {
    const known = this.#fates.get(operation)
    if (known !== undefined) return known
    const fate: Fate = {
      kind: undefined,
      recoveredAt: Number.NEGATIVE_INFINITY,
      hold: FIRST_HOLD_MS,
      cancel: undefined,
    }
    this.#fates.set(operation, fate)
    return fate
  }

  /** A command was carried out. */
  permitted(command: string): void {
    const operation = this.#forbidden.size === 0 ? undefined : this.#forbidden.get(command)
    if (operation === undefined) return
    this.#forbidden.delete(command)
    this.#tell({ type: 'trouble', operation, kind: undefined, message: `${command.toUpperCase()} is permitted again` })
  }

  /** One event per command, however many operations suffer from it. */
  #forbid(command: string, operation: Operation, message: string): void {
    if (this.#forbidden.has(command)) return
    this.#forbidden.set(command, operation)
    this.#tell({ type: 'trouble', operation, kind: 'auth', message: `${message}: ${lostWithout(command)}` })
  }
}
