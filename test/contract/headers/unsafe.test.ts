// With `honour: 'headers'`, an unsafe request that succeeds invalidates its URL, those it names, and groups (RFC 9111 §4.4, RFC 9875).
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { Page } from './page.ts'

const FRESH = { 'Cache-Control': 'max-age=600' }

overFrameworks('an unsafe request', (harness) => {
  let page: Page
  let app: Running

  beforeEach(async () => {
    page = new Page()
    app = await harness.start(page.tell())
    page.answer(FRESH)
    await ask(app, '/page')
  })
  afterEach(() => app.stop())

  /** Whether `/page` is asked of its handler again, after a POST that answers this. */
  async function isOutdated(path: string, status: number, fields: Record<string, string> = {}): Promise<boolean> {
    page.answer(fields, status)
    await ask(app, path, { method: 'POST' })
    page.answer(FRESH)
    const { runs } = page
    await ask(app, '/page')
    return page.runs > runs
  }

  it('that succeeds outdates its own URL', async () => {
    for (const status of [200, 201, 204, 302]) expect(await isOutdated('/page', status), `${status}`).to.equal(true)
  })

  it('that fails outdates nothing', async () => {
    for (const status of [400, 404, 500]) expect(await isOutdated('/page', status), `${status}`).to.equal(false)
  })

  it('outdates what Location and Content-Location name, in the same origin alone', async () => {
    const own = 'http://shop.test/page#part'
    for (const name of ['Location', 'Content-Location']) {
      for (const value of ['/page', 'page', own]) {
        expect(await isOutdated('/other', 201, { [name]: value }), `${name}: ${value}`).to.equal(true)
      }
      expect(await isOutdated('/other', 201, { [name]: 'http://example.org/page' })).to.equal(false)
      expect(await isOutdated('/other', 201, { [name]: 'http://[' })).to.equal(false)
    }
  })

  it('outdates what is in the groups that it names', async () => {
    const grouped = { ...FRESH, 'Cache-Groups': '"scripts", "all"' }
    const settle = async () => {
      page.answer(grouped)
      await app.cache.bump('*')
      // The first answer in a group that nobody knows may not be kept: it may have been invalidated meanwhile.
      for (let i = 0; i < 3; i++) await ask(app, '/page')
    }
    await settle()
    expect(await isOutdated('/other', 200, { 'Cache-Group-Invalidation': '"styles"' })).to.equal(false)
    await settle()
    expect(await isOutdated('/other', 200, { 'Cache-Group-Invalidation': 'scripts' })).to.equal(false)
    await settle()
    expect(await isOutdated('/other', 200, { 'Cache-Group-Invalidation': '"x", "scripts"' })).to.equal(true)
  })
})
