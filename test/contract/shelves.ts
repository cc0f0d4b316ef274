// A stored answer to ask parts of: in this process's memory, or in Redis only, where another process put it.
import { storedKey } from '../support/apps.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { ask, type Question, type WireAnswer } from '../support/wire.ts'
import { type App, type Harness, overFrameworks, type ReadOptions, type Reply, type Running } from './middleware.ts'

/** An application with the route `/things/:id`, and what is asked of it. */
export interface Shelf {
  readonly tier: 'l1' | 'l2'
  /** Has `/things/<id>` stored where the tier keeps it; resolves to what the client of that got. */
  store(id: string, reply: Reply, headers?: Record<string, string>): Promise<WireAnswer>
  /** Asks the application under test. */
  ask(id: string, headers?: Record<string, string | string[]>, method?: string): Promise<WireAnswer>
  /** Runs of the handler so far. */
  readonly runs: number
  readonly app: Running
}

/** Runs the same tests over both frameworks, with answers in memory and with answers in Redis. */
export function overShelves(
  title: string,
  tests: (shelf: Shelf, harness: Harness) => void,
  options?: ReadOptions,
): void {
  for (const tier of ['l1', 'l2'] as const) {
    overFrameworks(`${title}, from ${tier},`, (harness) => {
      const stage = new Stage(tier, harness, options)
      before(() => stage.open())
      after(() => stage.close())
      tests(stage, harness)
    })
  }
}

class Stage implements Shelf {
  readonly tier: 'l1' | 'l2'
  readonly #harness: Harness
  readonly #options: ReadOptions
  readonly #replies = new Map<string, Reply>()
  #redis: RedisServer | undefined
  #maker: Running | undefined
  #app: Running | undefined
  runs = 0

  constructor(tier: 'l1' | 'l2', harness: Harness, options: ReadOptions = {}) {
    this.tier = tier
    this.#harness = harness
    this.#options = options
  }

  get app(): Running {
    return this.#app!
  }

  async open(): Promise<void> {
    const tell = (app: App) =>
      app.read(
        '/things/:id',
        ({ params }) => {
          this.runs++
          return this.#replies.get(params.id!) ?? { status: 404, body: 'no such thing' }
        },
        '1m',
        this.#options,
      )
    if (this.tier === 'l2') this.#redis = await startRedis()
    const options = this.#redis === undefined ? {} : { redis: this.#redis.url }
    this.#app = await this.#harness.start(tell, options)
    this.#maker = this.#redis === undefined ? this.#app : await this.#harness.start(tell, options)
  }

  async close(): Promise<void> {
    if (this.#maker !== this.#app) await this.#maker?.stop()
    await this.#app?.stop()
    await this.#redis?.stop()
  }

  async store(id: string, reply: Reply, headers: Record<string, string> = {}): Promise<WireAnswer> {
    this.#replies.set(id, reply)
    const answer = await this.#send(this.#maker!, id, 'GET', headers)
    if (this.#redis !== undefined) await storedKey(this.#maker!, this.#redis)
    this.runs = 0
    return answer
  }

  ask(id: string, headers: Record<string, string | string[]> = {}, method = 'GET'): Promise<WireAnswer> {
    return this.#send(this.app, id, method, headers)
  }

  #send({ port }: Running, id: string, method: string, headers: NonNullable<Question['headers']>) {
    return ask(port, { path: `/things/${id}`, method, headers: { Host: 'shop.test', ...headers } })
  }
}
