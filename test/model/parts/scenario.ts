// What one exploration is made of: who takes part, what may go wrong, and how far the clock goes.
import type { Assumptions, Safeguards } from '../protocol.ts'

/** A reader, and the process it arrives at. */
interface ReaderPlan {
  readonly at: number
  /** `bounded` unless given. */
  readonly kind?: 'strong' | 'late'
  /** Arrives when everything else is over, to see what is left. */
  readonly last?: true
}

/** A writer. */
interface WriterPlan {
  /** The process it runs on; left out: one that does not read, so that only its effects count. */
  readonly at?: number
  readonly intent?: true
  /** Before it can bump. */
  readonly dies?: 'maybe' | 'always'
  /** It goes on and on and never commits. */
  readonly endless?: true
}

/** Things that may happen, and how often. Only those named do. */
interface Events {
  /** A tick of the clock; any number of them unless given. */
  readonly tick?: number
  /** A process asks for an echo, without need. Strong requests ask for as many as they like. */
  readonly echo?: number
  readonly cutBus?: number
  readonly cutCommands?: number
  readonly loseKey?: number
  /** Redis writes a snapshot. */
  readonly save?: number
  /** Redis restarts from the last snapshot, or from nothing. */
  readonly restart?: number
  readonly copyToReplica?: number
  readonly failover?: number
  readonly copyToDeposed?: number
  /** A bump is not confirmed: it comes too late, or Redis refuses it. */
  readonly unconfirmed?: number
  readonly clockBack?: number
  /** A writer with intent is paused while the clock ticks. */
  readonly pauseWriter?: number
}

/** The actors and limits of an exploration. */
export interface Scenario {
  /** A sentence that says what is explored. */
  readonly name: string
  readonly readers: readonly ReaderPlan[]
  readonly writers: readonly WriterPlan[]
  readonly events?: Events
  /** Ticks that a degraded process uses what it has; D unless given. */
  readonly maxStale?: number
  /** How many tags the route has; writers bump the first. */
  readonly tags?: number
  /** Whether there is L2. */
  readonly shared?: true
  /** Whether each process begins with a validated token and an answer in L1. */
  readonly warm?: true
  /** Whether commands take no time: what matters happens elsewhere. */
  readonly instant?: true
  /** Whether nobody subscribes: what holds then, holds by D alone. */
  readonly deaf?: true
  /** Whether it begins after a failover: the commands were cut off, the subscriber was not. */
  readonly split?: true
  /** Whether servers change, so that checks are sent. */
  readonly checks?: true
}

/** A scenario, and what is kept and assumed in it. */
export interface Setting {
  readonly scenario: Scenario
  readonly keeps: Safeguards
  readonly assumes: Assumptions
}

/** Whether a check goes with each echo. */
export const echoesAreChecked = ({ scenario, keeps }: Setting): boolean =>
  scenario.checks === true && keeps.echoesAreChecked

/** D, in ticks of the clock: a tick is a little longer than D. */
export const D = 0

/** The ticks that a marker lives without renewal. */
export const MARKER_LIFE = 1

/** The ticks that degraded answers live. */
export const maxStaleOf = ({ scenario }: Setting): number => scenario.maxStale ?? D

/** The age from which on it makes no difference how old something is. */
export const horizonOf = ({ maxStale = D }: Scenario): number => maxStale + 1

/** How many processes there are: those where somebody reads, or writes. */
export function processesOf({ readers, writers }: Scenario): number {
  return 1 + Math.max(0, ...readers.map(({ at }) => at), ...writers.map(({ at }) => at ?? 0))
}
