// `warm` with Redis: once it is over, other processes find what was stored.
import { expect } from 'chai'
import type { Tiers } from '../../../src/store/tiers.ts'
import { ask } from '../../support/apps.ts'
import { freePort } from '../../support/free-port.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { type App, overFrameworks } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'

const shop = { headers: { host: 'shop.test' } }
const paths = Array.from({ length: 20 }, (_, i) => `/things/${i}`)

overFrameworks('warm with Redis', (harness) => {
  const start = starting(harness)
  let redis: RedisServer
  let runs: number
  const tell = (app: App) => {
    app.read('/things/:id', ({ url }) => {
      runs++
      return { body: url.repeat(1_000) }
    })
  }
  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    runs = 0
    await redis.cli('FLUSHALL')
  })
  after(() => redis.stop())

  it('resolves once Redis has every answer that was stored', async () => {
    const app = await start(tell, { redis: redis.url, ...unhurried })
    expect(await app.warm(paths, shop)).to.include({ stored: 20 })
    // Not `eventually`: what is not there by now would be lost with a process that exits.
    const keys = (await redis.cli('KEYS', 'tiercache:e:*')).split('\n').filter((key) => key !== '')
    expect(keys).to.have.length(20)
  })

  it('waits for a store that takes its time', async () => {
    const gate = deferred<void>()
    let isOver = false
    const slow = ({ memory, shared }: Tiers): Tiers => ({
      memory,
      shared: shared && {
        name: shared.name,
        get: (key) => shared.get(key),
        set: (key, entry) => gate.promise.then(() => shared.set(key, entry)),
      },
    })
    const app = await start(tell, { redis: redis.url, ...unhurried, parts: { tiers: slow } })
    const warming = app.warm(['/things/1'], shop).finally(() => {
      isOver = true
    })
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(1))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).to.equal(false)
    gate.resolve()
    expect(await warming).to.include({ stored: 1 })
    expect(await redis.cli('KEYS', 'tiercache:e:*')).to.match(/^tiercache:e:/)
  })

  it('waits until Redis is reachable: what is sent before would be for this process alone', async () => {
    const app = await start(tell, { redis: redis.url, wait: false, ...unhurried })
    await app.warm(paths, shop)
    const other = await start(tell, { redis: redis.url, ...unhurried })
    expect(outcomeOf(await ask(other, '/things/7'))).to.equal('hit l2')
    expect(runs).to.equal(20)
  })

  it('takes what Redis has, and runs nothing for it', async () => {
    const first = await start(tell, { redis: redis.url, ...unhurried })
    await first.warm(paths, shop)
    const second = await start(tell, { redis: redis.url, ...unhurried })
    expect(await second.warm(paths, shop)).to.include({ hit: 20, stored: 0 })
    expect(outcomeOf(await ask(second, '/things/7'))).to.equal('hit l1')
    expect(runs).to.equal(20)
  })

  it('fills memory where Redis does not come', async () => {
    const inside = deferred<void>()
    const reached = (app: App) => {
      app.outerHeaders(() => {
        inside.resolve()
        return {}
      })
      tell(app)
    }
    const app = await start(reached, { redis: `redis://127.0.0.1:${await freePort()}`, wait: false })
    const told: (string | undefined)[] = []
    const warming = app.warm(['/things/1'], { ...shop, onProgress: ({ reason }) => void told.push(reason) })
    await inside.promise
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).to.equal(0)
    // It would be waited for ten seconds; whoever closes the cache gives it up.
    await app.cache.close()
    expect(await warming).to.include({ total: 1, stored: 1 })
    expect(told).to.deep.equal(['memory-only'])
  })
})
