// C4: one run at a time per fingerprint and version, on a process or, where the route says so, in the fleet.
import type { History, Read, Run } from '../history.ts'
import { RECOVERY } from './acknowledged.ts'
import { type Check, type Violation, violation } from './check.ts'
import { groupBy, sortBy } from './sorted.ts'
import { Spans } from './spans.ts'

/** A run whose answer was kept for others, with the request it was made for. */
interface Shared extends Run {
  readonly read: Read
}

/**
 * C4. What is not kept may not be shared: then everyone asks for himself. Answers there are whole and for all, or failures, which are not
 * remembered: so no key is ever one that is asked for in parallel.
 */
export const load: Check = {
  name: 'C4 load',
  judge(history: History): Violation[] {
    const shared = sharedRuns(history)
    const fleet = shared.filter(isSettledFleet(history))
    return [
      ...judgeGroups(
        groupBy(shared, ({ process, fingerprint, versions }) => [process, fingerprint, versions].join(' ')),
      ),
      ...judgeGroups(groupBy(fleet, ({ fingerprint, versions }) => `${fingerprint} ${versions}`)),
    ]
  },
}

function sharedRuns({ reads, runs }: History): Shared[] {
  const byId = new Map(reads.map((read) => [read.id, read]))
  return runs.flatMap((run) => {
    const read = byId.get(run.request)
    return run.versions === undefined || read === undefined ? [] : [{ ...run, read }]
  })
}

/** `budget`: who has waited for Redis as long as this runs by himself. */
const BUDGET = 100

/** A claim is as good as Redis, which tells of it in time, and as the process that holds it. */
function isSettledFleet({ outages, upheavals, interruptions }: History): (run: Shared) => boolean {
  const losses = interruptions.map(({ at }) => ({ from: at, until: at }))
  const unsettled = new Spans([...outages, ...upheavals, ...losses])
  return ({ read, from }) =>
    read.route.lock === 'fleet' && from - read.start < BUDGET && !unsettled.overlap(read.start - RECOVERY, read.end)
}

function judgeGroups(groups: ReadonlyMap<string, Shared[]>): Violation[] {
  return [...groups.values()].flatMap((runs) => judgeRuns(sortBy(runs, ({ from }) => from)))
}

function judgeRuns(runs: readonly Shared[]): Violation[] {
  const violations: Violation[] = []
  let last: Shared | undefined
  for (const run of runs) {
    if (last !== undefined && run.from < last.until) {
      const message = `two runs of ${run.fingerprint} at once under the same versions, on ${last.process} and on ${run.process}`
      violations.push(violation(load.name, message, [last.read, run.read]))
    }
    if (last === undefined || run.until > last.until) last = run
  }
  return violations
}
