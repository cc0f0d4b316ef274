// koa-etag and koa-conditional-get: one tag for one answer, and 304 for whoever holds it, cold and warm.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type Koa from 'koa'
import conditional from 'koa-conditional-get'
import etag from 'koa-etag'
import sinon from 'sinon'
import { ask, value } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

/** It says on the console that it has moved. */
function quietEtag(): Koa.Middleware {
  const warn = sinon.stub(console, 'warn')
  try {
    return etag() as Koa.Middleware
  } finally {
    warn.restore()
  }
}

const make = () => [conditional() as Koa.Middleware, quietEtag()]

const tell = (app: Koa) =>
  void app.use((ctx) => {
    if (ctx.path === '/json') ctx.body = { json: 'ü' }
    if (ctx.path === '/text') ctx.body = 'text'
    if (ctx.path === '/large') ctx.body = Buffer.alloc(200_000, 'l')
    if (ctx.path === '/stream') ctx.body = Readable.from(['stream ', 'of ', 'text'])
    if (ctx.path === '/own') {
      ctx.etag = 'own'
      ctx.body = 'own'
    }
    if (ctx.path === '/weak') {
      ctx.set('ETag', 'W/"weak"')
      ctx.set('Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT')
      ctx.body = 'weak'
    }
  })

for (const place of places) {
  describe(`koa-conditional-get and koa-etag ${place}`, () => {
    const start = pairs()
    const pair = () => start.koa(place, make, tell)

    it('leave the same tags on a miss and on a hit as without us', async () => {
      const questions = ['/json', '/text', '/large', '/stream', '/own', '/weak'].map((path) => ({ path }))
      const { warm } = await expectUnseen(await pair(), questions)
      expect(warm).to.deep.equal(questions.map(() => 'hit'))
    })

    for (const path of ['/json', '/text', '/large', '/own', '/weak']) {
      // T21, T81
      it(`give 304 at ${path} to who holds it, cold and warm, and the whole to others`, async () => {
        const twin = await pair()
        const tag = value(await ask(twin.bare, { path }), 'etag')!
        const { answers } = await expectUnseen(
          twin,
          [
            { path, headers: { 'If-None-Match': tag } },
            { path, headers: { 'If-None-Match': `"other", ${tag}` } },
            { path, headers: { 'If-None-Match': '"other"' } },
            { path, method: 'HEAD', headers: { 'If-None-Match': tag } },
            { path },
          ],
          // Koa-etag alone names it on a 304, too.
          { fields: ['content-type'] },
        )
        expect(answers.map(({ status }) => status)).to.deep.equal([304, 304, 200, 304, 200, 304, 304, 200, 304, 200])
        expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
      })
    }
  })
}
