// Strong consistency and the kinds of requests: HEAD, conditional ones, and what the user's functions are asked.
import { expect } from 'chai'
import type { CacheOptions } from '../../../src/cache-options.ts'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask, outcomes, overPairs, storedKey } from '../../support/apps.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import type { ReadOptions, Running } from '../middleware.ts'
import { Shelf, thingTag } from './shelf.ts'

overPairs('a strong request', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let proxy: FaultProxy
  let shelf: Shelf
  let writer: Running
  let reader: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    proxy = new FaultProxy(redis.port)
    await proxy.start()
  })
  afterEach(async () => {
    await Promise.all([writer.stop(), reader.stop()])
    proxy.stop()
  })
  after(() => redis.stop())

  async function start(options: ReadOptions = {}, cache: CacheOptions = unhurried) {
    await redis.cli('FLUSHALL')
    shelf = new Shelf()
    const tell = shelf.tell({ consistency: 'strong', ...options })
    writer = await firstHarness.start(tell, { redis: redis.url, ...cache })
    reader = await secondHarness.start(tell, { redis: proxy.url, ...cache })
  }

  const write = () => ask(writer, '/things/1', { method: 'PUT' })

  it('of HEAD is answered by what GET stored, and by the handler after a write', async () => {
    await start()
    const stored = await ask(reader, '/things/1')
    const head = () => ask(reader, '/things/1', { method: 'HEAD' })
    expect((await head()).headers).to.include({ etag: stored.headers.etag, 'content-length': '2' })
    expect(outcomes(reader)).to.deep.equal(['miss', 'hit l1'])
    await write()
    const { headers, body } = await head()
    expect(headers.etag).not.to.equal(stored.headers.etag)
    expect(body).to.have.length(0)
    expect(outcomes(reader).at(-1)).to.equal('miss')
    // A HEAD fills nothing: the next GET runs.
    expect((await ask(reader, '/things/1')).text).to.equal('v1')
    expect(outcomes(reader).at(-1)).to.equal('miss')
  })

  it('of a client whose copy is good gets 304, and 200 with the new answer after a write', async () => {
    await start()
    const { headers } = await ask(reader, '/things/1')
    const again = () => ask(reader, '/things/1', { headers: { 'if-none-match': headers.etag! } })
    const unchanged = await again()
    expect([unchanged.status, unchanged.text]).to.deep.equal([304, ''])
    expect(unchanged.headers['cache-status']).to.contain('tiercache-l1; hit')
    await write()
    const changed = await again()
    expect([changed.status, changed.text]).to.deep.equal([200, 'v1'])
  })

  it('does not ask for its tags again where memory answers', async () => {
    let asked = 0
    await start({
      tags(request) {
        asked++
        return thingTag(request)
      },
    })
    await ask(reader, '/things/1')
    for (let i = 0; i < 10; i++) await ask(reader, '/things/1')
    expect(outcomes(reader).slice(1)).to.deep.equal(Array(10).fill('hit l1'))
    expect(asked).to.equal(1)
    await write()
    expect((await ask(reader, '/things/1')).text).to.equal('v1')
    expect(asked).to.equal(2)
  })

  it('whose `varyBy` takes its time sees what was written since it came', async () => {
    const asked: Deferred<void>[] = []
    await start({
      async varyBy() {
        const one = deferred()
        asked.push(one)
        await one.promise
        return 'tenant'
      },
    })
    const answer = async () => {
      const pending = ask(reader, '/things/1')
      while (asked.length === 0) await new Promise(setImmediate)
      return { pending, go: () => asked.shift()!.resolve() }
    }
    for (let i = 0; i < 2; i++) {
      const { pending, go } = await answer()
      go()
      await pending
    }
    expect(outcomes(reader)).to.deep.equal(['miss', 'hit l1'])
    const { pending, go } = await answer()
    await write()
    go()
    // It came before the write: either answer is right, and the next one is new.
    expect(['v0', 'v1']).to.include((await pending).text)
    const next = await answer()
    next.go()
    expect((await next.pending).text).to.equal('v1')
  })

  it('whose `varyBy` takes longer than the budget finds in Redis what another process stored after a write', async () => {
    let takes = 0
    const varyBy = () => new Promise((resolve) => setTimeout(resolve, takes, 'tenant'))
    await start({ varyBy }, { budget: '400ms' })
    await ask(reader, '/things/1')
    await write()
    await ask(writer, '/things/1')
    await storedKey(writer, redis)
    // Redis is near, but not at hand: looking there is to have a budget of its own.
    proxy.set('commands', { delay: 5 })
    takes = 500
    expect((await ask(reader, '/things/1')).text).to.equal('v1')
    expect(outcomes(reader)).to.deep.equal(['miss', 'hit l2'])
  })

  it('says in Cache-Status what happened, and nothing of being degraded', async () => {
    await start()
    const first = await ask(reader, '/things/1')
    expect(first.headers['cache-status']).to.equal('tiercache-l2; fwd=miss; stored, tiercache-l1; fwd=miss; stored')
    const second = await ask(reader, '/things/1')
    expect(second.headers['cache-status']).to.match(/^tiercache-l2; fwd=miss, tiercache-l1; hit; ttl=29\d$/)
  })
})
