// On Koa a handler may throw what it answers: a stale answer stands in for a failure, and for nothing else (RFC 5861 §4).
import { expect } from 'chai'
import Koa from 'koa'
import { createCache } from '../../../src/koa.ts'
import { eventually } from '../../support/gate.ts'
import { get } from '../../support/http-client.ts'

describe('a handler on Koa that throws, behind an answer with stale-if-error', () => {
  let thrown: unknown
  let port: number
  let stop: () => Promise<void>
  const reported: string[] = []

  beforeEach(async () => {
    thrown = undefined
    const { cacheRoute, close } = createCache()
    const app = new Koa()
    app.on('error', ({ message }: Error) => reported.push(message))
    app.use(cacheRoute('1h', { honour: 'headers' }))
    app.use((ctx) => {
      if (typeof thrown === 'number') ctx.throw(thrown)
      if (thrown === 'late') {
        ctx.res.write('begun')
        throw new Error('too late')
      }
      if (thrown !== undefined) throw thrown
      ctx.set({ Age: '20', 'Cache-Control': 'max-age=10, stale-if-error=600' })
      ctx.body = 'page'
    })
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    port = (server.address() as { port: number }).port
    stop = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await close()
    }
    await get(port, '/')
  })
  afterEach(() => stop())

  it('is heard where it says no: what is gone or refused is not answered with what was there', async () => {
    for (const status of [400, 401, 403, 404, 410, 501]) {
      thrown = status
      expect((await get(port, '/')).status).to.equal(status)
    }
    thrown = Object.assign(new Error('gone'), { statusCode: 410 })
    expect((await get(port, '/')).status).to.equal(410)
  })

  it('is stood in for where it fails', async () => {
    const failures = [500, 502, 503, 504, new Error('no database'), Object.assign(new Error('odd'), { status: 7 })]
    for (const failure of failures) {
      thrown = failure
      expect(await get(port, '/')).to.include({ status: 200, text: 'page' })
    }
  })

  it('is reported as it is where it has begun to answer', async () => {
    thrown = 'late'
    reported.length = 0
    const answer = get(port, '/').catch(() => undefined)
    await eventually(() => expect(reported).to.deep.equal(['too late']))
    await stop()
    await answer
    stop = async () => undefined
  })
})
