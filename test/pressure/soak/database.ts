// The one database behind all processes: a version for each id. It may be slow, and it may fail.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pause } from '../../consistency/clock.ts'

/** What the database does at the moment. */
type Mood = 'well' | 'slow' | 'failing'

/** The database, listening. */
export interface Database {
  readonly port: number
  mood: Mood
  /** Requests that were refused because it was failing. */
  readonly refused: number
  stop(): Promise<void>
}

/** How long an answer takes, in ms. */
const USUAL = 4
const SLOW = 300

/** Starts a database of zeroes; `committed` is told of each new version before anyone else can be. */
export async function startDatabase(committed: (id: string, version: number) => void): Promise<Database> {
  const versions = new Map<string, number>()
  let refused = 0

  async function answer({ method, url = '' }: IncomingMessage, res: ServerResponse) {
    const id = url.slice(1)
    if (database.mood === 'failing') {
      refused++
      res.writeHead(500, { 'content-length': 0 }).end()
      return
    }
    if (method === 'PUT') {
      versions.set(id, (versions.get(id) ?? 0) + 1)
      committed(id, versions.get(id)!)
    }
    // What was read travels for a while: a run may carry a former version past a write.
    const version = versions.get(id) ?? 0
    await pause(database.mood === 'slow' ? SLOW : USUAL)
    const body = `${version}`
    res.writeHead(200, { 'content-length': body.length }).end(body)
  }

  const server = createServer((req, res) => void answer(req, res))
  server.keepAliveTimeout = 0
  await once(server.listen(0, '127.0.0.1', 4_096), 'listening')
  const database: Database = {
    port: (server.address() as AddressInfo).port,
    mood: 'well',
    get refused() {
      return refused
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return database
}
