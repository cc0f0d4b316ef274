// One run of the whole suite, in a process of its own.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Task } from './child.ts'
import type { Results } from './suite.ts'

/** Far beyond what a run takes. */
const LIMIT_MS = 120_000

/** Resolves to what the suite's client found. */
export function runSuite(task: Task): Promise<Results> {
  const script = fileURLToPath(new URL('child.ts', import.meta.url))
  const output = task.verbose ? 'inherit' : 'ignore'
  return new Promise((resolve, reject) => {
    const child = fork(script, { stdio: ['ignore', output, 'inherit', 'ipc'] })
    const timer = setTimeout(() => child.kill(), LIMIT_MS)
    child.once('message', (results: Results) => resolve(results))
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      reject(new Error(`The suite ended without results: ${signal ?? code}`))
    })
    child.send(task)
  })
}
