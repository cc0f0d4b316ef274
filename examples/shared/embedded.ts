/** The embedded PostgreSQL: PGlite in a worker thread, so that its work never blocks the HTTP server. */
import { Worker } from 'node:worker_threads'
import type { Database } from './database.ts'

export interface Question {
  id: number
  sql: string
  values: readonly unknown[]
}

type Answer = { id: number; rows: unknown[] } | { id: number; error: string }

interface Waiting {
  resolve(rows: unknown[]): void
  reject(error: Error): void
}

/** Starts PGlite with an empty database that lives in memory and goes with the process. */
export async function openEmbedded(): Promise<Database> {
  const worker = new Worker(new URL('./embedded-worker.js', import.meta.url))
  const waiting = new Map<number, Waiting>()
  let questions = 0

  worker.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('error' in answer) asker?.reject(new Error(answer.error))
    else asker?.resolve(answer.rows)
  })

  async function query<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const question: Question = { id: questions++, sql, values }
    const rows = new Promise<unknown[]>((resolve, reject) => waiting.set(question.id, { resolve, reject }))
    worker.postMessage(question)
    return (await rows) as Row[]
  }

  const [server] = await query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
  return {
    title: `PostgreSQL ${server?.version}, embedded in this process (PGlite)`,
    query,
    close: async () => void (await worker.terminate()),
  }
}
