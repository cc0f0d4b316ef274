// Real processes that run the same application and share one Redis and one database.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Duration } from '../../src/duration.ts'
import type { CacheEvent } from '../../src/observe/events.ts'
import type { BumpResult } from '../../src/versions/versions.ts'
import { ask } from '../support/apps.ts'

/** A process of the fleet. */
export interface Member {
  readonly port: number
  /** Bumps a tag from within the process. */
  bump(tag: string): Promise<BumpResult>
  /** All events so far. */
  events(): Promise<CacheEvent[]>
  /** Stops it where it stands, and lets it go on. */
  freeze(): void
  thaw(): void
  /** Ends it where it stands. */
  kill(): Promise<void>
  /** Closes server and cache, and resolves to the exit code once the process has ended by itself, and what it printed. */
  stop(): Promise<{ readonly code: number | null; readonly errors: string }>
}

const script = fileURLToPath(new URL('./app-process.ts', import.meta.url))

/**
 * Starts a process; it does not wait for Redis.
 *
 * @param budget the cache's own by default
 */
export async function startMember(
  framework: 'Express' | 'Koa',
  redis: string,
  origin: number,
  budget?: Duration,
): Promise<Member> {
  const child = fork(script, [framework, redis, `${origin}`, ...(budget === undefined ? [] : [`${budget}`])], {
    execArgv: ['--import', 'tsx/esm', '--unhandled-rejections=strict'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr!.on('data', (text) => {
    errors += text
  })
  const port = await portOf(child, () => errors)
  const json = async (path: string, method: string) => JSON.parse((await ask({ port }, path, { method })).text)
  return {
    port,
    bump: (tag) => json(`/bump/${encodeURIComponent(tag)}`, 'PUT'),
    events: () => json('/events', 'GET'),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async kill() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return { code: child.exitCode, errors }
      child.kill('SIGCONT')
      const exited = once(child, 'exit')
      if (child.connected) child.send('stop')
      const [code] = (await exited) as [number | null]
      return { code, errors }
    },
  }
}

async function portOf(child: ChildProcess, errors: () => string): Promise<number> {
  const ended = once(child, 'exit').then(() => {
    throw new Error(`The process ended:\n${errors()}`)
  })
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }]
  ended.catch(() => {})
  return port
}
