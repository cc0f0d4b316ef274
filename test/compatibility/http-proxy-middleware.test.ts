// http-proxy-middleware: what an upstream answers is stored whole or not at all.
import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'
import { trace } from '../support/compare.ts'
import { eventually } from '../support/gate.ts'
import { getSlowly } from '../support/http-client.ts'
import { ask, value } from '../support/wire.ts'
import { pairs } from './pair.ts'
import { expectUnseen, refusals } from './same.ts'
import { upstreams } from './upstream.ts'

const long = 'line of an upstream\n'.repeat(3_000)

const answers: Record<string, (res: ServerResponse, coding: string) => void> = {
  '/measured': (res) => res.setHeader('Content-Length', long.length).end(long),
  '/chunked': (res) => {
    for (const line of long.match(/.{1,9999}/gs)!) res.write(line)
    res.end()
  },
  '/empty': (res) => res.writeHead(204).end(),
  '/moved': (res) => res.writeHead(301, { Location: '/elsewhere' }).end(),
  '/tagged': (res) => {
    res.setHeader('ETag', '"upstream"').setHeader('Last-Modified', 'Wed, 01 Jan 2025 00:00:00 GMT')
    res.setHeader('Link', ['</a>; rel=next', '</b>; rel=prev']).end('tagged')
  },
  '/coded': (res, coding) => {
    res.setHeader('Vary', 'Accept-Encoding').setHeader('Content-Type', 'text/plain')
    if (coding.includes('gzip')) res.setHeader('Content-Encoding', 'gzip').end(gzipSync(long))
    else res.end(long)
  },
  '/closing': (res) => res.setHeader('Connection', 'close, X-Hop').setHeader('X-Hop', 'hop').end('closing'),
}

const listener: RequestListener = (req, res) => {
  const path = req.url!.split('?')[0]!
  answers[path]!(res, String(req.headers['accept-encoding'] ?? ''))
}

const proxy = (target: string): RequestHandler => createProxyMiddleware({ target, changeOrigin: true })
const onlyProxy = (target: string) => (app: Express) => void app.use(proxy(target))

describe('http-proxy-middleware behind us', () => {
  const start = pairs()
  const upstream = upstreams()

  for (const path of Object.keys(answers)) {
    it(`has the upstream's answer of ${path} stored as it came`, async () => {
      const origin = await upstream(listener)
      const twin = await start.express('behind us', () => [], onlyProxy(origin.url))
      const codings = path === '/coded' ? ['gzip', 'identity', 'br'] : ['gzip']
      const questions = codings.map((coding) => ({ path, headers: { 'Accept-Encoding': coding } }))
      const { warm } = await expectUnseen(twin, questions, { fields: ['x-hop'] })
      expect(warm).to.deep.equal(questions.map(() => 'hit'))
      expect(origin.asked).to.have.length(2 * questions.length)
    })
  }

  // T81
  it('asks the upstream in full for a conditional client, which gets 304', async () => {
    const origin = await upstream((req, res) => {
      if (req.headers['if-none-match'] === '"upstream"') res.writeHead(304).end()
      else answers['/tagged']!(res, '')
    })
    const twin = await start.express('behind us', () => [], onlyProxy(origin.url))
    for (let i = 0; i < 2; i++) {
      const answer = await ask(twin.cached, { path: '/tagged', headers: { 'If-None-Match': '"upstream"' } })
      expect([answer.status, value(answer, 'etag')]).to.deep.equal([304, '"upstream"'])
    }
    expect((await ask(twin.cached, { path: '/tagged' })).body.toString()).to.equal('tagged')
    expect(origin.asked).to.have.length(1)
  })

  it('passes on what must not be stored, each time', async () => {
    let counter = 0
    const origin = await upstream((req, res) => {
      if (req.url === '/cookie') res.setHeader('Set-Cookie', `id=${++counter}`)
      if (req.url === '/private') res.setHeader('Cache-Control', 'private')
      if (req.url === '/broken') res.statusCode = 502
      res.end('passed on')
    })
    const twin = await start.express('behind us', () => [], onlyProxy(origin.url))
    const questions = ['/cookie', '/private', '/broken'].map((path) => ({ path }))
    const { warm } = await expectUnseen(twin, questions, { fields: ['set-cookie'] })
    expect(warm).to.deep.equal(['miss', 'miss', 'miss'])
    expect(refusals(twin).slice(0, 3)).to.deep.equal(['set-cookie', 'private', 'status-502'])
  })

  it('passes writes on untouched', async () => {
    const origin = await upstream((req, res) => void req.pipe(res))
    const twin = await start.express('behind us', () => [], onlyProxy(origin.url))
    for (const body of ['one', 'two']) {
      const answer = await fetch(`http://127.0.0.1:${twin.cached}/write`, { method: 'POST', body })
      expect(await answer.text()).to.equal(body)
    }
    expect(twin.events.filter(({ type }) => type === 'run')).to.deep.equal([])
  })

  // T12, T13
  for (const announced of [true, false]) {
    it(`has nothing stored of an upstream that dies within a ${announced ? 'measured' : 'chunked'} body`, async () => {
      let dies = true
      const origin = await upstream((_req, res) => {
        res.setHeader('Content-Type', 'text/plain')
        if (announced) res.setHeader('Content-Length', long.length)
        if (!dies) return void res.end(long)
        res.write(long.slice(0, 1_000), () => setImmediate(() => res.destroy()))
      })
      const twin = await start.express('behind us', () => [], onlyProxy(origin.url))
      const client = await getSlowly(twin.cached, '/page', { host: 'shop.test' })
      expect(client.status).to.equal(200)
      await eventually(() => expect(origin.asked).to.have.length(1))
      client.abort()
      await eventually(() => expect(trace(twin.events)).to.deep.equal(['miss', 'client-left']))
      dies = false
      const headers = { host: 'shop.test' }
      for (let i = 0; i < 2; i++) {
        expect((await ask(twin.cached, { path: '/page', headers })).body.toString()).to.equal(long)
      }
      expect(trace(twin.events).slice(2)).to.deep.equal(['miss', 'stored', 'hit'])
    })
  }

  it('has nothing stored where there is no upstream', async () => {
    const origin = await upstream(listener)
    const twin = await start.express('behind us', () => [], onlyProxy(origin.url.replace(/:\d+$/, ':1')))
    const { warm } = await expectUnseen(twin, [{ path: '/page', headers: { host: 'shop.test' } }])
    expect(warm).to.deep.equal(['miss'])
    expect(refusals(twin)).to.have.length(2)
  })
})

describe('http-proxy-middleware on Koa, where it answers by itself', () => {
  const start = pairs()
  const upstream = upstreams()

  it('is passed through and never stored', async () => {
    const origin = await upstream(listener)
    const pass = proxy(origin.url)
    const twin = await start.koa(
      'behind us',
      () => [],
      (app) => {
        app.use(async (ctx) => {
          ctx.respond = false
          ctx.res.statusCode = 200
          void pass(ctx.req as never, ctx.res as never, () => undefined)
          await once(ctx.res, 'finish')
        })
      },
    )
    const { warm } = await expectUnseen(twin, [{ path: '/measured' }, { path: '/tagged' }])
    expect(warm).to.deep.equal(['miss', 'miss'])
    expect(refusals(twin)).to.deep.equal(Array(4).fill('detached'))
  })
})
