/** What a request that is sent for the sake of its answer being stored is told on its way through the application. */
import type { Outcome } from '../observe/events.ts'

/** A cache that a request met on its way, as far as its sender cares. */
export interface MetCache {
  /** Resolves once its shared tier may be used, at once where there is none; rejects when that takes too long. */
  ready(): Promise<void>
  close(): Promise<void>
  /** How often the shared tier failed so far, by kind; undefined where there is no shared tier. */
  sharedErrors(): Readonly<Record<string, number>> | undefined
}

/** What became of a run whose answer could have been stored. */
export interface Filled {
  readonly stored: boolean
  /** Why not: `set-cookie`, `status-500`, … */
  readonly reason: string | undefined
  /** Settles when the shared tier has it; undefined where it is in memory alone. */
  readonly storing: Promise<void> | undefined
}

/** Travels with one request that has no client; nothing that a client sends could carry one. */
export interface Errand {
  /** A cache stands on the way. It lets the request in once this settles. Never rejects. */
  arrives(cache: MetCache): Promise<void>
  /** The cache has answered it, or lets it through. */
  meets(outcome: Outcome, reason: string | undefined): void
  /** A run begins whose answer may be stored; the returned function is called when it is over. */
  fills(): (filled: Filled) => void
}
