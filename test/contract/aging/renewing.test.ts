// What a background renewal cannot bring is asked for by the request itself; what would bring nothing is not asked for.
import { createServer } from 'node:http'
import { expect } from 'chai'
import sinon from 'sinon'
import { createCore } from '../../../src/cache.ts'
import { expressCache } from '../../../src/express/cache.ts'
import { ask } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { Arrivals } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, listening, starting } from '../starting.ts'
import { Source } from './source.ts'

overFrameworks('a stale answer, with staleFor', (harness) => {
  const start = starting(harness)
  let time: CacheTime
  let source: Source

  beforeEach(() => {
    time = cacheTime()
    source = new Source()
  })
  afterEach(() => sinon.restore())

  it('to a GET with a body is renewed by the request that found it: one without would renew another', async () => {
    const bodies: unknown[] = []
    const app = await start((told) => {
      const handler = (asked: { body: unknown }) => {
        bodies.push(asked.body)
        return { body: `run ${bodies.length}` }
      }
      told.read('/search', handler, '10s', { body: true, staleFor: '1h' })
    })
    const body = '{"a":1}'
    const headers = { 'Content-Type': 'application/json', 'Content-Length': body.length }
    const search = () => ask(app, '/search', { headers, body })
    await search()
    time.advance(15_000)
    await search()
    await eventually(async () => expect((await search()).text).to.equal('run 2'))
    expect(bodies).to.deep.equal([{ a: 1 }, { a: 1 }])
  })

  it('is not renewed for the sake of a request whose own run would be for nobody else', async () => {
    const app = await start(source.tell({ staleFor: '1h' }))
    await ask(app, '/page')
    time.advance(15_000)
    expect((await ask(app, '/page?is_not_cache=odd')).text).to.equal('run 1')
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await eventually(async () => expect((await ask(app, '/page')).text).to.equal('run 2'))
    expect(source.runs).to.equal(2)
  })
})

describe('a stale answer that its finder renews itself', () => {
  const listen = listening()
  afterEach(() => sinon.restore())

  it('may be renewed by another after the deadline of a run that hangs', async () => {
    const time = cacheTime()
    let runs = 0
    const hanging = deferred<string>()
    const cache = expressCache(createCore({ jitter: 0 }))
    const cached = cache.cacheRoute('10s', { staleFor: '1h', flightDeadline: '50ms' })
    const port = await listen(
      createServer((req, res) => {
        cached(req as never, res as never, async () => {
          runs++
          res.end(runs === 2 ? await hanging.promise : `run ${runs}`)
        })
      }),
    )
    await send(port, '/page')
    time.advance(15_000)
    expect((await send(port, '/page')).text).to.equal('run 1')
    await eventually(async () => expect((await send(port, '/page')).text).to.equal('run 3'))
    hanging.resolve('late')
    await cache.close()
  })
})

overFrameworks('a stale answer to POST that several find at once', (harness) => {
  const start = starting(harness)
  afterEach(() => sinon.restore())

  it('goes to all of them at once, also to those who came before its first finder runs', async () => {
    const time = cacheTime()
    const source = new Source()
    const arrivals = new Arrivals()
    const gate = deferred<void>()
    let isHeld = false
    const tags = async () => {
      arrivals.tags()
      if (isHeld) await gate.promise
      return []
    }
    const app = await start((told) =>
      told.read('/search', source.handler, '10s', {
        method: 'post',
        methods: ['POST'],
        body: true,
        staleFor: '1m',
        tags: tags as never,
      }),
    )
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }
    const search = () => ask(app, '/search', options)
    await search()
    time.advance(15_000)
    isHeld = true
    const never = deferred<{ body: string }>()
    source.reply = () => never.promise
    const answers = [search(), search(), search()]
    await arrivals.reach(4)
    gate.resolve()
    for (const answer of answers) expect((await answer).text).to.equal('run 1')
    never.resolve({ body: 'renewed' })
    await eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(2))
  })
})
