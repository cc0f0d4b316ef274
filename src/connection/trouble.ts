/** Names what went wrong with Redis, and tells of it once per change. */
import type { Listener, TroubleEvent, TroubleKind } from '../observe/events.ts'

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

/** Remembers how each operation fares, so that listeners hear of changes and not of every failure. */
export class TroubleLog {
  readonly #tell: Listener
  readonly #current = new Map<TroubleEvent['operation'], TroubleKind>()
  readonly #counts = new Map<TroubleKind, number>()

  constructor(tell: Listener) {
    this.#tell = tell
  }

  /** Failures so far, by kind. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  failed(operation: TroubleEvent['operation'], error: unknown): void {
    const kind = troubleKind(error)
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1)
    // A key of a wrong type says nothing of the next key, and a connection's loss has an event of its own.
    if (kind === 'type' || kind === 'connection' || this.#current.get(operation) === kind) return
    this.#current.set(operation, kind)
    this.#tell({ type: 'trouble', operation, kind, message: error instanceof Error ? error.message : String(error) })
  }

  succeeded(operation: TroubleEvent['operation']): void {
    if (this.#current.size === 0 || !this.#current.delete(operation)) return
    this.#tell({ type: 'trouble', operation, kind: undefined, message: 'recovered' })
  }
}
