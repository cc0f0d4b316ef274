// Memory as it is after everything that may go has gone.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Collects garbage now, twice: what the first round's finalizers let go leaves in the second. */
export function collected(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  gc()
  return process.memoryUsage()
}
