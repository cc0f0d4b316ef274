// Starts `node:cluster` workers that share one port, and asks them as a client does: without a say in who answers.
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ask } from '../support/apps.ts'
import type { Answer } from '../support/http-client.ts'

/** An answer and who gave it. */
interface Told {
  readonly worker: string
  readonly text: string
  readonly answer: Answer
  /** When it was asked for. */
  readonly askedAt: number
}

/** Workers at work. */
export interface WorkerFleet {
  readonly size: number
  /** Sends one request; the workers take turns. */
  send(path: string, method?: 'GET' | 'PUT'): Promise<Told>
  /** Asks until every worker has answered; resolves to the first answer of each. */
  askAll(path: string): Promise<readonly Told[]>
  /** Resolves to the exit codes once all have ended by themselves. */
  stop(): Promise<readonly (number | null)[]>
}

/** Starts so many workers and resolves when they listen. */
export async function startWorkers(size: number, redis: string, origin: number): Promise<WorkerFleet> {
  cluster.setupPrimary({
    exec: fileURLToPath(new URL('./cluster-worker.ts', import.meta.url)),
    execArgv: ['--import', 'tsx/esm', '--unhandled-rejections=strict'],
    args: [redis, `${origin}`],
  })
  const workers = Array.from({ length: size }, () => cluster.fork())
  const [port = 0] = await Promise.all(workers.map(portOf))

  async function send(path: string, method: 'GET' | 'PUT' = 'GET'): Promise<Told> {
    const askedAt = performance.now()
    const answer = await ask({ port }, path, { method })
    return { worker: `${answer.headers['x-worker']}`, text: answer.text, answer, askedAt }
  }

  async function askAll(path: string): Promise<readonly Told[]> {
    const told = new Map<string, Told>()
    while (told.size < size) {
      for (const one of await Promise.all(workers.map(() => send(path)))) {
        if (!told.has(one.worker)) told.set(one.worker, one)
      }
    }
    return [...told.values()]
  }

  return {
    size,
    send,
    askAll,
    async stop() {
      return Promise.all(workers.map(stopped))
    },
  }
}

async function portOf(worker: Worker): Promise<number> {
  const ended = once(worker, 'exit').then(([code]) => {
    throw new Error(`A worker ended with ${code}`)
  })
  const [{ port }] = (await Promise.race([once(worker, 'message'), ended])) as [{ port: number }]
  ended.catch(() => undefined)
  return port
}

async function stopped(worker: Worker): Promise<number | null> {
  const exited = once(worker, 'exit')
  worker.send('stop')
  const [code] = await exited
  return code
}
