// With `honour: 'headers'`, what is stale is confirmed by the handler itself, by the validators of what is stored.
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { Page } from './page.ts'

/** Stale as soon as it is made, but for an hour of use behind a confirmation. */
const STALE = { ETag: '"one"', 'Cache-Control': 'max-age=10', Age: '20' }

// T34, T74
overFrameworks('an answer that is stale by its own fields', (harness) => {
  let page: Page
  let app: Running

  beforeEach(async () => {
    page = new Page()
    app = await harness.start(page.tell())
  })
  afterEach(() => app.stop())

  it('is confirmed by a 304 of the handler, which sees the validator of what is stored and none of the client', async () => {
    page.answer(STALE)
    await ask(app, '/page')
    page.reply = () => ({ status: 304, headers: { ETag: '"one"', 'Cache-Control': 'max-age=60', 'X-New': 'yes' } })
    const confirmed = await ask(app, '/page', { headers: { 'if-none-match': '"theirs"' } })
    expect(confirmed).to.include({ status: 200, text: 'run 1' })
    expect(confirmed.headers).to.include({ etag: '"one"', 'x-new': 'yes', 'cache-control': 'max-age=60' })
    expect(confirmed.headers['cache-status']).to.equal('tiercache-l1; fwd=stale; fwd-status=304; stored')
    expect(page.asked[1]!.headers['if-none-match']).to.equal('"one"')
    const hit = await ask(app, '/page')
    expect(hit).to.include({ status: 200, text: 'run 1' })
    expect(hit.headers).to.include({ 'x-new': 'yes' })
    expect(page.runs).to.equal(2)
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  })

  it('is confirmed for a client that holds it already, with 304', async () => {
    page.answer(STALE)
    await ask(app, '/page')
    page.reply = () => ({ status: 304, headers: { ETag: '"one"', 'Cache-Control': 'max-age=60' } })
    const { status, text } = await ask(app, '/page', { headers: { 'if-none-match': '"one"' } })
    expect({ status, text }).to.deep.equal({ status: 304, text: '' })
  })

  it('gives way to a new one', async () => {
    page.answer(STALE)
    await ask(app, '/page')
    page.answer({ ETag: '"two"', 'Cache-Control': 'max-age=60' })
    expect((await ask(app, '/page')).text).to.equal('run 2')
    expect((await ask(app, '/page')).text).to.equal('run 2')
    expect(page.runs).to.equal(2)
  })

  it('stands in for a handler that fails, where it says that it may, and is not counted as stored', async () => {
    page.answer({ ...STALE, 'Cache-Control': 'max-age=10, stale-if-error=60' })
    await ask(app, '/page')
    for (const status of [500, 502, 503, 504]) {
      page.answer({}, status)
      const { status: given, text, headers } = await ask(app, '/page')
      expect({ given, text }).to.deep.equal({ given: 200, text: 'run 1' })
      expect(headers['cache-status']).to.equal(`tiercache-l1; fwd=stale; fwd-status=${status}; detail=stale-if-error`)
      expect(Number(headers.age)).to.be.at.least(20)
    }
    page.reply = () => {
      throw new Error('no database')
    }
    expect(await ask(app, '/page')).to.include({ status: 200, text: 'run 1' })
    expect(page.runs).to.equal(6)
  })

  it('does not stand in where it does not say so, nor where it must be confirmed', async () => {
    for (const directives of ['max-age=10', 'max-age=10, stale-if-error=60, must-revalidate']) {
      page.answer({ ...STALE, 'Cache-Control': directives })
      await ask(app, '/page')
      page.answer({}, 503)
      expect((await ask(app, '/page')).status).to.equal(503)
    }
  })

  it('never stands in, nor is confirmed, once it was invalidated', async () => {
    page.answer({ ...STALE, 'Cache-Control': 'max-age=10, stale-if-error=60' })
    await ask(app, '/page')
    await app.cache.bump('*')
    page.answer({}, 503)
    expect((await ask(app, '/page')).status).to.equal(503)
    expect(page.asked[1]!.headers['if-none-match']).to.equal(undefined)
  })

  it('that must be confirmed each time is shared with nobody who waits', async () => {
    page.answer({ ETag: '"one"', 'Cache-Control': 'no-cache' })
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(app, '/page')))
    expect(page.runs).to.equal(5)
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
  })
})
