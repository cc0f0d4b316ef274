/** Redis as the rest of the cache sees it: whether it may be asked, and what is known of each primary. */
import type { Instant } from '../clock.ts'
import type { RedisClient } from './client/client.ts'

/** What the bus of one primary proves. */
export interface Hearing {
  /** Since then no message can have been missed; undefined while the bus is silent. */
  readonly since: Instant | undefined
  /** From here … */
  readonly provenSince: Instant
  /** … to here, everything this primary acknowledged has been heard; that stays true when the bus falls silent. */
  readonly until: Instant
  /** What was validated before is in doubt: messages may have been missed. */
  readonly floor: Instant
}

/** One primary. Without Cluster there is one, for good. */
export interface Shard {
  readonly name: string
  readonly commands: RedisClient
  readonly hearing: Hearing
  /** Names the history of the primary's data (`master_replid`): tokens of another one are other tokens. */
  readonly generation: string
  /** The primary's clock, in µs, as it was when it was asked last; undefined where it does not tell. */
  readonly serverTime: number | undefined
  /** The instant at which it was asked. */
  readonly feltAt: Instant
  /** Asks for the clock, and what it is. */
  feel(): Promise<void>
  /**
   * Asks the primary anew what it is. What it answered before this call is of the generation that is known afterwards.
   *
   * @returns rejects where it turns out to be no primary
   */
  check(): Promise<void>
  /** The same for all that was sent in this turn of the event loop, behind it. */
  confirm(): Promise<void>
  /**
   * Asks the primary for an echo on the bus: when it comes, everything that was acknowledged before this call has been heard.
   *
   * @returns rejects while the bus is silent, and where the server turns out to be no primary
   */
  prove(): Promise<void>
}

/** What the owner of the local tokens must do when the connections change. */
export interface ConnectionHooks {
  /** Redis answers again: runs before anything is trusted. Rejecting keeps the connection closed until the next pulse. */
  opening(): Promise<void>
  message(text: string): void
  /** Every primary was proven alive. */
  pulsed(): void
  /** A primary that answers holds another history than before. */
  generationChanged(shard: Shard): void
}

/** Our connections, with the one state machine that guards them. */
export interface Connection {
  /** Whether Redis may be asked. */
  readonly up: boolean
  readonly cluster: boolean
  /**
   * The primary that owns a key.
   *
   * @throws UnreachableError while none is known
   */
  shardOf(key: string): Shard
  /** Registers one who must know of changes. */
  watch(hooks: ConnectionHooks): void
  /**
   * Runs a command within the budget, on `shard` or wherever its key belongs.
   *
   * @throws UnreachableError at once while Redis is down, LateError after the budget, else what the command throws
   */
  command<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T>
  /** As `command`, for what may be done twice: where the connection is cut, it is tried again within the budget once there is a new one. */
  repeat<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T>
  /** As `command`, but also while Redis counts as down: for what must happen before it is trusted again. */
  insist<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T>
  /** Resolves once Redis is up; rejects after `ms`, or once the connections are closed. */
  ready(ms: number): Promise<void>
  /** Ends all connections; a client that was given stays open. */
  close(): void
}
