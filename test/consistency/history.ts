// What happened in one run: every operation that a client saw, and what was done to the machines meanwhile.

/** Milliseconds of `now()`. */
export type Instant = number

/** From the first instant to the second. */
export interface Span {
  readonly from: Instant
  readonly until: Instant
}

/** What a route promises its readers. */
export interface Promised {
  /** The first part of the path. */
  readonly name: string
  /** Milliseconds that an answer may lag (D of the contract); 0 = strong. */
  readonly bound: number
  /** Milliseconds past its last validation that an entry may answer without Redis. */
  readonly maxStale: number
  /** Who runs at most once at a time. */
  readonly lock: 'process' | 'fleet'
}

/** What an answer said of itself in `Cache-Status`. */
export interface Label {
  readonly outcome: 'hit l1' | 'hit l2' | 'miss' | 'collapsed' | 'bypass' | 'none'
  readonly degraded: boolean
  /** Says that it is kept for others. */
  readonly stored: boolean
}

interface Request {
  /** Names the request everywhere. */
  readonly id: number
  /** One life of one process: after a restart it is another process. */
  readonly process: string
  /** A client, which asks one thing after another. */
  readonly session: string
  readonly tag: string
  /** Before the first byte left the client. */
  readonly start: Instant
  /** After the last byte of the answer arrived; infinity where none did. */
  readonly end: Instant
  readonly status: number
}

/** A reading of a tag's value through a cached route. */
export interface Read extends Request {
  readonly op: 'read'
  readonly route: Promised
  readonly value: number
  readonly label: Label
}

/** A new value for a tag, through a route that invalidates. */
export interface Write extends Request {
  readonly op: 'write'
  /** What the register took; later values are greater. */
  readonly value: number
  /** When the register took it. */
  readonly committedAt: Instant
  /** `intent`: the write was announced before its handler ran. */
  readonly mode: 'after' | 'intent'
  /** What the process says became of the bump; undefined when it never said so. */
  readonly applied: 'everywhere' | 'locally' | undefined
}

export type Operation = Read | Write

/** One reading of a register by a handler. */
export interface Run extends Span {
  readonly process: string
  /** The path that was asked for: what an answer is stored under. */
  readonly fingerprint: string
  readonly tag: string
  /** The request whose handler it was. */
  readonly request: number
  /** What its answer was kept under, for others; undefined where it was not kept. */
  readonly versions?: string | undefined
}

/** Something that was done to a process. */
export interface Interruption {
  readonly process: string
  readonly kind: 'paused' | 'killed'
  readonly at: Instant
}

/** One run, from the first request to the last. Values of a tag begin at 0. */
export interface History {
  readonly reads: readonly Read[]
  readonly writes: readonly Write[]
  readonly runs: readonly Run[]
  /** Before each process began. */
  readonly births: ReadonlyMap<string, Instant>
  /** Processes that were killed or stopped where they stood. */
  readonly interruptions: readonly Interruption[]
  /** What no operation shows, a sentence each: processes that ended or fell silent by themselves, writes that were never confirmed. */
  readonly troubles: readonly string[]
  /** From each loss of Redis until 1 s after it answered again: what the contract calls degraded. */
  readonly outages: readonly Span[]
  /** When version keys may have changed by other hands than a write's. */
  readonly upheavals: readonly Span[]
  /** When the last fault was over and the last write done; undefined for a run that ended in the middle. */
  readonly quietSince: Instant | undefined
}
