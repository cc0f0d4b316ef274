// Four `node:cluster` workers with one Redis: whoever takes a write, all of them answer with it within the bound.
import { expect } from 'chai'
import { type Origin, startOrigin } from '../chaos/origin.ts'
import { eventually } from '../support/gate.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startWorkers, type WorkerFleet } from './worker-fleet.ts'

/** D of the contract, in ms. */
const BOUND = 1_000

describe('four workers of node:cluster that share one Redis', function () {
  this.timeout(30_000)
  let redis: RedisServer
  let origin: Origin
  let fleet: WorkerFleet

  before(async () => {
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    fleet = await startWorkers(4, redis.url, origin.port)
  })
  after(async () => {
    const codes = await fleet.stop()
    await Promise.all([redis.stop(), origin.stop()])
    // T76: they end by themselves.
    expect(codes).to.deep.equal([0, 0, 0, 0])
  })

  /** Every worker answers from its memory. */
  async function warm(path: string) {
    await eventually(
      async () => {
        for (const { answer } of await fleet.askAll(path)) expect(outcomeOf(answer)).to.equal('hit l1')
      },
      { within: 10_000 },
    )
  }

  it('run the handler once for all of them', async () => {
    const before = origin.reads
    await fleet.send('/things/shared')
    await eventually(async () => expect(await redis.cli('KEYS', 'tiercache:e:*')).not.to.equal(''), { within: 10_000 })
    await warm('/things/shared')
    expect(origin.reads - before).to.equal(1)
  })

  it('answer with a write within the bound, whichever of them took it', async () => {
    const writers = new Set<string>()
    for (let value = 1; writers.size < fleet.size; value++) {
      await warm('/things/written')
      const { worker, answer } = await fleet.send('/things/written', 'PUT')
      const acknowledgedAt = performance.now()
      expect(answer.status).to.equal(200)
      writers.add(worker)
      await allAnswer('/things/written', `${value}`, worker, acknowledgedAt)
    }
  })

  /** The writer at once, the others within the bound. */
  async function allAnswer(path: string, text: string, writer: string, since: number) {
    for (;;) {
      const former = (await fleet.askAll(path)).filter((told) => told.text !== text)
      for (const { worker, askedAt } of former) {
        expect(worker).not.to.equal(writer)
        expect(askedAt - since, `worker ${worker}`).to.be.below(BOUND)
      }
      if (former.length === 0) return
    }
  }
})
