// A storm of requests, failures, departures and writes: nobody hangs, nobody gets a wrong answer, no flight is left behind.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { type SinonSpy, spy } from 'sinon'
import { Flights } from '../../../src/flights.ts'
import { eventually } from '../../support/gate.ts'
import { get, getAndLeave, getSlowly, send } from '../../support/http-client.ts'
import { overFrameworks, type Reply, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'

const SEEDS = [1, 20, 300]
const STEPS = 400
const KEYS = 4

/** A small generator of numbers in [0, 1) that a seed repeats (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
}

/** One storm: what is written, how handlers fare, what clients do. */
class Storm {
  readonly #next: () => number
  readonly #values: number[] = Array(KEYS).fill(0)
  app!: Running
  checked = 0

  constructor(seed: number) {
    this.#next = random(seed)
  }

  #below(bound: number): number {
    return Math.floor(this.#next() * bound)
  }

  /** Reads its value, lets some turns pass, and answers with it in one of many ways. */
  readonly handler = async ({ params }: { params: Readonly<Record<string, string>> }): Promise<Reply> => {
    const text = `${params.key}:${this.#values[Number(params.key)]}`
    const way = this.#below(10)
    await turns(this.#below(40))
    if (way === 0) throw new Error('database gone')
    if (way === 1) return { status: 503, body: text }
    if (way === 2) return { headers: { 'Set-Cookie': 'sid=1' }, body: text }
    if (way > 4) return { body: text }
    const pieces = [...text, ...Array(way).fill(' ')]
    const stream = Readable.from(pieces.map((piece) => turns(this.#below(3)).then(() => piece)))
    return { headers: { 'Content-Type': 'text/plain' }, body: stream }
  }

  /** One step; resolves once its client has its answer or is gone. */
  async step(): Promise<void> {
    const key = this.#below(KEYS)
    const path = `/values/${key}`
    const { port } = this.app
    switch (this.#below(14)) {
      case 0:
      case 12:
      case 13:
        this.#values[key]!++
        return void (await this.app.cache.bump(`value:${key}`))
      case 1:
        return void (await send(port, path, { method: 'HEAD' }))
      case 2:
        return this.#read(`${path}?is_not_cache=1`, key)
      case 3:
      case 4: {
        const leave = getAndLeave(port, path)
        await turns(this.#below(15))
        return leave()
      }
      case 5:
        return (await getSlowly(port, path)).abort()
      default:
        return this.#read(path, key)
    }
  }

  /** Whatever a request gets is of its key, and no older than what was written before it was sent. */
  async #read(path: string, key: number): Promise<void> {
    const written = this.#values[key]!
    const { status, text } = await get(this.app.port, path)
    if (status === 500) return
    const [of, value] = text.trim().split(':').map(Number)
    expect(of, `the key in ${text}`).to.equal(key)
    expect(value, `the value in ${text}`).to.be.at.least(written)
    this.checked++
  }

  async blow(): Promise<void> {
    const steps: Promise<void>[] = []
    for (let step = 0; step < STEPS; step++) {
      steps.push(this.step())
      await turns(this.#below(4))
    }
    await Promise.all(steps)
  }
}

overFrameworks('a storm', (harness) => {
  const start = starting(harness)
  let starts: SinonSpy
  beforeEach(() => {
    starts = spy(Flights.prototype, 'start')
  })
  afterEach(() => starts.restore())

  for (const seed of SEEDS) {
    // T53 T48 T49 T50
    it(`leaves no flight behind and mixes nothing up: seed ${seed}`, async () => {
      const storm = new Storm(seed)
      storm.app = await start((app) => {
        app.read('/values/:key', storm.handler, '1m', { tags: ({ params }) => `value:${params.key}` })
      })
      await storm.blow()
      const [flights] = starts.thisValues as Flights<unknown>[]
      await eventually(() => expect(flights!.size, 'flights left').to.equal(0))
      expect(storm.checked).to.be.above(STEPS / 4)
      const { total } = storm.app.cache.stats()
      expect(Math.min(total.collapsedCount, total.hitCount, total.missCount), 'of each at least').to.be.above(4)
    })
  }
})
