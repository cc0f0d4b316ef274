// Runs one fault after another on the same processes, and judges what was seen.
import { now } from './clock.ts'
import type { Fault } from './faults/fault.ts'
import { Random } from './random.ts'
import { joined, type Result, resultOf } from './result.ts'
import { COOL_DOWN, run } from './run.ts'
import type { Stage } from './stage/stage.ts'
import type { NextId } from './workload/client.ts'

/** Which faults, and how long. */
export interface CampaignSettings {
  readonly faults: readonly Fault[]
  readonly seed: number
  /** For all faults together, judging included. */
  readonly seconds: number
  readonly nextId: NextId
  /** Is told what came of each fault, and of each run that broke the contract. */
  readonly tell: (result: Result) => void
}

/** Sessions that read, at each process. */
const READERS = 4
/** How many tags a run may have: with few, more happens to each at once; with many, each is left alone for longer. */
const TAGS = [3, 8, 16]
/** The longest run, in s: a fault that has more time runs several times. */
const LONGEST = 20
/** Below this a fault could not do anything, in s. */
const SHORTEST = COOL_DOWN / 1_000 + 0.5

/** Runs all of it. Each fault's chance hangs on the seed and its own name alone: alone it does what it does among others. */
export async function campaign(stage: Stage, settings: CampaignSettings): Promise<Result[]> {
  const { faults, seconds, tell } = settings
  const end = now() + seconds * 1_000
  const results: Result[] = []
  for (const [i, fault] of faults.entries()) {
    const share = (end - now()) / (faults.length - i)
    results.push(await runFault(stage, fault, now() + share, settings))
    tell({ ...results.at(-1)!, excerpts: [] })
  }
  return results
}

async function runFault(
  stage: Stage,
  fault: Fault,
  end: number,
  { seed, nextId, tell }: CampaignSettings,
): Promise<Result> {
  const random = new Random(seed ^ hash(fault.name))
  const results: Result[] = []
  do {
    const seconds = Math.max(SHORTEST, Math.min(LONGEST, (end - now()) / 1_000))
    const settings = { stage, fault, random: random.fork(), nextId, seconds, readers: READERS, tags: random.pick(TAGS) }
    const result = resultOf(fault.name, await run(settings))
    if (result.violations > 0) tell(result)
    results.push(result)
  } while (end - now() > SHORTEST * 1_000)
  return joined(results)
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7)
}
