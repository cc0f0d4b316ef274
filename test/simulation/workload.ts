// How busy a simulation is: drawn from its seed, so that many kinds of load are seen.
import type { Random } from '../consistency/random.ts'
import type { Latency } from './network.ts'

/** What is drawn once for each simulation. Times are in ms. */
export interface Workload {
  readonly processes: number
  readonly things: number
  readonly latency: Latency
  /** Requests that come together. */
  readonly burst: number
  /** How often something that happened in a process is followed by a burst at once. */
  readonly eager: number
  /** Between two writes anywhere, on average. */
  readonly writeEvery: number
  /** Writes that are announced. */
  readonly intents: number
  /** Runs that fail, and answers that do not become whole. */
  readonly failures: number
  /** Entries that a process keeps at most. */
  readonly maxEntries: number
  /** Processes have room for all tokens but one. */
  readonly isForgetful: boolean
  /** How long a handler takes until it has read, and then until it has answered. */
  readDelay(random: Random): number
  answerDelay(random: Random): number
}

const latencies: readonly Latency[] = [
  { least: 0.05, more: 0.1 },
  { least: 0.2, more: 1 },
  { least: 0.5, more: 3 },
]

/** Draws a load. */
export function drawWorkload(random: Random): Workload {
  const slow = random.pick([0.01, 0.05])
  const delay = (drawn: Random) => (drawn.chance(slow) ? drawn.next() ** 2 * 2_000 : drawn.next() * 6)
  return {
    processes: random.pick([2, 3, 4]),
    things: random.pick([3, 8, 16]),
    latency: random.pick(latencies),
    burst: random.pick([24, 72]),
    eager: random.pick([0.3, 1]),
    writeEvery: random.pick([60, 150, 400]),
    intents: random.pick([0, 0.2]),
    failures: random.pick([0, 0.01]),
    maxEntries: random.chance(0.05) ? 20 : 10_000,
    isForgetful: random.chance(0.04),
    readDelay: delay,
    answerDelay: delay,
  }
}
