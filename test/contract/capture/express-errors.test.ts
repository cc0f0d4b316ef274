// Errors under Express: they reach its error handling as without the cache, and the page that comes of them is not stored.
import { expect } from 'chai'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import { expectSameNeverStored, expressTwin, type Twin, trace } from '../../support/compare.ts'
import { ask, values } from '../../support/wire.ts'

describe('an error', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const failing: Record<string, RequestHandler> = {
    'thrown at once': () => {
      throw new Error('broken')
    },
    'of a promise': async () => {
      await new Promise(setImmediate)
      throw new Error('broken')
    },
    'passed to next': (_req, _res, next) => next(new Error('broken')),
    'passed to next later': (_req, _res, next) => void setImmediate(() => next(new Error('broken'))),
    'thrown after fields were set': (_req, res) => {
      res.status(200).type('json').set({ 'Cache-Control': 'max-age=60', ETag: '"1"' })
      throw new Error('broken')
    },
    // T20: Express 5 refuses a status that is no number, such as one out of a store
    'of a status that is a string': (_req, res) => void res.status('200' as unknown as number).send('body'),
    'of a body that is no JSON': (_req, res) => void res.json({ a: 1n }),
  }
  // T20
  for (const [what, handler] of Object.entries(failing)) {
    it(`goes to the application’s error handler and is not stored: ${what}`, async () => {
      twin = await expressTwin(handler)
      const { status } = await expectSameNeverStored(twin, 'status-500')
      expect(status).to.equal(500)
    })

    it(`goes to Express’s own page and is not stored: ${what}`, async () => {
      const own: ErrorRequestHandler = (error: Error, _req, _res, next) => {
        // The stack names what stands between: without it both pages must be the same.
        error.stack = 'no stack'
        next(error)
      }
      twin = await expressTwin({ mount: (app, cacheRoute) => void app.get('/answer', cacheRoute, handler, own) })
      await expectSameNeverStored(twin, 'status-500')
    })

    it(`is stored only as what the error handler makes of it: ${what}`, async () => {
      const recover: ErrorRequestHandler = (_error, _req, res, _next) => {
        res.status(500).set({ 'Cache-Control': 'public, max-age=600' }).removeHeader('ETag')
        res.json({ error: true })
      }
      twin = await expressTwin({ mount: (app, cacheRoute) => void app.get('/answer', cacheRoute, handler, recover) })
      await expectSameNeverStored(twin, 'status-500')
    })
  }

  it('goes to the error handler once', async () => {
    const seen: string[] = []
    const mount = (app: Express, cacheRoute: RequestHandler) => {
      app.get('/answer', cacheRoute, () => {
        throw new Error('broken')
      })
      app.use(((error: Error, _req, res, _next) => {
        seen.push(error.message)
        res.status(500).send('page')
      }) as ErrorRequestHandler)
    }
    twin = await expressTwin({ mount })
    await ask(twin.cached)
    expect(seen).to.deep.equal(['broken'])
  })

  it('that is no Error reaches the error handler as it is', async () => {
    const seen: unknown[] = []
    twin = await expressTwin({
      mount(app, cacheRoute) {
        app.get('/answer', cacheRoute, (_req, _res, next) => next({ code: 7 }))
        app.use(((error, _req, res, _next) => {
          seen.push(error)
          res.status(503).end()
        }) as ErrorRequestHandler)
      },
    })
    expect((await ask(twin.cached)).status).to.equal(503)
    expect(seen).to.deep.equal([{ code: 7 }])
  })

  it('in the answer after a stored one leaves that one alone', async () => {
    let runs = 0
    twin = await expressTwin((req, res) => {
      if (++runs > 1) throw new Error('broken')
      res.send(req.query.a ?? 'none')
    })
    expect((await ask(twin.cached, { path: '/answer?a=1' })).body.toString()).to.equal('1')
    expect((await ask(twin.cached, { path: '/answer?a=1&is_not_cache=1' })).status).to.equal(500)
    expect((await ask(twin.cached, { path: '/answer?a=1' })).body.toString()).to.equal('1')
    expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'bypass', 'hit'])
  })

  it('page carries no validator, age or freshness of ours', async () => {
    twin = await expressTwin((_req, res) => void res.status(500).end('sorry'))
    const answer = await ask(twin.cached, { headers: { 'If-None-Match': '*' } })
    expect(answer.status).to.equal(500)
    for (const name of ['etag', 'age', 'cache-control', 'expires']) expect(values(answer, name)).to.deep.equal([])
    expect(values(answer, 'cache-status')).to.deep.equal(['tiercache-l1; fwd=miss; detail=status-500'])
  })
})
