// Whatever happens to Redis and to the network, processes go on answering, and writes are confirmed again afterwards.
import type { History } from '../history.ts'
import { type Check, type Violation, violation } from './check.ts'

/** Nobody ends or falls silent by himself. */
export const atWork: Check = {
  name: 'processes work',
  judge: ({ troubles }: History): Violation[] => troubles.map((trouble) => violation(atWork.name, trouble, [])),
}
