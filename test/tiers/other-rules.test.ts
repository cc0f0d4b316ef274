// Two processes with one Redis and different rules for the same route, as in a rolling deploy: what one stored the other does not use.
import { expect } from 'chai'
import { Page } from '../contract/headers/page.ts'
import type { App, Running } from '../contract/middleware.ts'
import { ask, overPairs, storedKey } from '../support/apps.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

overPairs('an entry in Redis that was stored by other rules', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let page: Page
  let byFields: Running
  let byRoute: Running

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    page = new Page()
    const tell = (app: App) => {
      app.useCache('1h')
      app.plain('get', '/page', page.handler)
    }
    await redis.cli('FLUSHALL')
    byFields = await firstHarness.start(page.tell(), { redis: redis.url })
    byRoute = await secondHarness.start(tell, { redis: redis.url })
  })
  afterEach(() => Promise.all([byFields.stop(), byRoute.stop()]))
  after(() => redis.stop())

  it('by header fields: what must be confirmed each time answers no route that cannot confirm', async () => {
    page.answer({ 'Cache-Control': 'no-cache, max-age=600', ETag: '"1"' })
    await ask(byFields, '/page')
    await storedKey(byFields, redis)
    expect((await ask(byRoute, '/page')).text).to.equal('run 2')
  })

  it('by the route: what says nothing of its use is not taken for fresh', async () => {
    page.answer({})
    await ask(byRoute, '/page')
    await storedKey(byRoute, redis)
    expect((await ask(byFields, '/page')).text).to.equal('run 2')
  })
})
