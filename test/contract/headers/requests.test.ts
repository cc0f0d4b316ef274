// With `honour: 'headers'`, what a request's own fields ask of the cache (RFC 9111 §5.2.1), and who may share an answer (§3.5).
import { expect } from 'chai'
import { ask, outcomes } from '../../support/apps.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { Page } from './page.ts'

const FRESH = { 'Cache-Control': 'max-age=600', Age: '100' }

// T30, T85
overFrameworks('a request that asks something of the cache', (harness) => {
  let page: Page
  let app: Running

  beforeEach(async () => {
    page = new Page()
    app = await harness.start(page.tell())
    page.answer(FRESH)
  })
  afterEach(() => app.stop())

  const asking = (directives: string) => ask(app, '/page', { headers: { 'cache-control': directives } })

  it('and wants nothing but what is stored gets 504 where nothing is', async () => {
    expect((await asking('only-if-cached')).status).to.equal(504)
    expect(page.runs).to.equal(0)
    await ask(app, '/page')
    expect(await asking('only-if-cached')).to.include({ status: 200, text: 'run 1' })
  })

  it('and wants it confirmed reaches the handler', async () => {
    await ask(app, '/page')
    for (const directives of ['no-cache', 'max-age=0', 'max-age=99', 'min-fresh=501']) {
      const { runs } = page
      await asking(directives)
      expect(page.runs, directives).to.equal(runs + 1)
    }
    const { runs } = page
    for (const directives of ['max-age=200', 'min-fresh=400', 'unknown=1', 'max-stale']) await asking(directives)
    expect(page.runs).to.equal(runs)
  })

  it('and says no-store leaves nothing behind', async () => {
    await asking('no-store')
    await ask(app, '/page')
    expect(page.runs).to.equal(2)
  })

  it('and takes what is stale gets it', async () => {
    page.answer({ 'Cache-Control': 'max-age=50', Age: '100' })
    await ask(app, '/page')
    expect((await asking('max-stale=20')).text).to.equal('run 2')
    expect((await asking('max-stale=60')).text).to.equal('run 2')
    expect((await asking('max-stale')).text).to.equal('run 2')
  })

  it('with Authorization shares only answers that say they are for everybody', async () => {
    const authorized = () => ask(app, '/page', { headers: { authorization: 'Bearer a' } })
    await ask(app, '/page')
    expect((await authorized()).text).to.equal('run 2')
    expect((await ask(app, '/page')).text).to.equal('run 1')
    await app.cache.bump('*')
    for (const directive of ['public', 's-maxage=600', 'must-revalidate']) {
      page.answer({ 'Cache-Control': `max-age=600, ${directive}` })
      await authorized()
      const { runs } = page
      await authorized()
      await ask(app, '/page')
      expect(page.runs, directive).to.equal(runs)
      await app.cache.bump('*')
    }
    expect(outcomes(app).at(-1)).to.equal('hit l1')
  })
})
