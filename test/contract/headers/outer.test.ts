// With `honour: 'headers'`, what stands before the cache sets header fields for one client: they neither go to all nor get lost.
import { expect } from 'chai'
import express from 'express'
import { createCache } from '../../../src/express.ts'
import { ask } from '../../support/apps.ts'
import { get } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { listening } from '../starting.ts'
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

overFrameworks('a field that something before the cache sets and a failing handler sets anew', (harness) => {
  it('is what it was in the answer that stands in', async () => {
    const page = new Page()
    const outer = { 'X-Policy': 'outer', 'X-Kept': 'outer' }
    const app = await harness.start((told) => {
      told.outerHeaders(() => outer)
      page.tell()(told)
    })
    try {
      const stale = { 'Cache-Control': 'max-age=10, stale-if-error=60', Age: '20', 'X-Kept': 'stored' }
      page.answer(stale)
      await ask(app, '/page')
      page.answer({ 'X-Policy': 'of the failure', 'X-Failure': 'yes', 'X-Kept': 'of the failure' }, 503)
      const { status, headers } = await ask(app, '/page')
      expect(status).to.equal(200)
      expect(headers).to.include({ 'x-policy': 'outer', 'x-kept': 'stored' }).and.not.have.property('x-failure')
    } finally {
      await app.stop()
    }
  })
})

describe('a field that something before the cache sets on Express, and Express’s own error page sets anew', () => {
  const listen = listening()

  it('is what it was in the answer that stands in', async () => {
    const { cacheRoute, close } = createCache()
    const policy = "default-src 'self'"
    let runs = 0
    const app = express().set('env', 'test')
    app.use((_req, res, next) => {
      res.set({ 'Content-Security-Policy': policy })
      next()
    })
    app.get('/', cacheRoute('1h', { honour: 'headers' }), (_req, res) => {
      if (++runs > 1) throw new Error('no database')
      res.set({ 'Cache-Control': 'max-age=10, stale-if-error=60', Age: '20' }).send('page')
    })
    const port = await listen(app)
    try {
      await get(port, '/')
      const { status, headers } = await get(port, '/')
      expect(status).to.equal(200)
      expect(headers).to.include({ 'content-security-policy': policy })
    } finally {
      await close()
    }
  })
})
