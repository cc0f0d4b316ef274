// With `honour: 'headers'`, what stands before the cache sets header fields for one client: a 304 of the handler does not give them to all.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { overFrameworks } from '../middleware.ts'
import { Page } from './page.ts'

overFrameworks('a field that something before the cache sets', (harness) => {
  it('stays with the client it was set for, when the stored answer is confirmed', async () => {
    const page = new Page()
    const app = await harness.start((told) => {
      told.outerHeaders(({ headers }) => ({ 'X-User': String(headers['x-me']) }))
      page.tell()(told)
    })
    const userOf = async (me: string) => (await ask(app, '/page', { headers: { 'X-Me': me } })).headers['x-user']
    try {
      page.answer({ ETag: '"one"', 'Cache-Control': 'max-age=10', Age: '20' })
      expect(await userOf('alice')).to.equal('alice')
      page.reply = () => ({ status: 304, headers: { ETag: '"one"', 'Cache-Control': 'max-age=60', 'X-New': 'yes' } })
      expect(await userOf('bob')).to.equal('bob')
      expect(await userOf('carol')).to.equal('carol')
      expect((await ask(app, '/page')).headers).to.include({ 'x-new': 'yes' })
      expect(page.runs).to.equal(2)
    } finally {
      await app.stop()
    }
  })

  it('still forbids to store what is confirmed', async () => {
    const page = new Page()
    let fields = {}
    const app = await harness.start((told) => {
      told.outerHeaders(() => fields)
      page.tell()(told)
    })
    try {
      page.answer({ ETag: '"one"', 'Cache-Control': 'max-age=10', Age: '20' })
      await ask(app, '/page')
      fields = { 'Set-Cookie': 'a=1' }
      page.reply = () => ({ status: 304, headers: { ETag: '"one"', 'Cache-Control': 'max-age=60' } })
      for (let i = 0; i < 2; i++) await ask(app, '/page')
      expect(page.runs).to.equal(3)
    } finally {
      await app.stop()
    }
  })
})
