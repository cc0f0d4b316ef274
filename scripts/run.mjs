// Runs one command of the project and tells how it ended.
import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Resolves to the exit code of `command`, which runs in the project's folder, or in `cwd`, with the project's own binaries
 * first on PATH. A command that still runs after `limit` milliseconds, or at a SIGTERM to us, is ended and counts as failed.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, limit?: number, env?: Record<string, string> }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { cwd = root, limit, env } = {}) {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const child = spawn(command, args, {
    cwd,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, ...env, PATH: path },
  })
  let ended = false
  const end = () => {
    ended = true
    child.kill('SIGINT') // the one signal that mocha hands on to the process that runs the tests
  }
  // A terminal sends Ctrl-C to the child as well: we outlive it to report its exit code.
  const wait = () => {}
  process.on('SIGTERM', end)
  process.on('SIGINT', wait)
  const expire = () => {
    console.error(`Still running after ${limit} ms: ended.`)
    end()
  }
  const timer = limit === undefined ? undefined : setTimeout(expire, limit)

  return new Promise((resolve) => {
    /** @param {number} code */
    const settle = (code) => {
      clearTimeout(timer)
      process.off('SIGTERM', end)
      process.off('SIGINT', wait)
      resolve(code)
    }
    child.once('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`)
      settle(1)
    })
    child.once('exit', (code) => settle(ended ? 1 : (code ?? 1)))
  })
}
