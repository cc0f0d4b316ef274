// A server under measurement: a child process on its own core, asked for its CPU time between two loads.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { told } from './child.ts'
import { CORES, pinned } from './pin.ts'

/** What a server has spent and done since it started. */
interface Spent {
  /** Milliseconds of CPU, user and system. */
  readonly cpu: number
  /** Runs of the handler behind the cache. */
  readonly runs: number
  /** When runs began, by URL, where the server keeps that: milliseconds of its own clock. */
  readonly starts: Readonly<Record<string, readonly number[]>>
}

/** A running server. */
export interface Server {
  readonly url: string
  readonly port: number
  spent(): Promise<Spent>
  /** Tells a server that can be told: how slow its handler is, whether it fails. */
  set(state: object): Promise<void>
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
  const ask = (message: object | string) => {
    child.send(message)
    return told<{ cpu: NodeJS.CpuUsage; runs: number; starts?: Spent['starts'] }>(child)
  }
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    async spent() {
      const { cpu, runs, starts = {} } = await ask('spent')
      return { cpu: (cpu.user + cpu.system) / 1000, runs, starts }
    },
    async set(state) {
      await ask(state)
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
