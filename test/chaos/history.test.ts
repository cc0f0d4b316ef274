// Many reads and writes at once on two processes, recorded and judged: no answer is older than the contract allows.
import { expect } from 'chai'
import { type App, expressHarness, koaHarness, type Running } from '../contract/middleware.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

/** D of the contract, and what this machine may add between an instant and our look at the clock. */
const BOUND = 1_000
const NAMES = 3

interface Operation {
  readonly app: number
  readonly name: number
  readonly start: number
  readonly end: number
  readonly value: number
}

// T56, T59, T62
describe('a history of reads and writes on two processes', () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const random = mulberry32(seed)
  const values = Array<number>(NAMES).fill(0)
  const reads: Operation[] = []
  const writes: Operation[] = []
  let redis: RedisServer
  let apps: readonly [Running, Running]

  const tell = (app: App) => {
    app.read(
      '/things/:id',
      async ({ params }) => {
        const value = values[Number(params.id)]!
        await pause(random() * 8)
        return { body: `${value}` }
      },
      '5m',
      { tags: ({ params }) => `thing:${params.id}` },
    )
    app.write('put', '/things/:id', [({ params }) => `thing:${params.id}`], async ({ params }) => {
      await pause(random() * 4)
      const value = ++values[Number(params.id)]!
      return { body: `${value}` }
    })
  }

  before(async () => {
    redis = await startRedis()
    apps = [await expressHarness.start(tell, { redis: redis.url }), await koaHarness.start(tell, { redis: redis.url })]
  })
  after(async () => {
    await Promise.all(apps.map((app) => app.stop()))
    await redis.stop()
  })

  async function operate(method: 'GET' | 'PUT', into: Operation[]) {
    const name = Math.floor(random() * NAMES)
    // Two of the things are written by one process each, so that the other one has nothing but what it hears.
    const app = method === 'PUT' && name < apps.length ? name : Math.floor(random() * apps.length)
    const start = performance.now()
    const answer = await ask(apps[app]!, `/things/${name}`, { method })
    into.push({ app, name, start, end: performance.now(), value: Number(answer.text) })
  }

  it(`holds no answer that lags more than the bound, and none behind the writer's own process (seed ${seed})`, async () => {
    const end = performance.now() + 2_000
    const work = async (method: 'GET' | 'PUT', into: Operation[], rest: number) => {
      while (performance.now() < end) {
        await operate(method, into)
        await pause(random() * rest)
      }
    }
    const disturb = async () => {
      while (performance.now() < end) {
        await pause(300)
        for (const [, id = ''] of (await redis.cli('CLIENT', 'LIST', 'TYPE', 'pubsub')).matchAll(/^id=(\d+)/gm))
          await redis.cli('CLIENT', 'KILL', 'ID', id)
      }
    }
    const readers = Array.from({ length: 6 }, () => work('GET', reads, 3))
    await Promise.all([...readers, work('PUT', writes, 40), work('PUT', writes, 40), disturb()])
    const unconfirmed = apps.flatMap(({ events }) => events.filter((e) => e.type === 'bump' && e.applied === 'locally'))
    expect(unconfirmed).to.deep.equal([])
    for (const read of reads) {
      const written = writes.filter(({ name }) => name === read.name)
      const known = written.filter(({ app, end }) => end < read.start - (app === read.app ? 0 : BOUND))
      expect(read.value).to.be.at.least(Math.max(0, ...known.map(({ value }) => value)))
      // Nobody knows what will be written.
      const begun = written.filter(({ start }) => start < read.end).map(({ value }) => value)
      expect(read.value).to.be.at.most(Math.max(0, ...begun))
    }
    expect(reads.length).to.be.above(100)
    expect(writes.length).to.be.above(10)
  })

  it('ends with the same answer everywhere', async () => {
    for (const app of apps) {
      for (let name = 0; name < NAMES; name++) {
        await eventually(async () => expect((await ask(app, `/things/${name}`)).text).to.equal(`${values[name]}`), {
          within: BOUND,
        })
      }
    }
  })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A small random generator that a seed replays. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
