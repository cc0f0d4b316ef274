// With `honour: 'headers'`, handlers that relay: dates and codings of their own, streamed bodies, and statuses without one.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { Page } from './page.ts'

const STALE = { 'Cache-Control': 'max-age=10, stale-if-error=60', Age: '20' }
const dates = ['Sat, 10 Jan 2026 00:00:00 GMT', 'Sat, 10 Jan 2026 00:00:05 GMT']

overFrameworks('an answer that a handler relays', (harness) => {
  let page: Page
  let app: Running

  beforeEach(() => {
    page = new Page()
  })
  afterEach(() => app.stop())

  // T10
  it('keeps its Date, which its Age counts from, and takes that of the 304 that confirms it', async () => {
    app = await harness.start(page.tell())
    page.answer({ Date: dates[0]!, ETag: '"1"', 'Cache-Control': 's-maxage=99999999' })
    await ask(app, '/page')
    const hit = await ask(app, '/page')
    expect(hit.headers).to.include({ date: dates[0] })
    expect(Number(hit.headers.age)).to.be.at.least((Date.now() - Date.parse(dates[0]!)) / 1_000 - 5)
    page.reply = () => ({ status: 304, headers: { Date: dates[1]!, ETag: '"1"' } })
    const confirmed = await ask(app, '/page', { headers: { 'cache-control': 'no-cache' } })
    expect(confirmed.headers).to.include({ date: dates[1] })
    expect((await ask(app, '/page')).headers).to.include({ date: dates[1] })
    page.reply = () => ({ status: 304, headers: { ETag: '"1"' } })
    await ask(app, '/page', { headers: { 'cache-control': 'no-cache' } })
    expect(dates).not.to.include((await ask(app, '/page')).headers.date)
    expect(page.runs).to.equal(3)
  })

  // T38
  it('needs no Vary for its coding: its own fields say that it may go to everyone', async () => {
    app = await harness.start(page.tell())
    page.answer({ 'Content-Encoding': 'x-own', 'Cache-Control': 'max-age=60' })
    await ask(app, '/page')
    expect((await ask(app, '/page')).headers).to.include({ 'content-encoding': 'x-own' })
    expect(page.runs).to.equal(1)
  })

  // T74
  it('stands in, whole, for a failure without body or with a streamed one, though nothing can confirm it', async () => {
    app = await harness.start(page.tell())
    page.reply = () => ({ headers: STALE, body: Readable.from(['first ', 'second']) })
    await ask(app, '/page')
    for (const body of [undefined, 'no', () => Readable.from(['some of ', 'a page of error'])]) {
      page.reply = () => ({
        status: 502,
        headers: { 'X-Error': '1' },
        body: typeof body === 'function' ? body() : body,
      })
      const answer = await ask(app, '/page')
      expect(answer).to.include({ status: 200, text: 'first second' })
      expect(answer.headers).to.include({ 'content-length': '12' }).and.not.to.have.property('x-error')
    }
    expect(page.asked[1]!.headers).not.to.have.property('if-none-match')
  })

  // T22
  it('is confirmed by a 304 whose body is a stream', async () => {
    app = await harness.start(page.tell())
    page.answer({ ...STALE, ETag: '"1"' })
    await ask(app, '/page')
    page.reply = () => ({
      status: 304,
      headers: { ETag: '"1"', 'Cache-Control': 'max-age=60' },
      body: Readable.from([]),
    })
    expect(await ask(app, '/page')).to.include({ status: 200, text: 'run 1' })
    expect((await ask(app, '/page')).headers['cache-status']).to.match(/hit/)
  })

  // T22
  it('is stored without body where its status has none, also where a stream was set', async () => {
    app = await harness.start(page.tell())
    page.reply = () => ({ status: 204, headers: { 'Cache-Control': 'max-age=60' }, body: Readable.from([]) })
    await ask(app, '/page')
    const hit = await ask(app, '/page')
    expect(hit).to.include({ status: 204, text: '' })
    expect(hit.headers['cache-status']).to.match(/hit/)
  })

  it('may be for surrogates, where the route listens to them and the handler is told so', async () => {
    app = await harness.start(page.tell({ honour: { targeted: true } }))
    page.answer({ 'Surrogate-Control': 'max-age=60;tiercache', 'Cache-Control': 'no-store' })
    await ask(app, '/page')
    await ask(app, '/page')
    expect(page.asked.map(({ headers }) => headers['surrogate-capability'])).to.deep.equal([
      'tiercache="Surrogate/1.0"',
    ])
  })
})
