// C0: once a process has validated a tag after an invalidation, nothing makes an older answer valid there again.
import type { History, Instant, Operation, Read, Write } from '../history.ts'
import { type Check, ms, type Violation, violation } from './check.ts'
import { Overwrites } from './overwrites.ts'
import { groupBy, sortBy } from './sorted.ts'

/**
 * What shows, from outside, that a process has validated a tag since an instant:
 *
 * - its birth: it knows nothing from before;
 * - an answer out of a tier that does not say `degraded`: its versions were validated within the route's bound of the request;
 * - a write of its own that Redis confirmed.
 */
interface Evidence {
  /** From when on the process is known to have validated. */
  readonly at: Instant
  /** Since when the validation is. */
  readonly since: Instant
  readonly operation: Operation | undefined
}

/** C0, in any mode and through any fault. */
export const nothingComesBack: Check = {
  name: 'C0 nothing comes back',
  judge(history: History): Violation[] {
    const overwrites = new Overwrites(history)
    const writes = groupBy(history.writes, placeOf)
    return [...groupBy(history.reads, placeOf)].flatMap(([place, reads]) => {
      const born = history.births.get(reads[0]!.process) ?? Number.NEGATIVE_INFINITY
      return judgePlace(
        sortBy(reads, ({ start }) => start),
        evidenceOf(born, reads, writes.get(place) ?? []),
        overwrites,
      )
    })
  },
}

const placeOf = ({ process, tag }: Operation) => `${process} ${tag}`

function evidenceOf(born: Instant, reads: readonly Read[], writes: readonly Write[]): Evidence[] {
  const answers = reads.filter(({ label }) => label.outcome.startsWith('hit') && !label.degraded)
  const bumps = writes.filter(({ applied }) => applied === 'everywhere')
  const all: Evidence[] = [
    { at: born, since: born, operation: undefined },
    ...answers.map((read) => ({ at: read.end, since: read.start - read.route.bound, operation: read })),
    ...bumps.map((write) => ({ at: write.end, since: write.start, operation: write })),
  ]
  return sortBy(all, ({ at }) => at)
}

function judgePlace(reads: readonly Read[], evidence: readonly Evidence[], overwrites: Overwrites): Violation[] {
  const violations: Violation[] = []
  let best = evidence[0]!
  let next = 0
  for (const read of reads) {
    for (; next < evidence.length && evidence[next]!.at <= read.start; next++) {
      if (evidence[next]!.since > best.since) best = evidence[next]!
    }
    const overwrite = best.at <= read.start ? overwrites.everywhere(read.tag, read.value) : undefined
    if (overwrite === undefined || overwrite.from > best.since) continue
    const message = `${read.value} came back ${ms(read.start - overwrite.from)} after ${overwrite.write.value} was acknowledged, though the process had validated since`
    violations.push(violation(nothingComesBack.name, message, [overwrite.write, best.operation, read]))
  }
  return violations
}
