// Where no application is around that a request could be sent again through, who finds a stale answer asks the handler himself.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import sinon from 'sinon'
import { createCore } from '../../../src/cache.ts'
import { type ExpressCache, expressCache } from '../../../src/express/cache.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'
import { Source } from './source.ts'

describe('a stale answer of a plain node:http server, with staleFor', () => {
  let server: Server
  let cache: ExpressCache
  let time: CacheTime
  let runs: number
  let status: number
  let answer: (run: number) => Promise<string>

  beforeEach(async () => {
    time = cacheTime()
    runs = 0
    answer = async (run) => `run ${run}`
    status = 200
    cache = expressCache(createCore({ jitter: 0 }))
    const cached = cache.cacheRoute('10s', { staleFor: '1m' })
    server = createServer((req, res) => {
      cached(req as never, res as never, async () => {
        const text = await answer(++runs)
        res.statusCode = status
        res.end(text)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    sinon.restore()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await cache.close()
  })

  const get = () => send((server.address() as AddressInfo).port, '/page')

  it('leaves at once, for all that ask, while its first finder runs the handler', async () => {
    await get()
    time.advance(15_000)
    const gate = deferred<string>()
    answer = () => gate.promise
    const answers = [await get(), ...(await Promise.all([get(), get(), get()]))]
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    for (const { headers } of answers) expect(headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=-[56]$/)
    expect(runs).to.equal(2)
    gate.resolve('renewed')
    await eventually(async () => expect((await get()).text).to.equal('renewed'))
    expect(runs).to.equal(2)
  })

  it('stays where its handler fails, which is then left alone for 10 s', async () => {
    await get()
    time.advance(15_000)
    status = 500
    for (let i = 0; i < 3; i++) {
      expect((await get()).text).to.equal('run 1')
      await eventually(() => expect(runs).to.equal(2))
    }
    time.advance(10_000)
    status = 200
    await get()
    await eventually(async () => expect((await get()).text).to.equal('run 3'))
  })
})

overFrameworks('a stale answer to POST, with staleFor', (harness) => {
  const start = starting(harness)
  afterEach(() => sinon.restore())

  it('leaves at once, and is renewed by the request that found it: a GET would not renew it', async () => {
    const time = cacheTime()
    const source = new Source()
    const app = await start((told) => {
      told.read('/search', source.handler, '10s', { method: 'post', methods: ['POST'], body: true, staleFor: '1m' })
    })
    const search = () =>
      send(app.port, '/search', {
        method: 'POST',
        headers: { host: 'shop.test', 'Content-Type': 'application/json' },
        body: '{"a":1}',
      })
    await search()
    time.advance(15_000)
    const gate = deferred<void>()
    source.reply = async () => {
      await gate.promise
      return { body: 'renewed' }
    }
    expect((await search()).text).to.equal('run 1')
    expect((await search()).text).to.equal('run 1')
    expect(source.runs).to.equal(2)
    gate.resolve()
    await eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(2))
    expect((await search()).text).to.equal('renewed')
  })
})
