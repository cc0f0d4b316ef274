// Once faults and writes are over, every process answers with the last value.
import type { History, Read } from '../history.ts'
import { RECOVERY } from './acknowledged.ts'
import { type Check, ms, type Violation, violation } from './check.ts'

/** Convergence: from `RECOVERY` and the route's bound after everything went quiet. */
export const convergence: Check = {
  name: 'convergence',
  judge({ reads, writes, quietSince }: History): Violation[] {
    if (quietSince === undefined) return []
    const last = new Map<string, History['writes'][number]>()
    for (const write of writes) if (write.value > (last.get(write.tag)?.value ?? 0)) last.set(write.tag, write)
    const isLate = ({ start, route }: Read) => start >= quietSince + RECOVERY + route.bound
    return reads.flatMap((read) => {
      const write = last.get(read.tag)
      if (write === undefined || read.value === write.value || !isLate(read)) return []
      const message = `${read.value} was read ${ms(read.start - quietSince)} after the last fault and the last write, which was ${write.value}`
      return [violation(convergence.name, message, [write, read])]
    })
  },
}
