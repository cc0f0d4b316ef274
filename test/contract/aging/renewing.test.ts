// What a background renewal cannot bring is asked for by the request itself; what would bring nothing is not asked for.
import { createServer } from 'node:http'
import { expect } from 'chai'
import sinon from 'sinon'
import { createCore } from '../../../src/cache.ts'
import { monotonicClock } from '../../../src/clock.ts'
import { expressCache } from '../../../src/express/cache.ts'
import { ask, storedKey } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
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

overFrameworks('a background run that is repeated', (harness) => {
  const start = starting(harness)
  afterEach(() => sinon.restore())

  // T76
  it('is not repeated once the cache is closed', async () => {
    const time = cacheTime()
    const source = new Source()
    const waits: (() => void)[] = []
    const app = await start(source.tell({ staleFor: '1h', retry: { attempts: 5, min: '61s', max: '61s' } }), {
      parts: { clock: { ...monotonicClock, after: (ms, action) => held(ms, action) } },
    })
    // Of all waits of a cache only the one before a repetition is that long.
    const held = (ms: number, action: () => void): (() => void) => {
      if (ms < 30_100) return monotonicClock.after(ms, action)
      waits.push(action)
      return () => undefined
    }
    await ask(app, '/page')
    time.advance(15_000)
    source.fail()
    await ask(app, '/page')
    await eventually(() => expect(waits).to.have.length(1))
    await app.cache.close()
    waits[0]!()
    for (let turn = 0; turn < 10; turn++) await ask(app, '/page')
    expect(source.runs).to.equal(2 + 10)
    expect(eventsOf(app, 'rebuild-failed')).to.deep.equal([])
  })
})

overFrameworks('a stale answer that a process with other options has stored', (harness) => {
  const start = starting(harness)
  let redis: RedisServer

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  // T64: rolling deploys
  it('does not go out where the own route knows nothing of stale answers', async () => {
    const source = new Source()
    const old = await start((app) => app.read('/page', source.handler, '100ms', { staleFor: '1h' }), {
      redis: redis.url,
      ...unhurried,
    })
    const gate = deferred<void>()
    const own = new Source()
    own.reply = async () => {
      await gate.promise
      return { body: 'own' }
    }
    const options = { timeout: { soft: '1ms', hard: '80ms' } } as const
    const app = await start((told) => told.read('/page', own.handler, '100ms', options), {
      redis: redis.url,
      ...unhurried,
    })
    await ask(old, '/page')
    await storedKey(old, redis)
    // It may be found as long as it is fresh, and not for longer.
    await eventually(async () => expect((await ask(app, '/page')).status).to.equal(504))
    expect((await ask(app, '/page')).status).to.equal(504)
    gate.resolve()
    await eventually(async () => expect((await ask(app, '/page')).text).to.equal('own'))
  })
})
