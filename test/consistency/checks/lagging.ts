// Reads that lag more than they may: what C1, C2 and C3 have in common.
import type { History, Read } from '../history.ts'
import { ms, type Violation, violation } from './check.ts'
import { type Overwrite, Overwrites } from './overwrites.ts'

/**
 * Reads of values that were overwritten longer ago than the limit.
 *
 * @param limitOf milliseconds that this read may lag; undefined for those that are not asked
 */
export function judgeLag(check: string, history: History, limitOf: (read: Read) => number | undefined): Violation[] {
  const overwrites = new Overwrites(history)
  return history.reads.flatMap((read) => {
    const limit = limitOf(read)
    const overwrite = limit === undefined ? undefined : overwrites.everywhere(read.tag, read.value)
    return overwrite === undefined || overwrite.from > read.start - limit! ? [] : [late(check, read, overwrite, limit!)]
  })
}

function late(check: string, read: Read, { write, from }: Overwrite, limit: number): Violation {
  const message = `${read.value} was read ${ms(read.start - from)} after ${write.value} was acknowledged, ${ms(limit)} are allowed`
  return violation(check, message, [write, read])
}
