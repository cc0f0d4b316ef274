// Strong consistency and runs that others wait for: a request joins none that may have read before a write it must see.
import { expect } from 'chai'
import type { Entry } from '../../../src/entry.ts'
import { Flights } from '../../../src/flights.ts'
import type { Parts } from '../../../src/parts.ts'
import { ask, outcomes, overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import type { Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf } from './shelf.ts'

overPairs('a strong request beside a run of its key', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let shelf: Shelf
  let writer: Running
  let reader: Running
  let flights: Flights<Entry>

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    shelf = new Shelf()
    const tell = shelf.tell({ consistency: 'strong' })
    writer = await firstHarness.start(tell, { redis: redis.url, ...unhurried })
    const parts: Partial<Parts> = {
      flights(clock) {
        flights = new Flights(clock)
        return flights
      },
    }
    reader = await secondHarness.start(tell, { redis: redis.url, parts, ...unhurried })
    // The tags are known from here on.
    for (const app of [writer, reader]) await ask(app, '/things/1?warm')
  })
  afterEach(() => Promise.all([writer.stop(), reader.stop()]))
  after(() => redis.stop())

  for (const [where, pick] of [
    ['another process', () => writer],
    ['its own process', () => reader],
  ] as const) {
    it(`does not wait for one that began before a write of ${where}`, async () => {
      const held = shelf.holdNext()
      const former = ask(reader, '/things/1')
      await held.arrived
      await ask(pick(), '/things/1', { method: 'PUT' })
      // The former run is still under way.
      expect((await ask(reader, '/things/1')).text).to.equal('v1')
      held.release()
      expect((await former).text).to.equal('v0')
      // Nor does what that run answered take the place of what is newer.
      for (const app of [reader, writer, reader]) expect((await ask(app, '/things/1')).text).to.equal('v1')
      // One warmed up.
      expect(shelf.runs).to.equal(3)
    })
  }

  it('waits for one that nobody has written beside, and is answered by it', async () => {
    const held = shelf.holdNext()
    const first = ask(reader, '/things/1')
    await held.arrived
    const others = Array.from({ length: 5 }, () => ask(reader, '/things/1'))
    const { key = '' } = eventsOf(reader, 'request').at(-1)!
    await eventually(() => expect(flights.get(key)?.followers).to.equal(5))
    held.release()
    for (const answer of [await first, ...(await Promise.all(others))]) expect(answer.text).to.equal('v0')
    expect(outcomes(reader).slice(-5)).to.deep.equal(Array(5).fill('collapsed'))
    expect(shelf.runs).to.equal(2)
  })

  it('of a run whose tag is written while it waits gives what was true when it came, or later', async () => {
    const held = shelf.holdNext()
    const first = ask(reader, '/things/1')
    await held.arrived
    const second = ask(reader, '/things/1')
    await ask(writer, '/things/1', { method: 'PUT' })
    held.release()
    expect(['v0', 'v1']).to.include((await second).text)
    expect((await first).text).to.equal('v0')
    expect((await ask(reader, '/things/1')).text).to.equal('v1')
  })
})
