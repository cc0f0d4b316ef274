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

/** What is lost where a command is forbidden, and what that means for the contract. */
const lost: Readonly<Record<TroubleEvent['operation'], string>> = {
  get: 'L2 is not read',
  set: 'nothing is stored in L2',
  versions: 'without versions nothing is stored (C1 and C2 hold, as nothing is answered)',
  bump: 'other processes do not learn of writes made here: C1 and C2 no longer hold for them',
  intent: 'writes with intent are refused',
  claim: 'each process runs by itself (C4)',
  bus: 'bumps are not heard but read: other processes lag by up to D (C2), strong routes read each tag (C1)',
  generation: 'a restored or failed-over Redis may revive what it had forgotten: C0 no longer holds then',
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
    const message = error instanceof Error ? error.message : String(error)
    const forbidden = message.startsWith('NOPERM') ? `: ${lost[operation]}` : ''
    this.#tell({ type: 'trouble', operation, kind, message: message + forbidden })
  }

  succeeded(operation: TroubleEvent['operation']): void {
    if (this.#current.size === 0 || !this.#current.delete(operation)) return
    this.#tell({ type: 'trouble', operation, kind: undefined, message: 'recovered' })
  }
}
