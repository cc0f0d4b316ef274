// A handler of Koa that answers by itself and waits for ever, once its client has left: those who wait for it do not.
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import { createCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { deferred } from '../../support/gate.ts'
import { get } from '../../support/http-client.ts'
import { Arrivals } from '../crowd.ts'
import { listening } from '../starting.ts'

// T50, T52
describe('a flight whose leader left a handler behind that never returns', () => {
  const listen = listening()

  it('is led by another soon', async function () {
    this.timeout(30_000)
    const events: CacheEvent[] = []
    const arrivals = new Arrivals()
    const begun = deferred<void>()
    let runs = 0
    const { cacheRoute } = createCache({ listeners: [(event) => void events.push(event)] })
    const app = new Koa()
    app.use(cacheRoute('1m', { tags: arrivals.tags }))
    app.use(async (ctx) => {
      if (++runs === 1) {
        ctx.respond = false
        begun.resolve()
        return new Promise(() => undefined)
      }
      ctx.body = 'answered'
    })
    const port = await listen(app)
    const leader = connect(port, '127.0.0.1')
    leader.write('GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    await begun.promise
    const follower = get(port, '/page', { Host: '127.0.0.1' })
    await arrivals.reach(2)
    leader.destroy()
    await once(leader, 'close')
    expect((await follower).text).to.equal('answered')
    expect(runs).to.equal(2)
  })
})
