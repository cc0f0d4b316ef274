// `staleFor`: a stale answer leaves at once, and exactly one run without a client renews it.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Source } from './source.ts'

overFrameworks('an answer past its ttl, with staleFor', (harness) => {
  let source: Source
  let app: Running
  let time: CacheTime

  beforeEach(async () => {
    time = cacheTime()
    source = new Source()
    app = await harness.start(source.tell({ staleFor: '1m' }))
    await ask(app, '/page')
    time.advance(15_000)
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
  })

  const stored = (count: number) =>
    eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(count))

  it('leaves at once, and says so, while one run renews it for all that ask', async () => {
    const gate = deferred<void>()
    source.reply = async () => {
      await gate.promise
      return { body: 'renewed' }
    }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app, '/page')))
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    for (const { headers } of answers) {
      expect(headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=-[56]$/)
      expect(Number(headers.age)).to.be.at.least(15)
    }
    await eventually(() => expect(source.runs).to.equal(2))
    gate.resolve()
    await stored(2)
    expect((await ask(app, '/page')).text).to.equal('renewed')
    expect(source.runs).to.equal(2)
    expect(app.cache.stats().total).to.include({ staleCount: 20, hitCount: 1 })
  })

  // T63, C5
  it('is never given once it was invalidated', async () => {
    await send(app.port, '/page', { method: 'PUT' })
    expect((await ask(app, '/page')).text).to.equal('run 2')
  })

  // T63
  it('is not put back by a renewal that began before an invalidation', async () => {
    const gate = deferred<void>()
    source.reply = async () => {
      await gate.promise
      return { body: 'old' }
    }
    await ask(app, '/page')
    await eventually(() => expect(source.runs).to.equal(2))
    await send(app.port, '/page', { method: 'PUT' })
    gate.resolve()
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(2))
    expect(eventsOf(app, 'run')[1]).to.include({ stored: false, reason: 'invalidated' })
    source.reply = () => ({ body: 'new' })
    expect((await ask(app, '/page')).text).to.equal('new')
  })

  it('is gone once that time is over as well', async () => {
    time.advance(60_000)
    expect((await ask(app, '/page')).text).to.equal('run 2')
  })

  it('goes on leaving where its renewal fails, and the handler is left alone for 10 s', async () => {
    source.fail()
    await ask(app, '/page')
    await eventually(() => expect(eventsOf(app, 'rebuild-failed')).to.have.length(1))
    expect(eventsOf(app, 'rebuild-failed')[0]).to.include({ route: '/page', reason: 'status-500' })
    for (let i = 0; i < 5; i++) expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(source.runs).to.equal(2)
    time.advance(10_000)
    source.reply = () => ({ body: 'better' })
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await stored(2)
    expect((await ask(app, '/page')).text).to.equal('better')
  })

  it('gives way to an answer that is for one client alone, or that there is nothing: the handler has said so since', async () => {
    for (const reply of [
      { headers: { 'Set-Cookie': 'a=1' }, body: 'mine' },
      { status: 404, body: 'gone' },
    ]) {
      source.reply = () => reply
      expect((await ask(app, '/page')).text).to.equal('run 1')
      await eventually(async () => expect((await ask(app, '/page')).text).to.equal(reply.body))
      source.reply = () => ({ body: 'run 1' })
      await ask(app, '/page')
      time.advance(15_000)
    }
  })

  it('is counted as one request of a client, its renewal as a run', async () => {
    await ask(app, '/page')
    await stored(2)
    expect(app.cache.stats().total).to.include({ requestCount: 2, staleCount: 1, missCount: 1, loadCount: 2 })
    expect(eventsOf(app, 'request').map(({ background }) => background)).to.deep.equal([undefined, undefined, true])
  })

  it('is what HEAD gets, and renews', async () => {
    const { status, headers } = await ask(app, '/page', { method: 'HEAD' })
    expect([status, headers['content-length']]).to.deep.equal([200, '5'])
    await stored(2)
    expect((await ask(app, '/page')).text).to.equal('run 2')
  })
})

overFrameworks('a renewal that fails, with retry', (harness) => {
  let source: Source
  let app: Running
  let time: CacheTime

  async function start(retry: object): Promise<void> {
    time = cacheTime()
    source = new Source()
    app = await harness.start(source.tell({ staleFor: '1m', retry: { min: '10ms', max: '20ms', ...retry } }))
    await ask(app, '/page')
    time.advance(15_000)
  }
  afterEach(async () => {
    sinon.restore()
    await app.stop()
  })

  it('is tried again, without a client, until it succeeds', async () => {
    await start({ attempts: 3 })
    source.reply = (run) => (run < 4 ? { status: 503, body: 'no' } : { body: 'at last' })
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await eventually(async () => expect((await ask(app, '/page')).text).to.equal('at last'))
    expect(source.runs).to.equal(4)
    expect(eventsOf(app, 'rebuild-failed')).to.deep.equal([])
  })

  it('is told of once it was tried as often as it may be', async () => {
    await start({ attempts: 3 })
    source.throw()
    await ask(app, '/page')
    await eventually(() => expect(eventsOf(app, 'rebuild-failed')).to.have.length(1))
    expect(source.runs).to.equal(4)
  })

  it('is not tried again where the condition says no', async () => {
    await start({ attempts: 3, when: () => false })
    source.throw()
    await ask(app, '/page')
    await eventually(() => expect(eventsOf(app, 'rebuild-failed')).to.have.length(1))
    expect(source.runs).to.equal(2)
  })
})
