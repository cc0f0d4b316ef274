// Every fault, by the name it is called with.
import { clientKill, networkFaults, pauseDeaf, pauseReading } from './connections.ts'
import type { Fault } from './fault.ts'
import { evict, flush, meddle } from './keys.ts'
import { none } from './none.ts'
import { killApp, pauseApp } from './processes.ts'
import { promote } from './promotion.ts'
import { debugSleep, pauseRedis, restoreRedis } from './redis-process.ts'
import { slowWrites } from './slow-writes.ts'

/** In the order they are run. */
export const allFaults: readonly Fault[] = [
  none,
  slowWrites,
  pauseApp,
  killApp,
  pauseDeaf,
  pauseReading,
  pauseRedis,
  debugSleep,
  restoreRedis,
  promote,
  flush,
  evict,
  meddle,
  clientKill,
  ...networkFaults,
]
