// Pins a command to one core, where the system has taskset and two cores to tell apart.
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** The core of whoever serves, and that of whoever asks. */
export const CORES = { server: 0, load: 1 } as const

/** Whether server and load run on cores of their own. */
export const isPinned = availableParallelism() > 1 && works(['-c', `${CORES.server},${CORES.load}`, 'true'])

/** The command on one core, or as it is where that cannot be had. */
export function pinned(core: number, command: readonly string[]): [string, ...string[]] {
  const [file = '', ...args] = command
  return isPinned ? ['taskset', '-c', `${core}`, file, ...args] : [file, ...args]
}

function works(args: readonly string[]): boolean {
  return spawnSync('taskset', args, { stdio: 'ignore' }).status === 0
}
