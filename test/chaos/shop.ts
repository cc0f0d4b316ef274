// A Redis and the applications before it, made anew for each test: for tests of what Redis refuses.
import { expect } from 'chai'
import type { App, Harness, Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

/** What the tests have in common. */
export class Shop {
  readonly #harness: Harness
  #redis: RedisServer | undefined
  #apps: Running[] = []
  #paths = 0

  constructor(harness: Harness) {
    this.#harness = harness
  }

  get redis(): RedisServer {
    return this.#redis!
  }

  /** Starts Redis; to be called before each test. */
  async open(): Promise<void> {
    this.#redis = await startRedis()
    this.#apps = []
  }

  /** Stops all that was started; to be called after each test. */
  async close(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()))
    await this.redis.stop()
  }

  /** Starts an application of things, with what `more` tells besides. */
  async start(options: Parameters<Harness['start']>[1] = {}, more: (app: App) => void = () => {}): Promise<Running> {
    const tell = (app: App) => {
      app.read('/things/:id', ({ params }) => ({ body: `thing ${params.id}` }), '5m', {
        tags: ({ params }) => `thing:${params.id}`,
      })
      app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], () => ({ body: 'ok' }))
      more(app)
    }
    const app = await this.#harness.start(tell, { redis: this.redis.url, ...options })
    this.#apps.push(app)
    return app
  }

  /** Resolves once Redis is used again. */
  async returned(app: Running): Promise<void> {
    await eventually(async () => {
      const answer = await ask(app, this.#fresh())
      expect(answer.headers['cache-status']).to.contain('tiercache-l2; fwd=miss; stored')
    })
  }

  /** Sends many requests, each of which the handler answers. */
  async requestsGoOn(app: Running): Promise<void> {
    for (let i = 0; i < 20; i++) {
      const path = this.#fresh()
      expect(await ask(app, path)).to.include({ status: 200, text: `thing ${path.slice('/things/'.length)}` })
    }
  }

  #fresh(): string {
    return `/things/${++this.#paths}`
  }
}

/** Each operation is said to fail or to work again when that changes, and not more often. */
export function expectNoRepetition(all: readonly string[]): void {
  const latest = new Map<string, string>()
  for (const change of all) {
    const [operation = '', kind = ''] = change.split(' ')
    expect(latest.get(operation), all.join()).not.to.equal(kind)
    latest.set(operation, kind)
  }
  expect(all.length, all.join()).to.be.below(12)
}
