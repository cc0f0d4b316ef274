// Lets a mutant run, seed after seed, until it is caught.

import type { Violation } from './judge.ts'
import { mutants } from './mutants.ts'
import { type Simulation, simulate } from './simulate.ts'

/** What it took to catch a mutant. */
export interface Catch {
  readonly violation: Violation | undefined
  readonly runs: number
  readonly reads: number
}

/** @param most simulations after which a mutant counts as a survivor */
export async function hunt(name: string, seed: number, most: number): Promise<Catch> {
  const { fault } = mutants.find((mutant) => mutant.name === name)!
  let reads = 0
  for (let runs = 1; runs <= most; runs++) {
    const simulation: Simulation = { fault, seed: (seed + runs) >>> 0, mutant: name }
    const { outcome } = await simulate(simulation)
    reads += outcome.reads
    if (outcome.violation !== undefined) return { violation: outcome.violation, runs, reads }
  }
  return { violation: undefined, runs: most, reads }
}
