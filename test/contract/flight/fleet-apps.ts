// Several applications before one Redis whose common handler a test holds: what tests of `lock: 'fleet'` are made of.
import { expect } from 'chai'
import type { CacheOptions } from '../../../src/cache-options.ts'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import type { Answer, SendOptions } from '../../support/http-client.ts'
import type { RedisServer } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { Gates } from '../crowd.ts'
import type { App, Harness, ReadOptions, Reply, Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'

/** The applications of one test, each behind a network of its own. */
export class FleetApps {
  readonly gates = new Gates()
  readonly apps: Running[] = []
  readonly networks: FaultProxy[] = []
  /** What the run of this number answers, or throws. */
  reply: (run: number) => Reply | Error = (run) => ({ body: `run ${run}` })
  readonly #redis: RedisServer
  #released = Number.POSITIVE_INFINITY

  constructor(redis: RedisServer) {
    this.#redis = redis
  }

  /** Starts an application for each harness; all of them know the tags already. */
  async start(
    harnesses: readonly Harness[],
    options: ReadOptions = {},
    cache: CacheOptions = unhurried,
  ): Promise<void> {
    for (const harness of harnesses) {
      const network = new FaultProxy(this.#redis.port)
      await network.start()
      this.networks.push(network)
      this.apps.push(await harness.start((app) => this.#tell(app, options), { redis: network.url, ...cache }))
    }
    for (const app of this.apps) await ask(app, '/warm')
    for (const app of this.apps) app.events.length = 0
  }

  /** Lets all runs from this number on go on, also those that begin later. */
  release(first = 1): void {
    this.#released = first
    for (let run = first; run <= this.gates.begun; run++) this.gates.open(run)
  }

  async stop(): Promise<void> {
    this.release()
    await Promise.all(this.apps.map((app) => app.stop()))
    for (const network of this.networks) network.stop()
  }

  /** Asks the application of this number. */
  ask(app: number, path = '/page', options?: SendOptions): Promise<Answer> {
    return ask(this.apps[app]!, path, options)
  }

  /** Asks one application, then all others once its handler runs; resolves when they wait for it. */
  async crowd(path = '/page'): Promise<Promise<Answer>[]> {
    const answers = [this.ask(0, path)]
    await this.gates.reach(1)
    for (let app = 1; app < this.apps.length; app++) answers.push((await this.waiting(app, path)).answer)
    return answers
  }

  /** Sends a request that finds the run claimed, and resolves once it does. */
  async waiting(app: number, path = '/page'): Promise<{ readonly answer: Promise<Answer> }> {
    await this.#redis.resetStats()
    const answer = this.ask(app, path)
    answer.catch(() => {}) // whoever awaits it is told
    await eventually(async () => {
      const { set = 0 } = await this.#redis.commandStats()
      expect(set, 'claims tried').to.be.above(0)
    })
    return { answer }
  }

  /** The outcomes of the requests for the page, by application. */
  outcomes(): string[][] {
    return this.apps.map((app) => eventsOf(app, 'request').map(({ outcome }) => outcome))
  }

  /** Resolves once no claim is left. */
  async free(): Promise<void> {
    await eventually(async () => expect(await this.claims()).to.deep.equal([]))
  }

  async claims(): Promise<string[]> {
    const keys = await this.#redis.cli('KEYS', 'tiercache:lock:*')
    return keys === '' ? [] : keys.split('\n')
  }

  #tell(app: App, options: ReadOptions): void {
    const answered = async (): Promise<Reply> => {
      const waiting = this.gates.wait()
      if (this.gates.begun >= this.#released) this.gates.open(this.gates.begun)
      const run = await waiting
      const reply = this.reply(run)
      if (reply instanceof Error) throw reply
      return reply
    }
    app.read('/page', answered, '5m', { lock: 'fleet', tags: 'page', ...options })
    app.read('/warm', () => ({ body: 'warm' }), '5m', { tags: ['page', '/page'] })
    app.plain('get', '/control', () => ({ body: 'control' }))
  }
}
