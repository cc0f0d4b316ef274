// One soak: load, faults and samples of memory, until the time is over and everything has landed.
import { now, pause } from '../../consistency/clock.ts'
import { Random } from '../../consistency/random.ts'
import type { Member } from '../app/member.ts'
import type { Inspection } from '../app/settings.ts'
import { askForAll } from '../load/closed-loop.ts'
import { Pace } from '../load/pace.ts'
import { Checker } from './checker.ts'
import { Faults } from './faults.ts'
import type { Options } from './options.ts'
import { Popularity } from './popularity.ts'
import { Site } from './site.ts'
import { Tally } from './tally.ts'
import { Traffic } from './traffic.ts'
import type { Outcome } from './verdict.ts'
import { Writes } from './writes.ts'

/** One line of the report. */
export interface Sample {
  readonly minute: number
  readonly tally: Tally
  readonly times: { readonly p50: number; readonly p99: number }
  readonly inspections: readonly Inspection[]
}

/** So many samples at least; of a long soak one a minute. */
const SAMPLES = 5
/** The sample that later ones are compared with: at minute 2 of ten minutes or more. */
const BASELINE = 1
/** What is in flight when the load ends has landed after so long, in ms: far less than a flight's deadline, which would hide a flight that nobody lands. */
const LANDING = 10_000
/** Requests at a time while memory is filled. */
const WARMERS = 50

/** Runs it; `tell` hears of each sample. */
export async function soak(options: Options, tell: (sample: Sample) => void): Promise<Outcome> {
  const random = new Random(options.seed)
  const checker = new Checker()
  const writes = new Writes(checker)
  const site = await Site.start(options.processes, {
    committed: (id, version) => checker.committed(id, version),
    bumped: (write, applied) => writes.bumped(write, applied),
  })
  const { members, database } = site
  try {
    // Memory is full and the code compiled before anything is compared with anything.
    const ids = Array.from({ length: options.ids }, (_, i) => `${i}`)
    await Promise.all(members.map(({ clients }) => askForAll(clients, ids, WARMERS)))
    const faults = new Faults(site, random.fork())
    const tally = new Tally(
      () => faults.isTroubled,
      () => database.refused,
    )
    const popularity = new Popularity(options.ids)
    const traffic = new Traffic({ members, random: random.fork(), popularity, checker, writes, tally })
    const pace = new Pace(options.rate, () => traffic.fire())
    const samples = await sampled(options.minutes, members, tally, tell)
    pace.stop()
    await faults.stop()
    const end = await landed(members, traffic)
    return { ...tally, members: members.map((member, i) => endurance(member, i, samples, end)) }
  } finally {
    await site.stop()
  }
}

async function sampled(minutes: number, members: readonly Member[], tally: Tally, tell: (sample: Sample) => void) {
  const count = Math.max(SAMPLES, Math.floor(minutes))
  const begun = now()
  const samples: (readonly Inspection[])[] = []
  for (let i = 1; i <= count; i++) {
    await pause(begun + (i / count) * minutes * 60_000 - now())
    const inspections = await Promise.all(members.map((member) => member.inspect()))
    samples.push(inspections)
    tell({ minute: (i / count) * minutes, tally, times: tally.takeTimes(), inspections })
  }
  return samples
}

/** Resolves when nothing is in flight any more, or does not land in time. */
async function landed(members: readonly Member[], traffic: Traffic): Promise<readonly Inspection[]> {
  // What waits in sockets is not in flight yet; clients lose their patience with it.
  while (traffic.busy > 0) await pause(50)
  const deadline = now() + LANDING
  for (;;) {
    const inspections = await Promise.all(members.map((member) => member.inspect()))
    const left = inspections.reduce((sum, { flights, runs, requests }) => sum + flights + runs + requests, 0)
    if (left === 0 || now() > deadline) return inspections
    await pause(200)
  }
}

function endurance(
  { ended }: Member,
  i: number,
  samples: readonly (readonly Inspection[])[],
  end: readonly Inspection[],
): Outcome['members'][number] {
  return {
    name: `process ${i}`,
    baseline: samples[BASELINE]![i]!,
    last: samples.at(-1)![i]!,
    end: end[i]!,
    ended,
  }
}
