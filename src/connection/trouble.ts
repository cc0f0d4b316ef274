/** Names what went wrong with Redis, and tells of it once per change. */
import type { Clock } from '../clock.ts'
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
  const { message = '', name = '', code } = (error ?? {}) as { message?: string; name?: string; code?: string }
  const known = byReply.find(([pattern]) => pattern.test(message))
  if (known !== undefined) return known[1]
  return name === 'ReplyError' ? 'other' : code === 'ETIMEDOUT' ? 'timeout' : 'connection'
}

/** Whether a Cluster's node sent us to another one. */
export function isMoved(error: unknown): boolean {
  return error instanceof Error && /^(?:MOVED|ASK) /.test(error.message)
}

type Operation = TroubleEvent['operation']

/**
 * An operation works again once it has not failed for so long, in ms. A full Redis goes on reading and refuses to write: where some succeed
 * and some fail, each success would be told as a recovery.
 */
const SETTLED_MS = 1_000

/** Remembers how each operation fares, so that listeners hear of changes and not of every failure. */
export class TroubleLog {
  readonly #tell: Listener
  readonly #clock: Clock
  readonly #current = new Map<Operation, TroubleKind>()
  /** Operations that succeeded since they failed, and how to take that back. */
  readonly #settling = new Map<Operation, () => void>()
  readonly #counts = new Map<TroubleKind, number>()
  /** Commands that an access list forbids, and the operation that first suffered from it. */
  readonly #forbidden = new Map<string, Operation>()

  constructor(tell: Listener, clock: Clock) {
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
    this.#unsettle(operation)
    if (this.#current.get(operation) === kind) return
    this.#current.set(operation, kind)
    this.#tell({ type: 'trouble', operation, kind, message })
  }

  succeeded(operation: Operation): void {
    if (this.#current.size === 0 || !this.#current.has(operation) || this.#settling.has(operation)) return
    const settle = () => {
      this.#settling.delete(operation)
      this.#current.delete(operation)
      this.#tell({ type: 'trouble', operation, kind: undefined, message: 'recovered' })
    }
    this.#settling.set(operation, this.#clock.after(SETTLED_MS, settle))
  }

  #unsettle(operation: Operation): void {
    this.#settling.get(operation)?.()
    this.#settling.delete(operation)
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
