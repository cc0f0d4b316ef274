// `consistency: Duration`: an answer lags the last acknowledged write by at most so long, on any process, also where no message arrives.
import { expect } from 'chai'
import sinon from 'sinon'
import type { Duration } from '../../../src/duration.ts'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask, outcomes, overPairs, storedKey } from '../../support/apps.ts'
import { cacheTime } from '../../support/cache-time.ts'
import { eventually } from '../../support/gate.ts'
import { monitor } from '../../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import type { Running } from '../middleware.ts'
import { Shelf } from './shelf.ts'

/** What a reader was told, and when it had asked. */
interface Seen {
  readonly askedAt: number
  readonly text: string
}

const HOUR = 3_600_000

overPairs('a read whose lag is bounded', (firstHarness, secondHarness) => {
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
    shelf = new Shelf('1d')
  })
  afterEach(async () => {
    sinon.restore()
    await Promise.all([writer.stop(), reader.stop()])
    proxy.stop()
  })
  after(() => redis.stop())

  async function start(consistency: Duration) {
    writer = await firstHarness.start(shelf.tell({ consistency }), { redis: redis.url })
    reader = await secondHarness.start(shelf.tell({ consistency }), { redis: proxy.url, budget: '400ms' })
    for (let i = 0; i < 3; i++) await ask(reader, '/things/1')
  }

  async function write(): Promise<number> {
    await ask(writer, '/things/1', { method: 'PUT' })
    return performance.now()
  }

  /** Asks every few milliseconds, whether the former answers have come or not, until it is enough. */
  async function readOn(isEnough: (askedAt: number) => boolean): Promise<Seen[]> {
    const seen: Promise<Seen>[] = []
    for (let askedAt = 0; !isEnough(askedAt); ) {
      askedAt = performance.now()
      const asked = { askedAt }
      seen.push(ask(reader, '/things/1').then(({ text }) => ({ ...asked, text })))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return Promise.all(seen)
  }

  const near = 'pass'
  const far = { delay: 30 }
  for (const [consistency, bound, link, rounds] of [
    ['200ms', 200, far, 1],
    ['1ms', 1, near, 2],
    ['1ms', 1, far, 1],
  ] as const) {
    it(`by ${consistency} is never older, without the bus, ${link === near ? 'near Redis' : 'far from it'}`, async () => {
      await start(consistency)
      proxy.set('messages', 'drop')
      proxy.set('commands', link)
      for (let round = 1; round <= rounds; round++) {
        let writtenAt = Number.POSITIVE_INFINITY
        let late = 0
        const isLate = (askedAt: number) => askedAt > writtenAt + bound
        const reading = readOn((askedAt) => isLate(askedAt) && ++late > 10)
        writtenAt = await write()
        for (const { askedAt, text } of (await reading).filter((one) => isLate(one.askedAt))) {
          expect(text, `${askedAt - writtenAt} ms later`).to.equal(`v${round}`)
        }
      }
    })
  }

  for (const tier of ['memory', 'Redis']) {
    it(`by less than it takes to ask Redis does not wait for what was asked of ${tier} before the write`, async () => {
      await start('1ms')
      const path = tier === 'memory' ? '/things/1' : '/things/1?in-redis'
      await ask(writer, path)
      if (tier === 'Redis') await storedKey(writer, redis)
      const watch = await monitor(redis.port)
      proxy.set('messages', 'drop')
      proxy.set('commands', { delay: 45 })
      const before = ask(reader, path)
      await eventually(async () => {
        const asked = (await watch.take()).filter(({ name, args }) => name === 'get' && args[0]?.endsWith(':v:thing:1'))
        expect(asked).to.have.length(1)
      })
      // What Redis said is on its way.
      await write()
      await new Promise((resolve) => setTimeout(resolve, 2))
      expect((await ask(reader, path)).text).to.equal('v1')
      await before
      watch.stop()
    })
  }

  it('by an hour is usually as near as the bus', async () => {
    await start('1h')
    for (let round = 1; round <= 5; round++) {
      await write()
      await eventually(async () => expect((await ask(reader, '/things/1')).text).to.equal(`v${round}`), {
        within: 1_000,
      })
    }
  })

  it('by an hour is not older than that without the bus', async () => {
    await start('1h')
    expect(outcomes(reader).at(-1)).to.equal('hit l1')
    proxy.set('messages', 'drop')
    await write()
    cacheTime().advance(HOUR + 1)
    expect((await ask(reader, '/things/1')).text).to.equal('v1')
  })

  it('never lags on the process that wrote', async () => {
    await start('1h')
    for (let i = 0; i < 2; i++) await ask(writer, '/things/1')
    for (let round = 1; round <= 10; round++) {
      await write()
      for (let i = 0; i < 2; i++) expect((await ask(writer, '/things/1')).text).to.equal(`v${round}`)
    }
    expect(outcomes(writer).at(-1)).to.equal('hit l1')
  })
})
