// The client's validators are hidden from the handler for one run, and from nobody else.
import { expect } from 'chai'
import type { Request } from 'express'
import { expressTwin, koaTwin, type Twin } from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { ask } from '../../support/wire.ts'

const ASKED = { 'If-None-Match': '"other"', 'If-Modified-Since': 'Wed, 21 Oct 2015 07:28:00 GMT' }
const ALL = Object.values(ASKED)

describe('the validators of a request', () => {
  let twin: Twin
  let log: [where: string, seen: (string | undefined)[]][]
  beforeEach(() => {
    log = []
  })
  afterEach(() => twin.stop())

  const note = (where: string, headers: Request['headers']) =>
    void log.push([where, [headers['if-none-match'], headers['if-modified-since']]])

  const ways: Record<string, (finish: () => void, fail: (error: Error) => void) => void> = {
    'answers at once': (finish) => finish(),
    'answers later': (finish) => void setImmediate(finish),
    'fails at once': (_finish, fail) => fail(new Error('broken')),
    'fails later': (_finish, fail) => void setImmediate(() => fail(new Error('broken'))),
  }
  // T81, invariant 8
  for (const [what, go] of Object.entries(ways)) {
    it(`are back once the handler ${what}, for whatever looks at them after it on Express`, async () => {
      twin = await expressTwin({
        mount(app, cacheRoute) {
          app.use((req, res, next) => {
            note('before', req.headers)
            res.on('finish', () => note('finish', req.headers))
            next()
          })
          app.get('/answer', cacheRoute, (req, res, next) => {
            note('handler', req.headers)
            go(() => res.send('body'), next)
          })
        },
      })
      await ask(twin.cached, { headers: ASKED })
      await eventually(() => expect(log).to.have.lengthOf(3))
      expect(log).to.deep.equal([
        ['before', ALL],
        ['handler', [undefined, undefined]],
        ['finish', ALL],
      ])
    })

    it(`are back once the handler ${what}, for whatever comes after it on Koa`, async () => {
      twin = await koaTwin([
        async (ctx, next) => {
          note('before', ctx.headers)
          await next().finally(() => note('after', ctx.headers))
        },
        undefined,
        (ctx) => {
          note('handler', ctx.headers)
          return new Promise<void>((resolve, reject) =>
            go(() => {
              ctx.body = 'body'
              resolve()
            }, reject),
          )
        },
      ])
      await ask(twin.cached, { headers: ASKED })
      expect(log).to.deep.equal([
        ['before', ALL],
        ['handler', [undefined, undefined]],
        ['after', ALL],
      ])
    })
  }

  it('stay where they are for a hit, a bypass and a method that never meets the cache', async () => {
    twin = await expressTwin({
      mount(app, cacheRoute) {
        app.use((req, res, next) => {
          res.on('finish', () => note(req.method, req.headers))
          next()
        })
        app.all('/answer', cacheRoute, (_req, res) => void res.send('body'))
      },
    })
    await ask(twin.cached)
    await ask(twin.cached, { headers: ASKED })
    await ask(twin.cached, { headers: ASKED, path: '/answer?is_not_cache=1' })
    await ask(twin.cached, { headers: ASKED, method: 'POST' })
    await eventually(() => expect(log).to.have.lengthOf(4))
    expect(log.slice(1)).to.deep.equal([
      ['GET', ALL],
      ['GET', ALL],
      ['POST', ALL],
    ])
  })
})
