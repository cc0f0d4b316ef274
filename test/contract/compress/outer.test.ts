// Other compressing middleware, outside of the cache or between it and the handler: nobody codes twice, and everyone can read what comes.
import Router from '@koa/router'
import { expect } from 'chai'
import compression from 'compression'
import express from 'express'
import Koa from 'koa'
import koaCompress from 'koa-compress'
import { createCache as expressCache } from '../../../src/express.ts'
import { createCache as koaCache } from '../../../src/koa.ts'
import { eventually } from '../../support/gate.ts'
import { type Answer, get, send } from '../../support/http-client.ts'
import { listening } from '../starting.ts'
import { BROWSER, decoded, JSON_FIELDS, PAGE, varyOf } from './coded.ts'

type Where = 'outside' | 'inside'

const apps = {
  compression(where: Where) {
    const app = express()
    const { cacheRoute } = expressCache()
    const cache = cacheRoute('1m', { compress: true })
    app.use(...(where === 'outside' ? [compression(), cache] : [cache, compression()]))
    app.get('/page', (_req, res) => res.set(JSON_FIELDS).send(PAGE))
    return app
  },
  'koa-compress'(where: Where) {
    const app = new Koa()
    const { cacheRoute } = koaCache()
    const cache = cacheRoute('1m', { compress: true })
    const compress = koaCompress()
    for (const one of where === 'outside' ? [compress, cache] : [cache, compress]) app.use(one)
    const router = new Router()
    router.get('/page', (ctx) => {
      ctx.body = PAGE
      ctx.set(JSON_FIELDS)
    })
    return app.use(router.routes())
  },
}

// T84
for (const [name, make] of Object.entries(apps)) {
  describe(`a route that compresses, with ${name}`, () => {
    const listen = listening()

    for (const where of ['outside', 'inside'] as const) {
      it(`${where} of it: every client reads the page, cold and warm`, async () => {
        const port = await listen(make(where))
        // Not `*;q=0`: koa-compress fails on it, with or without us.
        for (const accept of [BROWSER, 'gzip', 'br', 'identity', 'gzip;q=0', BROWSER, 'gzip', 'br', 'identity']) {
          const answer = await get(port, '/page', { 'Accept-Encoding': accept })
          expect(decoded(answer) === PAGE, accept).to.equal(true)
          if (!/gzip|br/.test(accept) || /;q=0/.test(accept))
            expect(answer.headers['content-encoding']).to.equal(undefined)
          expect(varyOf(answer)).to.deep.equal(['accept-encoding'])
        }
      })
    }

    it('outside of it: the bytes are those that the cache keeps, once they are there', async () => {
      const port = await listen(make('outside'))
      await get(port, '/page')
      const coded = await eventually(async (): Promise<Answer> => {
        const answer = await get(port, '/page', { 'Accept-Encoding': 'br' })
        expect(answer.headers.etag).to.equal('"v1--br"')
        return answer
      })
      expect(decoded(coded)).to.equal(PAGE)
      expect(coded.headers['content-length']).to.equal(String(coded.body.length))
      const head = await send(port, '/page', { method: 'HEAD', headers: { 'Accept-Encoding': 'br' } })
      expect(head.headers['content-length']).to.equal(String(coded.body.length))
      const same = await get(port, '/page', { 'Accept-Encoding': 'br', 'If-None-Match': '"v1--br"' })
      expect([same.status, same.body.length]).to.deep.equal([304, 0])
    })
  })
}
