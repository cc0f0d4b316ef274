// Many simulations, until enough answers were checked.
import type { Simulation } from './simulate.ts'
import type { Outcome } from './world.ts'

/** What became of all simulations of one fault. */
export interface Row {
  readonly fault: string
  runs: number
  /** Those that have not ended. */
  running: number
  reads: number
  hits: number
  violations: number
  /** The longest lag of an answer that did not say `degraded`, and of those that did, in ms. */
  bounded: number
  degraded: number
  /** The failure that came soonest after its beginning. */
  failure: { readonly simulation: Simulation; readonly at: number } | undefined
}

/** Whoever runs a simulation, here or elsewhere. */
export type Run = (simulation: Simulation) => Promise<Outcome>

interface Campaign {
  readonly faults: readonly string[]
  readonly mutant?: string | undefined
  /** Answers to check, of all faults together. */
  readonly reads: number
  readonly seed: number
  /** Simulations at once. */
  readonly lanes: number
  readonly run: Run
}

/** What a simulation checks, about. */
const USUAL_READS = 200_000

/** Runs seeds one after another until each fault has had its share of the reads. */
export async function runCampaign({ faults, mutant, reads, seed, lanes, run }: Campaign): Promise<readonly Row[]> {
  const rows = faults.map(emptyRow)
  const quota = reads / faults.length
  const lane = async () => {
    for (;;) {
      const row = rows.find((one) => one.reads + one.running * USUAL_READS < quota)
      if (row === undefined) return
      const simulation = { fault: row.fault, seed: (seed + row.runs++) >>> 0, mutant }
      row.running++
      note(row, simulation, await run(simulation))
      row.running--
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return rows
}

function emptyRow(fault: string): Row {
  return { fault, runs: 0, running: 0, reads: 0, hits: 0, violations: 0, bounded: 0, degraded: 0, failure: undefined }
}

function note(row: Row, simulation: Simulation, { reads, hits, worst, violation }: Outcome): void {
  row.reads += reads
  row.hits += hits
  row.bounded = Math.max(row.bounded, worst.bounded)
  row.degraded = Math.max(row.degraded, worst.degraded)
  if (violation === undefined) return
  row.violations++
  if (violation.at < (row.failure?.at ?? Number.POSITIVE_INFINITY)) row.failure = { simulation, at: violation.at }
}
