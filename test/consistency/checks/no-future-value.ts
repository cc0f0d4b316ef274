// Nobody knows what will be written, and nobody reads what never was.
import type { History, Read, Write } from '../history.ts'
import { type Check, type Violation, violation } from './check.ts'

/** Every value that was read had begun to be written before the reading was over. */
export const noFutureValue: Check = {
  name: 'no future value',
  judge({ reads, writes }: History): Violation[] {
    const known = new Map(writes.map((write) => [`${write.tag} ${write.value}`, write]))
    return reads.flatMap((read) => {
      if (read.value === 0) return []
      const write = known.get(`${read.tag} ${read.value}`)
      return write !== undefined && write.start <= read.end ? [] : [tooEarly(read, write)]
    })
  },
}

function tooEarly(read: Read, write: Write | undefined): Violation {
  const message = write === undefined ? 'a value that nobody wrote' : 'a value before anyone began to write it'
  return violation(noFutureValue.name, message, [read, write])
}
