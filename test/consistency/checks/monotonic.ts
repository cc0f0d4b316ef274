// Who reads one thing again on one process does not go back in time while Redis is there.
import type { History, Read } from '../history.ts'
import { type Check, type Violation, violation } from './check.ts'
import { groupBy, sortBy } from './sorted.ts'
import { Spans } from './spans.ts'

/** Monotonic reads, per session on one process. What a run told its own asker alone is not part of what the cache remembers. */
export const monotonic: Check = {
  name: 'monotonic reads',
  judge({ reads, outages }: History): Violation[] {
    const degraded = new Spans(outages)
    const calm = reads.filter(({ start, end }) => !degraded.overlap(start, end))
    const series = groupBy(calm, ({ session, process, route, tag }) => [session, process, route.name, tag].join(' '))
    return [...series.values()].flatMap((group) => judgeSeries(sortBy(group, ({ start }) => start)))
  },
}

function judgeSeries(reads: readonly Read[]): Violation[] {
  const violations: Violation[] = []
  let newest: Read | undefined
  for (const read of reads) {
    if (newest !== undefined && read.value < newest.value) {
      const message = `${read.value} was read after ${newest.value} in the same session on the same process`
      violations.push(violation(monotonic.name, message, [newest, read]))
    } else if (isRemembered(read)) newest = read
  }
  return violations
}

function isRemembered({ label }: Read): boolean {
  return label.outcome.startsWith('hit') || label.stored
}
