// What the handlers of every process do: ask the registers, and tell what became of each bump and of each run.
import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { CacheEvent } from '../../../src/observe/events.ts'
import type { SyncStore } from '../../../src/store/store.ts'
import type { Tiers } from '../../../src/store/tiers.ts'
import { altered } from '../mutants/altered.ts'
import type { AppMessage, AppSettings } from './app-settings.ts'
import { HEADERS } from './origin.ts'

/** A request as a handler needs to know it. */
export interface Asked {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  readonly tag: string
  readonly headers: IncomingHttpHeaders
}

/** What is known of a request while it lasts. */
interface Task {
  readonly request: number
  /** Its handler was let run. */
  ran: boolean
}

/** The handlers of one process. */
export class Handlers {
  readonly #settings: AppSettings
  readonly #say: (message: AppMessage) => void
  readonly #agent = new Agent({ keepAlive: true, keepAliveMsecs: 60_000 })
  readonly #tasks = new AsyncLocalStorage<Task>()

  constructor(settings: AppSettings, say: (message: AppMessage) => void) {
    this.#settings = settings
    this.#say = say
  }

  /** Resolves to the body of the answer: the tag and its value. */
  async answer({ method, url, tag, headers }: Asked): Promise<string> {
    this.#tasks.getStore()!.ran = true
    const fields = {
      [HEADERS.request]: headers[HEADERS.request],
      [HEADERS.process]: this.#settings.name,
      [HEADERS.fingerprint]: url,
    }
    return `${tag} ${await this.#ask(method, tag, fields)}`
  }

  /** Runs a request so that whatever it leads to is told with its number. */
  during<T>(headers: IncomingHttpHeaders, run: () => T): T {
    return this.#tasks.run({ request: Number(headers[HEADERS.request]), ran: false }, run)
  }

  /** To be told of every event of the cache. */
  readonly listener = (event: CacheEvent): void => {
    if (event.type !== 'bump') return
    const task = this.#tasks.getStore()
    if (task !== undefined) this.#say({ type: 'bumped', write: task.request, applied: event.applied })
  }

  /** The same stores, watched: the versions under which a run is kept are told. */
  readonly watched = ({ memory, shared }: Tiers): Tiers => {
    const set: SyncStore['set'] = (key, entry) => {
      const task = this.#tasks.getStore()
      if (task?.ran === true) this.#say({ type: 'kept', run: task.request, versions: entry.versions.tokens.join() })
      return memory.set(key, entry)
    }
    return { memory: altered(memory, { set }), shared }
  }

  #ask(method: string, tag: string, headers: NodeJS.Dict<string | string[]>): Promise<string> {
    const { origin } = this.#settings
    return new Promise((resolve, reject) => {
      const asking = request({ port: origin, host: '127.0.0.1', path: `/${tag}`, method, headers, agent: this.#agent })
      asking.once('response', (res) => text(res).then(resolve, reject))
      asking.once('error', reject)
      asking.end()
    })
  }
}
