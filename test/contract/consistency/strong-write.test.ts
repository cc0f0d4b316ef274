// `consistency: 'strong'`: a request that comes after an acknowledged write is never answered with what was before it, on any process.
import { expect } from 'chai'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask, outcomes, overPairs } from '../../support/apps.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import type { Running } from '../middleware.ts'
import { Shelf } from './shelf.ts'

/** What becomes of the messages to the process that reads. `early`: it happens before the process ever listened. */
interface Bus {
  readonly rounds: number
  readonly early?: boolean
  readonly condition: 'pass' | 'drop' | { readonly delay: number }
}

const buses: Readonly<Record<string, Bus>> = {
  'over a bus in order': { rounds: 30, condition: 'pass' },
  'over a bus that falls silent': { rounds: 8, condition: 'drop' },
  'over a bus that is late': { rounds: 5, condition: { delay: 30 } },
  'where SUBSCRIBE is never answered': { rounds: 12, early: true, condition: 'drop' },
}

overPairs('a strong read after a write elsewhere', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let proxy: FaultProxy
  let shelf: Shelf
  let writer: Running
  let reader: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    proxy = new FaultProxy(redis.port)
    await proxy.start()
    shelf = new Shelf()
    writer = await firstHarness.start(shelf.tell({ consistency: 'strong' }), { redis: redis.url })
  })
  afterEach(async () => {
    await Promise.all([writer, reader].map((app) => app.stop()))
    proxy.stop()
  })
  after(() => redis.stop())

  for (const [what, { rounds, early = false, condition }] of Object.entries(buses)) {
    it(`${what} sees it at once, each of ${rounds} times`, async () => {
      if (early) proxy.set('messages', condition)
      reader = await secondHarness.start(shelf.tell({ consistency: 'strong' }), { redis: proxy.url })
      for (let i = 0; i < 3; i++) await ask(reader, '/things/1')
      proxy.set('messages', condition)
      for (let round = 1; round <= rounds; round++) {
        expect((await ask(reader, '/things/1')).text).to.equal(`v${round - 1}`)
        await ask(writer, '/things/1', { method: 'PUT' })
        expect((await ask(reader, '/things/1')).text, `round ${round}`).to.equal(`v${round}`)
      }
    })
  }

  it('is a hit while nobody writes, here and there, and the answer of one serves the other', async () => {
    reader = await secondHarness.start(shelf.tell({ consistency: 'strong' }), { redis: redis.url })
    for (const app of [writer, writer, reader, reader]) await ask(app, '/things/1')
    expect(outcomes(writer)).to.deep.equal(['miss', 'hit l1'])
    expect(outcomes(reader)).to.deep.equal(['hit l2', 'hit l1'])
    expect(shelf.runs).to.equal(1)
  })

  it('sees bumps of its route, of everything and of its tag', async () => {
    reader = await secondHarness.start(shelf.tell({ consistency: 'strong' }), { redis: redis.url })
    const invalidations: Readonly<Record<string, () => Promise<unknown>>> = {
      route: () => writer.cache.bump('/things/:id'),
      everything: () => writer.cache.bump('*'),
      tag: () => writer.cache.bump('thing:1'),
    }
    for (const [what, invalidate] of Object.entries(invalidations)) {
      for (let i = 0; i < 2; i++) await ask(reader, '/things/1')
      expect(outcomes(reader).at(-1)).to.equal('hit l1')
      shelf.add('1')
      await invalidate()
      expect((await ask(reader, '/things/1')).text, what).to.equal(shelf.textOf('1'))
    }
  })
})
