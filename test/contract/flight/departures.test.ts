// Any order of requests, departures and ends of runs: whoever stays gets a whole answer, and no flight is left behind.
import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entry } from '../../../src/entry.ts'
import { Flights } from '../../../src/flights.ts'
import { eventually } from '../../support/gate.ts'
import { Gates } from '../crowd.ts'
import { type Asked, overFrameworks, type Reply, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'

const ROUNDS = 25
const ways = ['answers', 'streams', 'throws', 'fails', 'is for one', 'is not there'] as const
type Way = (typeof ways)[number]

type Step =
  | { readonly what: 'ask'; readonly key: number; readonly path: 'run' | 'share' }
  | { readonly what: 'leave'; readonly which: number }
  | { readonly what: 'end'; readonly which: number; readonly way: Way }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('ask'), key: fc.nat(1), path: fc.constantFrom('run', 'share') }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('leave'), which: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('end'), which: fc.nat(), way: fc.constantFrom(...ways) }) },
) as fc.Arbitrary<Step>

/** A client that may leave at any time. */
class Client {
  readonly key: string
  readonly #req
  /** Undefined where it has left. */
  readonly answer: Promise<{ readonly status: number; readonly text: string } | undefined>
  hasLeft = false

  constructor(port: number, key: string) {
    this.key = key
    this.#req = request({ port, path: key, host: '127.0.0.1', agent: new Agent() })
    this.#req.on('error', () => undefined) // what leaving is on this side
    this.#req.end()
    this.answer = this.#read()
  }

  leave(): void {
    this.hasLeft = true
    this.#req.destroy()
  }

  async #read() {
    try {
      const [res] = (await once(this.#req, 'response')) as [IncomingMessage]
      return { status: res.statusCode!, text: await text(res) }
    } catch (error) {
      if (this.hasLeft) return undefined
      throw error
    }
  }
}

/** A way to end, for each run that has begun: in the order in which they began. */
class Runs {
  readonly #gates = new Gates()
  readonly #ways: Way[] = []
  #isOver = false

  readonly handler = async ({ url }: Asked): Promise<Reply> => {
    const waiting = this.#gates.wait()
    if (this.#isOver) this.#gates.open()
    return reply(this.#ways[(await waiting) - 1] ?? 'answers', `${url} whole`)
  }

  /** Ends one of those that have begun, if any has. */
  end(which: number, way: Way): void {
    const { begun } = this.#gates
    if (begun === 0) return
    this.#ways[which % begun] ??= way
    this.#gates.open((which % begun) + 1)
  }

  /** Ends all, also those that begin later. */
  endAll(): void {
    this.#isOver = true
    this.#gates.open()
  }
}

function reply(way: Way, body: string): Reply {
  if (way === 'throws') throw new Error('database gone')
  if (way === 'fails') return { status: 503, body: 'database gone' }
  if (way === 'is for one') return { headers: { 'Set-Cookie': 'sid=1' }, body }
  if (way === 'is not there') return { status: 404, body }
  return way === 'streams'
    ? { headers: { 'Content-Type': 'text/plain' }, body: Readable.from([...body]) }
    : { headers: { 'Content-Type': 'text/plain' }, body }
}

/** Takes the steps, some turns apart. */
async function perform(
  steps: readonly Step[],
  runs: Runs,
  ask: (path: string, key: number) => Client,
): Promise<readonly Client[]> {
  const clients: Client[] = []
  for (const one of steps) {
    if (one.what === 'ask') clients.push(ask(one.path, one.key))
    else if (one.what === 'end') runs.end(one.which, one.way)
    else clients[one.which % clients.length]?.leave()
    for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate)
  }
  return clients
}

/** What it waited for was made for its key, or says that it failed; it is never empty. */
async function expectWhole({ key, answer }: Client): Promise<void> {
  const got = await answer
  if (got === undefined) return
  const isWhole = got.text === `${key} whole`
  const isFailure = got.status >= 500 && got.text.length > 0
  expect(isWhole || isFailure, `${got.status} ${got.text} for ${key}`).to.equal(true)
}

overFrameworks('requests that come, leave and fail in any order', (harness) => {
  const start = starting(harness)

  // T48 T49 T50 T53
  it('leave no flight behind, and whoever stays has a whole answer', async function () {
    this.timeout(60_000)
    let flights!: Flights<Entry>
    let runs!: Runs
    const handler = (asked: Asked) => runs.handler(asked)
    const app: Running = await start(
      (app) => {
        app.read('/run/:round/:key', handler, '1m', { name: 'run' })
        app.read('/share/:round/:key', handler, '1m', { name: 'share', onFailure: 'share' })
      },
      {
        parts: {
          flights(clock) {
            flights = new Flights(clock)
            return flights
          },
        },
      },
    )
    let round = 0

    async function play(steps: readonly Step[]): Promise<void> {
      runs = new Runs()
      round++
      const clients = await perform(steps, runs, (path, key) => new Client(app.port, `/${path}/${round}/${key}`))
      runs.endAll()
      await Promise.all(clients.map(expectWhole))
      await eventually(() => expect(flights.size, 'flights left').to.equal(0))
    }

    const unhandled: unknown[] = []
    const note = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), play), { numRuns: ROUNDS })
      expect(unhandled).to.deep.equal([])
      const { total } = app.cache.stats()
      expect(Math.min(total.collapsedCount, total.missCount), 'of each at least').to.be.above(10)
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
