// Every clause of the contract that a history can show.
import type { History } from '../history.ts'
import { atWork } from './at-work.ts'
import { bounded } from './bounded.ts'
import type { Check, Violation } from './check.ts'
import { convergence } from './convergence.ts'
import { degraded } from './degraded.ts'
import { labels } from './labels.ts'
import { load } from './load.ts'
import { monotonic } from './monotonic.ts'
import { noFutureValue } from './no-future-value.ts'
import { nothingComesBack } from './nothing-comes-back.ts'
import { ownWrites } from './own-writes.ts'
import { strong } from './strong.ts'

/** In the order of the contract. */
const allChecks: readonly Check[] = [
  noFutureValue,
  nothingComesBack,
  strong,
  bounded,
  ownWrites,
  degraded,
  load,
  labels,
  monotonic,
  convergence,
  atWork,
]

/** What says that an answer is older than it may be. */
export const stalenessChecks: readonly Check[] = [nothingComesBack, strong, bounded, ownWrites, monotonic, convergence]

/** Everything that is wrong with a history. */
export function judge(history: History): Violation[] {
  return allChecks.flatMap((check) => check.judge(history))
}
