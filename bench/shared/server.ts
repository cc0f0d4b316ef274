// A server under measurement: a child process on its own core, asked for its CPU time between two loads.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { CORES, pinned } from './pin.ts'

/** What a server has spent and done since it started. */
interface Spent {
  /** Milliseconds of CPU, user and system. */
  readonly cpu: number
  /** Runs of the handler behind the cache. */
  readonly runs: number
}

/** A running server. */
export interface Server {
  readonly url: string
  spent(): Promise<Spent>
  stop(): Promise<void>
}

/** Starts `servers/FILE` with arguments; what it inherits from Node's own options (a loader, a profiler) is ours alone. */
export async function startServer(
  file: string,
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): Promise<Server> {
  const path = fileURLToPath(new URL(`../servers/${file}`, import.meta.url))
  const [command, ...rest] = pinned(CORES.server, [process.execPath, ...nodeArgs, path, ...args])
  const child = spawn(command, rest, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' },
  })
  const { port } = await told<{ port: number }>(child)
  return {
    url: `http://127.0.0.1:${port}/`,
    async spent() {
      child.send('spent')
      const { cpu, runs } = await told<{ cpu: NodeJS.CpuUsage; runs: number }>(child)
      return { cpu: (cpu.user + cpu.system) / 1000, runs }
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}

async function told<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController()
  const exit = () => ended.abort()
  child.once('exit', exit)
  try {
    const [message] = await once(child, 'message', { signal: ended.signal })
    return message as T
  } catch (cause) {
    throw new Error(`The server ended: ${child.spawnargs.join(' ')}`, { cause })
  } finally {
    child.off('exit', exit)
  }
}
