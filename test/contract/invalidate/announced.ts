// A number that handlers read and write, and writes that a test leads step by step: what tests of announced writes are made of.
import { type Deferred, deferred } from '../../support/gate.ts'
import type { App, Handler, ReadOptions, Reply, WriteArgument } from '../middleware.ts'

/** One run of a handler that writes. */
export interface Write {
  /** Resolves when the handler runs. */
  readonly begun: Promise<void>
  /** Changes the number; the handler goes on. */
  commit(): void
  /** Lets the handler answer, or throw. */
  finish(end?: Reply | Error): void
}

interface Leading {
  readonly begun: Deferred<void>
  readonly finished: Deferred<Reply | Error>
}

/** The database of one number. */
export class Announced {
  readonly #leading: Leading[] = []
  value = 0
  /** What reads wait for once they have read. */
  gate: Promise<void> | undefined
  /** Handler runs that read and that wrote, so far. */
  reads = 0
  writes = 0

  /** Leads the next write; without it a write commits and answers at once. */
  lead(): Write {
    const leading: Leading = { begun: deferred(), finished: deferred() }
    this.#leading.push(leading)
    return {
      begun: leading.begun.promise,
      commit: () => void this.value++,
      finish: (end = { body: 'written' }) => leading.finished.resolve(end),
    }
  }

  readonly read: Handler = async () => {
    this.reads++
    const body = `v${this.value}`
    await this.gate
    return { body }
  }

  readonly write: Handler = async () => {
    this.writes++
    const leading = this.#leading.shift()
    if (leading === undefined) return { body: `written ${++this.value}` }
    leading.begun.resolve()
    const end = await leading.finished.promise
    if (end instanceof Error) throw end
    return end
  }

  /** `GET /value` and `GET /strong` are cached, `PUT /value` announces that it writes to these targets. */
  tell(targets: readonly WriteArgument[] = ['value'], options: ReadOptions = {}): (app: App) => void {
    return (app) => {
      app.read('/value', this.read, '5m', { tags: 'value', ...options })
      app.read('/strong', this.read, '5m', { tags: 'value', consistency: 'strong', ...options })
      app.write('put', '/value', [...targets, { mode: 'intent' }], this.write)
      app.plain('get', '/plain', () => ({ body: `v${this.value}` }))
    }
  }
}

/** What stands in Redis for a tag while someone writes, and while nobody does. */
export const MARKER = /^!\d{16,}\.[0-9a-f]{16}!/
export const TOKEN = /^\d{16,}\.[0-9a-f]{16}$/
