// Applications whose runs may be overtaken: the exchange as the engine would use it, with an observer that notes everything.
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import type Koa from 'koa'
import { ExpressExchange } from '../../../src/express/exchange.ts'
import type {
  Delivery,
  Exchange,
  HeadDecision,
  Incomplete,
  ResponseHead,
  RunObserver,
  StoredResponse,
} from '../../../src/http/exchange.ts'
import { KoaExchange } from '../../../src/koa/exchange.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { Connection } from './connection.ts'

/** What is answered in the place of runs. */
export const stale: StoredResponse = {
  status: 200,
  headers: [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['ETag', '"stale"'],
  ],
  removed: [],
  body: Buffer.from('the stale answer'),
}

const delivery: Delivery = { age: 7, cacheStatus: 'tiercache-l1; hit; ttl=-7' }

/** One run as its observer saw it. */
export class NotedRun {
  readonly exchange: Exchange
  readonly #done: Deferred<StoredResponse | Incomplete | undefined> = deferred()
  readonly stalls: number[] = []
  readonly heads: ResponseHead[] = []
  /** What of its request it was seen to read, where it is watched. */
  reads: readonly string[] | undefined
  isOver = false
  readonly observer: RunObserver

  constructor(exchange: Exchange, observer: Partial<RunObserver> = {}, decision: Partial<HeadDecision> = {}) {
    this.exchange = exchange
    this.observer = {
      fills: true,
      claims: true,
      mayBeOvertaken: true,
      head: (head, _length, seen) => {
        this.heads.push(head)
        this.reads = seen?.reads
        return { keep: true, maxBodyBytes: 1_000_000, conditional: true, ...decision }
      },
      stalled: () => void this.stalls.push(Date.now()),
      done: (result) => {
        expect(this.isOver, 'told twice that it is over').to.equal(false)
        this.isOver = true
        this.#done.resolve(result)
      },
      ...observer,
    }
  }

  /** Answers in its place, as `stale` unless another is named. */
  overtake(response = stale): boolean {
    return this.exchange.overtake(response, delivery)
  }

  /** What came of it. */
  get result(): Promise<StoredResponse | Incomplete | undefined> {
    return this.#done.promise
  }

  /** The whole answer that it came to; fails where it is not whole. */
  async whole(): Promise<StoredResponse> {
    const result = await this.result
    if (typeof result !== 'object') throw new Error(`Not whole: ${result}`)
    return result
  }
}

/** The runs of an application, in the order they began. */
export class Runs {
  readonly #all: NotedRun[] = []
  readonly #waiting: Deferred<void>[] = []
  readonly #observer: Partial<RunObserver>
  readonly #decision: Partial<HeadDecision>

  constructor(observer: Partial<RunObserver> = {}, decision: Partial<HeadDecision> = {}) {
    this.#observer = observer
    this.#decision = decision
  }

  note(exchange: Exchange): NotedRun {
    const run = new NotedRun(exchange, this.#observer, this.#decision)
    this.#waiting.shift()?.resolve()
    this.#all.push(run)
    return run
  }

  /** Resolves to the next run that nobody has taken yet, once it has begun. */
  async next(): Promise<NotedRun> {
    while (this.#all.length === 0) {
      const begun = deferred()
      this.#waiting.push(begun)
      await begun.promise
    }
    return this.#all.shift()!
  }

  readonly express: RequestHandler = (req, res, next) => {
    const exchange = new ExpressExchange(req, res, next, true, new WeakSet<IncomingMessage>())
    exchange.run(this.note(exchange).observer)
  }

  readonly koa: Koa.Middleware = (ctx, next) => {
    const exchange = new KoaExchange(ctx, next, this.koa, true, new WeakSet<Koa.Context>())
    return exchange.run(this.note(exchange).observer)
  }
}

/** Servers and connections that end with the test; call it inside `describe`. */
export function stage() {
  const servers: Server[] = []
  const connections: Connection[] = []
  afterEach(async () => {
    for (const one of connections.splice(0)) one.leave()
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  return {
    /** @param left called when a connection has closed */
    async listen(listener: RequestListener, left: () => void = () => undefined): Promise<number> {
      const server = createServer(listener)
      server.on('connection', (socket) => socket.once('close', left))
      servers.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return (server.address() as AddressInfo).port
    },
    connect(port: number): Connection {
      const connection = new Connection(port)
      connections.push(connection)
      return connection
    },
  }
}
