// The crowd: a process on the core of whoever asks, whose connections are all open before the first request leaves.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { told } from '../shared/child.ts'
import { CORES, pinned } from '../shared/pin.ts'

/** What one load met. */
export interface Met {
  readonly requests: number
  /** From the first request to the last byte. */
  readonly ms: number
  /** Milliseconds of CPU that the crowd itself took. */
  readonly cpuTime: number
  /** Milliseconds from each request's own sending to its last byte. */
  readonly p50: number
  readonly p99: number
  readonly slowest: number
  readonly statuses: Readonly<Record<string, number>>
  /** How often `Cache-Status` said what, by its last telling word. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Of one answer, head and body. */
  readonly bytes: number
  /** Answers of 200 with another body than the first one. */
  readonly differing: number
}

/** What each connection asks. */
export interface Load {
  readonly paths: readonly string[]
  /** One after the other. @default 1 */
  readonly times?: number
  /** Instead of `times`. */
  readonly seconds?: number
  /** Milliseconds between an answer and the next request. @default 0 */
  readonly pause?: number
}

/** Connections that are open. */
export interface Crowd {
  ask(load: Load): Promise<Met>
  stop(): Promise<void>
}

const generator = fileURLToPath(new URL('./generator.js', import.meta.url))
/** Files that a process has open besides its connections. */
const OTHER_FILES = 100

/** The most connections that one process may have open; Node itself takes all of what the system allows. */
export function mostConnections(): number {
  const { stdout } = spawnSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' })
  const limit = Number(stdout)
  return Number.isInteger(limit) ? limit - OTHER_FILES : Number.POSITIVE_INFINITY
}

/** Opens connections to the ports in turn, and resolves once all are there. */
export async function startCrowd(ports: readonly number[], connections: number): Promise<Crowd> {
  const [command, ...args] = pinned(CORES.load, [process.execPath, '--expose-gc', generator])
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const ask = async <T>(order: object): Promise<T> => {
    child.send(order)
    return told<T>(child)
  }
  await ask({ ports, connections })
  return {
    ask: (load) => ask<Met>(load),
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
