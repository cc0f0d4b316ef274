// Lets each mutant run before its fault until a checker catches it.
import { Random } from '../random.ts'
import { run } from '../run.ts'
import { Stage } from '../stage/stage.ts'
import type { Mutant } from './mutant.ts'

/** What came of one mutant. */
export interface Catch {
  readonly mutant: string
  readonly about: string
  readonly fault: string
  /** The checkers that caught it; none = it survived. */
  readonly caughtBy: readonly string[]
  readonly violations: number
  /** Runs that it took. */
  readonly runs: number
}

/** How long a mutant runs at once, in s, and how often before it counts as a survivor. */
const SECONDS = 7
const RUNS = 8
const PROCESSES = 3
const READERS = 4
const TAGS = 4

/** Hunts one mutant, on processes of its own. */
export async function hunt(mutant: Mutant, seed: number): Promise<Catch> {
  const random = new Random(seed)
  const { name, about, fault, tags = TAGS, routes } = mutant
  const stage = await Stage.start({ processes: PROCESSES, random: random.fork(), mutant: name })
  let ids = 0
  const nextId = () => ++ids
  try {
    for (let runs = 1; ; runs++) {
      const settings = { stage, fault, random: random.fork(), nextId, seconds: SECONDS, readers: READERS, tags, routes }
      const history = await run(settings)
      const violations = mutant.breaks.flatMap((check) => check.judge(history))
      const caughtBy = [...new Set(violations.map(({ check }) => check))]
      if (caughtBy.length > 0 || runs === RUNS) {
        return { mutant: name, about, fault: fault.name, caughtBy, violations: violations.length, runs }
      }
    }
  } finally {
    await stage.stop()
  }
}
