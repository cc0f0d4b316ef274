// Strong consistency where `cacheRoute` stands before all routes, and where there is no Redis at all.
import { expect } from 'chai'
import { ask, outcomes, overPairs } from '../../support/apps.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { type App, overFrameworks, type Running } from '../middleware.ts'
import { starting } from '../starting.ts'
import { Shelf } from './shelf.ts'

const ROUNDS = 10

// C1
overPairs('a strong cache before all routes', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let shelf: Shelf
  let writer: Running
  let reader: Running

  const tell = (app: App) => {
    app.useCache('5m', { consistency: 'strong' })
    app.plain('get', '/things/:id', shelf.read)
    app.write('put', '/things/:id', [], shelf.write)
  }

  before(async () => {
    redis = await startRedis()
    shelf = new Shelf()
    writer = await firstHarness.start(tell, { redis: redis.url, ...unhurried })
    reader = await secondHarness.start(tell, { redis: redis.url, ...unhurried })
  })
  after(async () => {
    await Promise.all([writer.stop(), reader.stop()])
    await redis.stop()
  })

  it('sees at once what was written elsewhere to the route that answers', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < 3; i++) expect((await ask(reader, '/things/1')).text).to.equal(`v${round}`)
      expect(outcomes(reader).at(-1)).to.equal('hit l1')
      await ask(writer, '/things/1', { method: 'PUT' })
    }
    expect((await ask(reader, '/things/1')).text).to.equal(`v${ROUNDS}`)
  })
})

overFrameworks('a strong route without Redis', (harness) => {
  const start = starting(harness)

  it('is a hit until its process writes', async () => {
    const shelf = new Shelf()
    const app = await start(shelf.tell({ consistency: 'strong', degrade: 'error', maxStale: '1s' }))
    for (let round = 0; round < ROUNDS; round++) {
      for (let i = 0; i < 2; i++) {
        const { text, headers } = await ask(app, '/things/1')
        expect(text).to.equal(`v${round}`)
        expect(headers['cache-status']).not.to.contain('detail')
      }
      expect(outcomes(app).at(-1)).to.equal('hit l1')
      await ask(app, '/things/1', { method: 'PUT' })
      expect(await app.cache.bump('other')).to.deep.equal({ applied: 'everywhere', journalled: false })
    }
  })
})
