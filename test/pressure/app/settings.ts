// What a process under pressure is told when it begins, and what it says while it runs.
import type { RedisEvent, TroubleEvent } from '../../../src/observe/events.ts'

/** Told to a process as JSON, in its first argument. */
export interface AppSettings {
  readonly framework: 'Express' | 'Koa'
  /** Undefined: the same routes without a cache, to compare with. */
  readonly redis: string | undefined
  /** The port of a database that all processes share; undefined: each has its own, in memory. */
  readonly database: number | undefined
  /** How long the database in memory takes for each answer, in ms. */
  readonly delay: number
  /** Entries in L1 at most: few, so that memory is full before it is measured. */
  readonly maxEntries: number
}

/** What goes on in a process, its garbage collected. */
export interface Inspection {
  /** Bytes. */
  readonly heap: number
  /** Bytes. */
  readonly resident: number
  /** Keys with flights that could be joined. */
  readonly flights: number
  /** Handlers at work. */
  readonly runs: number
  /** Requests that have no answer yet. */
  readonly requests: number
  /** Rejections that nobody handled, so far. */
  readonly unhandled: readonly string[]
}

/** What an operator would find in the log. */
export type LoggedEvent = RedisEvent | TroubleEvent

/** What a process says to the one that started it. */
export type AppMessage =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'logged'; readonly event: LoggedEvent }
  | { readonly type: 'bumped'; readonly write: number; readonly applied: 'everywhere' | 'locally' }
  | { readonly type: 'inspected'; readonly inspection: Inspection }

/** What it is asked for later. */
export type AppCommand = 'inspect' | 'stop'

/** The header field that numbers a write. */
export const WRITE_FIELD = 'x-write'
