// Fields set at the last moment, as sessions, compression and response-time do: inside our place they are stored, outside they are not.

import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { expectSameThenReplay, expressTwin, type Twin } from '../../support/compare.ts'
import { ask, value, values } from '../../support/wire.ts'

/** Calls `listener` once, when the head is about to be written. */
function onHead(res: ServerResponse, listener: () => void): void {
  const { writeHead } = res
  let called = false
  res.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!called) listener()
    called = true
    return writeHead.apply(res, args)
  }) as typeof writeHead
}

/** Middleware that numbers its answers in a field of that name. */
function numbering(name: string): RequestHandler {
  let count = 0
  return (_req, res, next) => {
    onHead(res, () => res.setHeader(name, String(++count)))
    next()
  }
}

describe('fields set when the head is written', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const mount = (before: () => RequestHandler[], after: () => RequestHandler[], handler: RequestHandler) => ({
    mount: (app: Express, cacheRoute: RequestHandler) =>
      void app.get('/answer', ...before(), cacheRoute, ...after(), handler),
  })
  const none = () => []
  const handlers: Record<string, RequestHandler> = {
    'end(chunk)': (_req, res) => void res.end('body'),
    'write and end': (_req, res) => {
      res.write('bo')
      res.end('dy')
    },
    'writeHead(status, fields)': (_req, res) => void res.writeHead(200, { 'X-Own': '1' }).end('body'),
    flushHeaders: (_req, res) => {
      res.flushHeaders()
      res.end('body')
    },
    'res.send': (_req, res) => void res.send('body'),
  }

  // T6
  for (const [form, handler] of Object.entries(handlers)) {
    it(`are stored where the setter is mounted after the cache: ${form}`, async () => {
      twin = await expressTwin(mount(none, () => [numbering('X-Count')], handler))
      const { replay } = await expectSameThenReplay(twin)
      expect(value(replay, 'x-count')).to.equal('1')
    })

    it(`are each answer's own where the setter is mounted before the cache: ${form}`, async () => {
      twin = await expressTwin(mount(() => [numbering('X-Count')], none, handler))
      const answers = [await ask(twin.cached), await ask(twin.cached), await ask(twin.cached)]
      expect(answers.map((answer) => value(answer, 'x-count'))).to.deep.equal(['1', '2', '3'])
      expect(answers.map((answer) => answer.body.toString())).to.deep.equal(['body', 'body', 'body'])
      expect(value(answers[2]!, 'cache-status')).to.match(/hit/)
    })
  }

  it('make the answer unstorable where they say so, mounted after the cache', async () => {
    const cookie: RequestHandler = (_req, res, next) => {
      onHead(res, () => res.appendHeader('Set-Cookie', 'session=1'))
      next()
    }
    twin = await expressTwin(
      mount(
        none,
        () => [cookie],
        (_req, res) => void res.send('body'),
      ),
    )
    const answers = [await ask(twin.cached), await ask(twin.cached)]
    expect(answers.map((answer) => value(answer, 'cache-status'))).to.deep.equal([
      'tiercache-l1; fwd=miss; detail=set-cookie',
      'tiercache-l1; fwd=miss; detail=set-cookie',
    ])
  })

  it('of outer middleware stay as that middleware set them, and what the handler removed stays removed', async () => {
    const outer: RequestHandler = (_req, res, next) => {
      res.set({ 'X-Request-Id': String(Math.random()), 'X-Removed': '1', 'X-Changed': 'outer', Vary: 'Origin' })
      res.setHeader('Link', ['<a>', '<b>'])
      next()
    }
    twin = await expressTwin(
      mount(
        () => [outer],
        none,
        (_req, res) => {
          res.removeHeader('X-Removed')
          res.removeHeader('X-Powered-By')
          res.set('X-Changed', 'handler').append('Link', '<c>').send('body')
        },
      ),
      { route: { vary: ['Origin'] } },
    )
    const [miss, hit] = [await ask(twin.cached), await ask(twin.cached)]
    for (const answer of [miss, hit]) {
      expect(values(answer, 'x-removed').concat(values(answer, 'x-powered-by'))).to.deep.equal([])
      expect(value(answer, 'x-changed')).to.equal('handler')
      expect(values(answer, 'link')).to.deep.equal(['<a>', '<b>', '<c>'])
      expect(value(answer, 'vary')).to.equal('Origin')
    }
    expect(value(hit, 'cache-status')).to.match(/hit/)
    expect(value(hit, 'x-request-id')).not.to.equal(value(miss, 'x-request-id'))
  })

  it('count as the handler’s where it set the same value that outer middleware had set for another request', async () => {
    const outer: RequestHandler = (req, res, next) => {
      res.set('Content-Language', String(req.headers['x-language']))
      next()
    }
    twin = await expressTwin(
      mount(
        () => [outer],
        none,
        (_req, res) => void res.set('Content-Language', 'en').send('always English'),
      ),
    )
    const question = (language: string) => ({ headers: { 'X-Language': language } })
    await ask(twin.cached, question('en'))
    const [hit, bare] = [await ask(twin.cached, question('de')), await ask(twin.bare, question('de'))]
    expect(value(bare, 'content-language')).to.equal('en')
    expect(value(hit, 'content-language')).to.equal('en')
  })
})
