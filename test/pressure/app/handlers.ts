// What the handlers of every process do, and what is counted meanwhile.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { bodyOf } from './content.ts'
import { type Database, databaseOf } from './database.ts'
import { type AppMessage, type AppSettings, WRITE_FIELD } from './settings.ts'

/** The handlers of one process. */
export class Handlers {
  readonly #database: Database
  readonly #say: (message: AppMessage) => void
  readonly #writes = new AsyncLocalStorage<number>()
  /** Handlers at work. */
  runs = 0
  /** Requests that have no answer yet. */
  requests = 0

  constructor(settings: AppSettings, say: (message: AppMessage) => void) {
    this.#database = databaseOf(settings)
    this.#say = say
  }

  /** Resolves to the body of the answer. */
  async answer(method: string, url: string, id: string): Promise<string> {
    this.runs++
    try {
      return bodyOf(url, await this.#database.ask(method === 'PUT' ? 'PUT' : 'GET', id))
    } finally {
      this.runs--
    }
  }

  /** Counts a request while it lasts; what a write leads to is told with its number. */
  during<T>({ headers }: IncomingMessage, res: ServerResponse, next: () => T): T {
    this.requests++
    res.once('close', () => this.requests--)
    const write = headers[WRITE_FIELD]
    return write === undefined ? next() : this.#writes.run(Number(write), next)
  }

  /** To be told of every event of the cache. */
  readonly listener = (event: CacheEvent): void => {
    if (event.type === 'redis' || event.type === 'trouble') this.#say({ type: 'logged', event })
    if (event.type !== 'bump') return
    const write = this.#writes.getStore()
    if (write !== undefined) this.#say({ type: 'bumped', write, applied: event.applied })
  }
}
