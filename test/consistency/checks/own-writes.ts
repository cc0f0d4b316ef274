// C2 and C3: the process that ran a write is never behind it, with Redis or without.
import type { History } from '../history.ts'
import { type Check, ms, type Violation, violation } from './check.ts'
import { Overwrites } from './overwrites.ts'

/** The writer's own process. */
export const ownWrites: Check = {
  name: 'C2 own writes',
  judge(history: History): Violation[] {
    const overwrites = new Overwrites(history)
    return history.reads.flatMap((read) => {
      const overwrite = overwrites.onProcess(read)
      if (overwrite === undefined || overwrite.from > read.start) return []
      const message = `${read.value} was read ${ms(read.start - overwrite.from)} after the same process had answered a write of ${overwrite.write.value}`
      return [violation(ownWrites.name, message, [overwrite.write, read])]
    })
  },
}
