// `timeout`: clients wait so long and no longer, while the run goes on and fills the cache.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'
import { Source } from './source.ts'

overFrameworks('a handler that takes too long', (harness) => {
  const start = starting(harness)
  let source: Source
  let time: CacheTime
  let gate: Deferred<Reply>

  beforeEach(() => {
    time = cacheTime()
    source = new Source()
    gate = deferred<Reply>()
  })
  afterEach(() => sinon.restore())

  /** An application whose answer is stale, and whose handler waits for the gate. */
  async function stale(options: ReadOptions) {
    const app = await start(source.tell(options))
    await ask(app, '/page')
    time.advance(15_000)
    source.reply = () => gate.promise
    return app
  }

  it('lets the stale answer go first, after the soft timeout, and fills the cache', async () => {
    const app = await stale({ staleIfError: '1h', timeout: { soft: '20ms' } })
    const { status, text, headers } = await ask(app, '/page')
    expect([status, text]).to.deep.equal([200, 'run 1'])
    expect(headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=-[56]; detail=timeout$/)
    expect(eventsOf(app, 'overtaken')).to.have.length(1)
    expect(eventsOf(app, 'overtaken')[0]).to.include({ by: 'stale', route: '/page' })
    gate.resolve({ body: 'late' })
    await eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(2))
    expect((await ask(app, '/page')).text).to.equal('late')
    expect(source.runs).to.equal(2)
  })

  it('does not hold those up who come while it still runs: they get the stale answer at once', async () => {
    const app = await stale({ staleIfError: '1h', timeout: { soft: '20ms' } })
    await ask(app, '/page')
    const { text, headers } = await ask(app, '/page')
    expect(text).to.equal('run 1')
    expect(headers['cache-status']).to.match(/; hit; .*detail=stale-if-error$/)
    expect(source.runs).to.equal(2)
    gate.resolve({ body: 'late' })
  })

  it('lets everyone who waits for it have the stale answer', async () => {
    const app = await stale({ staleIfError: '1h', timeout: { soft: '50ms' } })
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(app, '/page')))
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    expect(source.runs).to.equal(2)
    gate.resolve({ body: 'late' })
  })

  // C5
  it('waits on where the stale answer was invalidated meanwhile', async () => {
    const app = await stale({ staleIfError: '1h', timeout: { soft: '50ms' } })
    const asking = ask(app, '/page')
    await eventually(() => expect(source.runs).to.equal(2))
    await send(app.port, '/page', { method: 'PUT' })
    setTimeout(() => gate.resolve({ body: 'late' }), 100)
    expect((await asking).text).to.equal('late')
    // What was read before the write is for nobody else.
    source.reply = () => ({ body: 'new' })
    expect((await ask(app, '/page')).text).to.equal('new')
  })

  it('is not waited for beyond the hard timeout: 504, and the run fills the cache', async () => {
    const app = await start(source.tell({ timeout: { hard: '20ms' } }))
    source.reply = () => gate.promise
    const { status, headers } = await ask(app, '/page')
    expect(status).to.equal(504)
    expect(headers['cache-control']).to.equal('no-store')
    expect(headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=timeout')
    expect(eventsOf(app, 'overtaken')[0]).to.include({ by: 'timeout' })
    gate.resolve({ body: 'late' })
    await eventually(async () => expect((await ask(app, '/page')).text).to.equal('late'))
    expect(source.runs).to.equal(1)
  })

  it('lets nobody wait beyond the hard timeout, and runs once', async () => {
    const app = await start(source.tell({ timeout: { hard: '50ms' } }))
    source.reply = () => gate.promise
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(app, '/page')))
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([504]))
    expect(source.runs).to.equal(1)
    gate.resolve({ body: 'late' })
  })

  for (const isAsync of [false, true]) {
    it(`lets fallback answer after the hard timeout${isAsync ? ', when its promise is kept' : ''}`, async () => {
      const answer = { status: 200, body: { items: [] } }
      const fallback = (_asked: unknown, error: Error) => {
        expect(error).to.include({ name: 'HandlerTimeoutError', status: 504 })
        return isAsync ? Promise.resolve(answer) : answer
      }
      const app = await start(source.tell({ timeout: { hard: '20ms' }, fallback }))
      source.reply = () => gate.promise
      const { status, text, headers } = await ask(app, '/page')
      expect([status, text]).to.deep.equal([200, '{"items":[]}'])
      expect(headers).to.include({
        'cache-control': 'no-store',
        'cache-status': 'tiercache-l1; fwd=miss; detail=fallback',
      })
      gate.resolve({ body: 'late' })
      await eventually(async () => expect((await ask(app, '/page')).text).to.equal('late'))
    })
  }

  // T11, T72
  it('lets fallback say after how many seconds to come back, and frames its answer itself', async () => {
    const headers = { 'Retry-After': 30, 'Content-Length': 5, 'Transfer-Encoding': 'chunked' }
    const fallback = () => ({ headers, body: 'for nobody else' })
    const app = await start(source.tell({ timeout: { hard: '20ms' }, fallback }))
    source.reply = () => gate.promise
    const { status, text, headers: sent } = await ask(app, '/page')
    expect([status, text, sent['retry-after']]).to.deep.equal([503, 'for nobody else', '30'])
    gate.resolve({ body: 'late' })
  })

  it('may fail then: nobody hears of it, and nothing is stored', async () => {
    const app = await start(source.tell({ timeout: { hard: '20ms' } }))
    source.reply = () => gate.promise
    await ask(app, '/page')
    gate.reject(new Error('too late'))
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(1))
    expect(eventsOf(app, 'run')[0]).to.include({ stored: false })
    source.reply = () => ({ body: 'better' })
    expect((await ask(app, '/page')).text).to.equal('better')
  })

  it('is no matter where it answers in time', async () => {
    const app = await start(source.tell({ staleIfError: '1h', timeout: { soft: '5s', hard: '5s' } }))
    expect((await ask(app, '/page')).text).to.equal('run 1')
    expect((await ask(app, '/page')).headers['cache-status']).to.match(/; hit; ttl=/)
    expect(eventsOf(app, 'overtaken')).to.deep.equal([])
  })
})
