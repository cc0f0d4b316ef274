// Runs one simulation by names that fit through a wire: the fault, the seed, and what is weakened.
import { allFaults } from './faults.ts'
import { mutants } from './mutants.ts'
import { type Outcome, World } from './world.ts'

/** What is to be simulated. */
export interface Simulation {
  readonly fault: string
  readonly seed: number
  readonly mutant?: string | undefined
  /** For how many ms faults strike. */
  readonly span?: number | undefined
  /** How many lines of what happens are kept. */
  readonly lines?: number | undefined
}

/** What came of it, and what happened. */
export interface Simulated {
  readonly outcome: Outcome
  readonly world: World
}

/** @throws Error for names that nothing has */
export async function simulate({ fault: name, mutant, ...settings }: Simulation): Promise<Simulated> {
  const fault = named(allFaults, name)
  const weakened = mutant === undefined ? undefined : named(mutants, mutant)
  // Nobody reads the stacks of errors that are part of the play, and taking them is what would take the time.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const world = new World({ ...settings, fault, mutant: weakened })
    return { outcome: await world.run(), world }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function named<T extends { readonly name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name)
  if (found === undefined)
    throw new Error(`Nothing is called ${name}: there are ${all.map((one) => one.name).join(', ')}`)
  return found
}
