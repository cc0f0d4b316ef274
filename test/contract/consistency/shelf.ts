// One database of numbers behind all applications of a test, and the routes that read and write it.
import type { Duration } from '../../../src/duration.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import type { App, Asked, Handler, ReadOptions, WriteArgument } from '../middleware.ts'

/** Reads that have read, and answer when the test lets them. */
export interface Held {
  /** Resolves when the next read has taken its value. */
  readonly arrived: Promise<void>
  release(): void
}

/** The tag that reads of a thing carry and writes bump. */
export const thingTag = ({ params }: Asked): string => `thing:${params.id}`

/** A number for each name, 0 at first. */
export class Shelf {
  readonly #values = new Map<string, number>()
  #held: { readonly arrived: Deferred<void>; readonly released: Deferred<void> } | undefined
  /** Of the route that reads. */
  readonly ttl: Duration
  /** Handler runs that read, so far. */
  runs = 0

  constructor(ttl: Duration = '5m') {
    this.ttl = ttl
  }

  /** What a read of the name answers now. */
  textOf(name: string): string {
    return `v${this.#values.get(name) ?? 0}`
  }

  /** Changes a number as a write does, but tells nobody. */
  add(name: string): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + 1)
  }

  /** Holds the next read after it took its value, and it alone. */
  holdNext(): Held {
    const held = { arrived: deferred(), released: deferred() }
    this.#held = held
    return { arrived: held.arrived.promise, release: () => held.released.resolve() }
  }

  readonly read: Handler = async ({ params }) => {
    this.runs++
    const body = this.textOf(params.id!)
    const held = this.#held
    this.#held = undefined
    held?.arrived.resolve()
    await held?.released.promise
    return { body }
  }

  readonly write: Handler = ({ params }) => {
    this.add(params.id!)
    return { body: 'written' }
  }

  /** `GET /things/:id` is cached with these options, `PUT /things/:id` adds one, `GET /plain/:id` reads without a cache. */
  tell(options: ReadOptions = {}, ...write: WriteArgument[]): (app: App) => void {
    return (app) => {
      app.read('/things/:id', this.read, this.ttl, { tags: thingTag, ...options })
      app.write('put', '/things/:id', [thingTag, ...write], this.write)
      app.plain('get', '/plain/:id', ({ params }) => ({ body: this.textOf(params.id!) }))
    }
  }
}
