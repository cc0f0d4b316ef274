/** The worker thread of the embedded PostgreSQL, in plain JavaScript because tsx does not reach into worker threads. */
import { parentPort } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

const database = new PGlite()

/** @param {import('./embedded.ts').Question} question */
async function answer({ id, sql, values }) {
  try {
    const { rows } = await database.query(sql, [...values])
    return { id, rows }
  } catch (error) {
    return { id, error: String(error) }
  }
}

parentPort?.on('message', async (question) => parentPort?.postMessage(await answer(question)))
