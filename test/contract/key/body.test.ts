// Request bodies in the key: covered when asked and parsed; a body that nobody parsed is nobody's but the handler's.
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import { send } from '../../support/http-client.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, listening, outcomes, starting } from '../starting.ts'
import { expectApart, expectShared, type Sent, sendAll } from './pairs.ts'

const post = (body: string, path = '/search'): Sent => ({
  path,
  method: 'POST',
  headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
  body,
})

overFrameworks('the key of a request body', (harness) => {
  const start = starting(harness)
  const echo = () =>
    start((app) => {
      let runs = 0
      app.read('/search', ({ body }) => ({ body: `${JSON.stringify(body)} ${++runs}` }), '1m', {
        method: 'post',
        methods: ['POST'],
        body: true,
      })
    })

  // T43
  it('takes as one what JSON parses to the same', async () => {
    await expectShared(await echo(), [
      post('{"a":1,"b":{"c":[1,2],"d":null}}'),
      post('{"b":{"d":null,"c":[1,2]},"a":1}'),
      post(' { "a" : 1.0 , "b" : { "c" : [ 1 , 2 ] , "d" : null } } '),
      post('{"a":2,"a":1,"\\u0062":{"c":[1,2e0],"d":null}}'),
    ])
  })

  // T43
  it('tells apart what JSON parses to something else', async () => {
    await expectApart(await echo(), [
      post('{"a":1}'),
      post('{"a":"1"}'),
      post('{"a":1,"b":null}'),
      post('{"a":[1]}'),
      post('{"a":{"0":1}}'),
      post('{"a":null}'),
      post('{"a":false}'),
      post('{"a":""}'),
      post('{}'),
      post('[]'),
      post('[{"a":1}]'),
      post('{"a":[1,2]}'),
      post('{"a":[2,1]}'),
      post('{"a":1}', '/search?page=2'),
    ])
  })

  // T42
  it('tells apart properties with the names of prototypes', async () => {
    await expectApart(await echo(), [
      post('{"__proto__":1}'),
      post('{"__proto__":2}'),
      post('{"__proto__":{"a":1}}'),
      post('{"constructor":1}'),
      post('{"toString":1}'),
      post('{"a":{"__proto__":{"b":1}}}'),
      post('{"a":{"__proto__":{"b":2}}}'),
      post('{"a":{}}'),
    ])
  })

  // T43
  it('tells big bodies apart to their last character', async () => {
    const big = 'x'.repeat(50_000)
    const app = await echo()
    await expectApart(app, [post(`{"a":"${big}1"}`), post(`{"a":"${big}2"}`)])
    for (const { key } of eventsOf(app, 'request')) expect(key).to.have.length(43)
  })

  it('covers nothing where there is no body', async () => {
    await expectShared(await echo(), [
      { path: '/search', method: 'POST' },
      { path: '/search', method: 'POST', headers: { 'Content-Length': 0 } },
    ])
  })

  // T75
  for (const [title, body] of Object.entries({
    'is too deep': `${'['.repeat(200)}${']'.repeat(200)}`,
    'has too many parts': `[${Array(20_000).fill(1)}]`,
  })) {
    it(`lets a request whose body ${title} to be hashed run without the cache, and says so`, async () => {
      const app = await echo()
      const answers = await sendAll(app, [post(body), post(body)])
      expect(answers.map(({ status }) => status)).to.deep.equal([200, 200])
      expect(outcomes(app)).to.deep.equal(['bypass', 'bypass'])
      expect(eventsOf(app, 'request').map(({ reason }) => reason)).to.deep.equal(['body', 'body'])
    })
  }

  it('is told apart from GET of the same path where a route takes both', async () => {
    const app = await start((app) => {
      app.useCache('1m', { methods: ['GET', 'POST'], body: true })
      app.plain('get', '/search', () => ({ body: 'by GET' }))
      app.plain('post', '/search', () => ({ body: 'by POST' }))
    })
    await expectApart(app, ['/search', { path: '/search', method: 'POST' }])
  })

  it('goes around the cache where the route does not cover bodies', async () => {
    const app = await start((app) => {
      app.useCache('1m', { methods: ['GET', 'POST'] })
      app.plain('post', '/search', ({ body }) => ({ body: JSON.stringify(body) }))
    })
    const answers = await sendAll(app, [post('{"a":1}'), post('{"a":2}')])
    expect(answers.map((answer) => answer.text)).to.deep.equal(['{"a":1}', '{"a":2}'])
    expect(eventsOf(app, 'request').map(({ reason }) => reason)).to.deep.equal(['body', 'body'])
  })
})

describe('a request body that nobody parsed', () => {
  const listen = listening()
  const options = { methods: ['POST'], body: true }
  type Listeners = [(event: { type: string }) => void]
  const routes = {
    Express: (listeners: Listeners, body: unknown) => {
      const app = express()
      app.use((req, _res, next) => {
        req.body = body
        next()
      })
      app.use(createExpressCache({ listeners }).cacheRoute('1m', options))
      return app.post('/upload', async (req, res) => void res.send(`got ${await text(req)}`))
    },
    Koa: (listeners: Listeners, body: unknown) => {
      const app = new Koa().use((ctx, next) => {
        Object.assign(ctx.request, { body })
        return next()
      })
      app.use(createKoaCache({ listeners }).cacheRoute('1m', options))
      return app.use(async (ctx) => {
        ctx.body = `got ${await text(ctx.req)}`
      })
    },
  }

  for (const [name, make] of Object.entries(routes)) {
    for (const headers of [{ 'Content-Length': 4 }, { 'Transfer-Encoding': 'chunked' }]) {
      for (const [title, body] of [
        ['is left unread for the handler', undefined],
        // What koa-bodyparser and body-parser 1 leave for a type they do not know
        ['is not mistaken for the empty object that a parser left in its place', {}],
      ] as const) {
        // T43
        it(`${title}, on ${name}: ${JSON.stringify(headers)}`, async () => {
          const events: { type: string; reason?: string }[] = []
          const port = await listen(make([(event) => events.push(event)], body))
          for (const body of ['abcd', 'efgh', 'abcd']) {
            const answer = await send(port, '/upload', { method: 'POST', headers, body })
            expect(answer.text).to.equal(`got ${body}`)
            expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=body')
          }
          expect(events.map(({ reason }) => reason)).to.deep.equal(['body', 'body', 'body'])
        })
      }
    }
  }

  // T43: multipart parsers put the fields into the parsed body, and the files beside it
  it('is never covered by the fields that a multipart parser found in it, on Express', async () => {
    const app = express()
    app.use(async (req, _res, next) => {
      Object.assign(req, { body: { title: 'equal' }, file: await text(req) })
      next()
    })
    app.use(createExpressCache().cacheRoute('1m', options))
    app.post('/upload', (req, res) => void res.send(`got ${(req as unknown as { file: string }).file}`))
    const port = await listen(app)
    for (const body of ['abcd', 'efgh']) {
      const headers = { 'Content-Type': 'multipart/form-data; boundary=x', 'Content-Length': 4 }
      const answer = await send(port, '/upload', { method: 'POST', headers, body })
      expect(answer.text).to.equal(`got ${body}`)
      expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=body')
    }
  })
})
