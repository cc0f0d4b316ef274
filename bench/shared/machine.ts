// How much of the machine's time programs take, whoever runs them.
import { availableParallelism, cpus } from 'node:os'

/** Milliseconds that all cores together have been at work since the start. */
export function machineTime(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

/** What share of all cores' time `busy` milliseconds are. */
export function shareOfMachine(busy: number, ms: number): number {
  return Math.max(0, busy) / (ms * availableParallelism())
}
