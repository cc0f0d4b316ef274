// `stale-while-revalidate`: the stale answer leaves at once, and one run without a client renews it (RFC 5861 §3).
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Page } from './page.ts'

const RENEWABLE = { ETag: '"one"', 'Cache-Control': 'max-age=10, stale-while-revalidate=600', Age: '20' }
const FRESH = { 'Cache-Control': 'max-age=600' }

overFrameworks('an answer that may be used while it is renewed', (harness) => {
  let page: Page
  let app: Running
  /** Requests that came by what is mounted before the cache. */
  let before: number

  beforeEach(async () => {
    page = new Page()
    before = 0
    app = await harness.start((told) => {
      told.outerHeaders(() => ({ 'X-Before': String(++before) }))
      page.tell()(told)
    })
    page.answer(RENEWABLE)
    await ask(app, '/page')
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
  })

  const stored = (count: number) =>
    eventually(() => expect(eventsOf(app, 'run').filter((run) => run.stored)).to.have.length(count))

  it('leaves at once, stale, while exactly one run renews it for all that ask', async () => {
    const gate = deferred<void>()
    page.reply = async () => {
      await gate.promise
      return { headers: FRESH, body: 'renewed' }
    }
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(app, '/page')))
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    expect(answers[0]!.headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=-1\d$/)
    await eventually(() => expect(page.runs).to.equal(2))
    gate.resolve()
    await stored(2)
    expect((await ask(app, '/page')).text).to.equal('renewed')
    expect(page.runs).to.equal(2)
  })

  it('is renewed through everything that is mounted before the cache, by the fields of the request that found it stale', async () => {
    page.answer(FRESH)
    const headers = {
      'X-Tenant': 'a',
      Cookie: 'id=1',
      Range: 'bytes=0-1',
      'If-Modified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'Proxy-User': 'a',
      'If-Tenant': 'a',
      Connection: 'X-Tenant, close',
    }
    delete (headers as Partial<typeof headers>).Range
    const passed = before
    await ask(app, '/page', { headers })
    await stored(2)
    expect(before).to.equal(passed + 2)
    const { headers: seen, method, url } = page.asked[1]!
    expect({ method, url }).to.deep.equal({ method: 'GET', url: '/page' })
    expect(seen).to.include({
      'x-tenant': 'a',
      'proxy-user': 'a',
      'if-tenant': 'a',
      cookie: 'id=1',
      'if-none-match': '"one"',
    })
    expect(seen).not.to.have.any.keys('connection', 'if-modified-since', 'range')
  })

  it('stays as it was where its renewal fails, and is renewed once the handler was left alone for 10 s', async () => {
    const time = cacheTime()
    page.reply = () => {
      throw new Error('no database')
    }
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await eventually(() => expect(eventsOf(app, 'rebuild-failed')).to.have.length(1))
    page.answer(FRESH)
    time.advance(9_000)
    expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(page.runs).to.equal(2)
    time.advance(1_000)
    await eventually(async () => {
      expect((await ask(app, '/page')).text).to.equal('run 3')
    })
  })

  it('of another method than GET is not used: a GET would not renew it', async () => {
    const answers = new Page()
    answers.answer(RENEWABLE)
    const other = await harness.start(answers.tell({ methods: ['GET', 'POST'], body: true }))
    try {
      const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' }
      await ask(other, '/page', post)
      answers.answer(FRESH)
      expect((await ask(other, '/page', post)).text).to.equal('run 2')
      expect((await ask(other, '/page', post)).text).to.equal('run 2')
      expect(answers.asked.map(({ method }) => method)).to.deep.equal(['POST', 'POST'])
    } finally {
      await other.stop()
    }
  })

  it('is not used once it was invalidated', async () => {
    page.answer(FRESH)
    await app.cache.bump('*')
    expect((await ask(app, '/page')).text).to.equal('run 2')
  })
})
