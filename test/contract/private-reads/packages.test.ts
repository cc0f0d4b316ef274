// Real middleware, before the cache and behind it: what it does for itself is no reading of the handler's.
import type { Server } from 'node:http'
import { expect } from 'chai'
import cookieParser from 'cookie-parser'
import cookieSession from 'cookie-session'
import express, { type Express, type RequestHandler } from 'express'
import session from 'express-session'
import Koa, { type Context } from 'koa'
import koaSession from 'koa-session'
import morgan from 'morgan'
import { createCache as createExpressCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get } from '../../support/http-client.ts'
import { listening } from '../starting.ts'
import { runs, told } from './sides.ts'

interface WithSession {
  session: { user?: string; views?: number }
}

describe('private readings among real middleware', () => {
  const listen = listening()
  const lines: string[] = []

  const sessions = (saveUninitialized: boolean, resave: boolean) =>
    session({ secret: 'x', resave, saveUninitialized, rolling: false })

  const stacks: Readonly<Record<string, readonly RequestHandler[]>> = {
    'express-session': [sessions(false, false)],
    'express-session that saves each time': [sessions(false, true)],
    'cookie-session': [cookieSession({ keys: ['x'] })],
    'cookie-parser': [cookieParser('x')],
    'morgan, at once and at the end': [
      morgan(':req[cookie] :method', { immediate: true, stream: { write: (line) => void lines.push(line) } }),
      morgan('combined', { stream: { write: (line) => void lines.push(line) } }),
    ],
    'all of them': [morgan('tiny', { stream: { write: () => undefined } }), cookieParser('x'), sessions(false, true)],
  }

  const signIn: RequestHandler = (req, res) => {
    ;(req as unknown as WithSession).session = Object.assign((req as unknown as WithSession).session ?? {}, {
      user: String(req.query.name),
    })
    res.cookie('theme', 'dark').end('in')
  }

  async function startExpress(
    before: readonly RequestHandler[],
    between: readonly RequestHandler[],
    handler: RequestHandler,
  ) {
    const events: CacheEvent[] = []
    const { cacheRoute } = createExpressCache({ listeners: [(event) => events.push(event)] })
    const app: Express = express()
    for (const one of before) app.use(one)
    app.get('/in', signIn)
    app.get('/page', cacheRoute('1m'), ...between, handler)
    return { events, port: await listen(app as unknown as { listen(port: number, host: string): Server }) }
  }

  async function memberOf(port: number, name = 'ann'): Promise<string> {
    const { headers } = await get(port, `/in?name=${name}`)
    return (headers['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ')
  }

  for (const [name, before] of Object.entries(stacks)) {
    it(`stores what a handler makes without a look at the session: ${name} before the cache`, async () => {
      const app = await startExpress(before, [], (_req, res) => void res.send('page'))
      const cookie = await memberOf(app.port)
      expect((await get(app.port, '/page', { Cookie: cookie })).text).to.equal('page')
      expect((await get(app.port, '/page')).headers.age).to.equal('0')
      expect([runs(app), told(app)]).to.deep.equal([['stored'], []])
    })

    it(`stores what is streamed without a look at the session: ${name} before the cache`, async () => {
      const app = await startExpress(before, [], (_req, res) => {
        res.write('pa')
        setImmediate(() => res.end('ge'))
      })
      expect((await get(app.port, '/page', { Cookie: await memberOf(app.port) })).text).to.equal('page')
      expect([runs(app), told(app)]).to.deep.equal([['stored'], []])
    })
  }

  for (const name of ['express-session', 'express-session that saves each time', 'cookie-session', 'all of them']) {
    it(`gives everyone a page of their own where the handler looks at the session of ${name}`, async () => {
      const app = await startExpress(stacks[name]!, [], (req, res) => {
        res.send(`page for ${(req as unknown as WithSession).session.user ?? 'a guest'}`)
      })
      const [ann, bob] = [await memberOf(app.port, 'ann'), await memberOf(app.port, 'bob')]
      const asked = ['', ann, bob, '', ann, bob]
      const answers = await Promise.all(
        asked.map((cookie) => get(app.port, '/page', cookie === '' ? {} : { Cookie: cookie })),
      )
      const guest = 'page for a guest'
      const own = [guest, 'page for ann', 'page for bob']
      expect(answers.map(({ text }) => text)).to.deep.equal([...own, ...own])
      expect(told(app)).to.deep.equal(['req.session'])
    })
  }

  for (const [name, between] of Object.entries({
    'express-session': [sessions(false, false)],
    'cookie-parser': [cookieParser('x')],
  })) {
    it(`takes ${name} behind the cache for a part of the handler`, async () => {
      const app = await startExpress([], between, (_req, res) => void res.send('page'))
      await get(app.port, '/page')
      expect(runs(app)).to.deep.equal(['private-read'])
      expect(told(app)).to.include('req.headers.cookie')
    })
  }

  it('lets a session behind the cache work', async () => {
    const app = await startExpress([], [sessions(true, true)], (req, res) => {
      const own = (req as unknown as WithSession).session
      own.views = (own.views ?? 0) + 1
      res.send(`view ${own.views}`)
    })
    const first = await get(app.port, '/page')
    const cookie = first.headers['set-cookie']![0]!.split(';', 1)[0]!
    const texts = [
      first.text,
      (await get(app.port, '/page', { Cookie: cookie })).text,
      (await get(app.port, '/page')).text,
    ]
    expect(texts).to.deep.equal(['view 1', 'view 2', 'view 1'])
  })

  it('stores files that are served from a folder', async () => {
    const app = await startExpress(
      [sessions(false, true)],
      [express.static(new URL('.', import.meta.url).pathname)],
      (req, res) => res.sendFile(new URL(import.meta.url).pathname, { ...req.query, maxAge: '1m' }),
    )
    const answer = await get(app.port, '/page', { Cookie: 'a=1' })
    expect(answer.status).to.equal(200)
    expect([runs(app), told(app)]).to.deep.equal([['stored'], []])
  })

  it('stores what a parsed body leads to', async () => {
    const app = await startExpress(
      [],
      [express.json(), express.urlencoded()],
      (_req, res) => void res.json({ page: 1 }),
    )
    await get(app.port, '/page', { Cookie: 'a=1' })
    expect([runs(app), told(app)]).to.deep.equal([['stored'], []])
  })

  async function startKoa(inside: boolean, handler: (ctx: Context & WithSession) => void) {
    const events: CacheEvent[] = []
    const { cacheRoute } = createKoaCache({ listeners: [(event) => events.push(event)] })
    const app = new Koa()
    app.silent = true
    app.keys = ['x']
    const sessions = koaSession({ renew: true, rolling: false }, app as never) as unknown as Koa.Middleware
    if (!inside) app.use(sessions)
    app.use((ctx, next) => {
      if (ctx.path !== '/in') return next()
      Object.assign((ctx as unknown as WithSession).session, { user: ctx.query.name })
      ctx.body = 'in'
      return undefined
    })
    app.use(cacheRoute('1m'))
    if (inside) app.use(sessions)
    app.use(handler as never)
    return { events, port: await listen(app) }
  }

  it('stores what a Koa handler makes without a look at the session: koa-session before the cache', async () => {
    const app = await startKoa(false, (ctx) => {
      ctx.body = 'page'
    })
    const cookie = await memberOf(app.port)
    expect(cookie).to.match(/^koa\.sess=/)
    expect((await get(app.port, '/page', { Cookie: cookie })).text).to.equal('page')
    expect([runs(app), told(app)]).to.deep.equal([['stored'], []])
  })

  for (const inside of [false, true]) {
    it(`gives everyone a page of their own where the Koa handler looks at a session ${inside ? 'behind' : 'before'} the cache`, async () => {
      const app = await startKoa(inside, (ctx) => {
        ctx.body = `page for ${ctx.session.user ?? 'a guest'}`
      })
      const outside = inside ? await startKoa(false, () => undefined) : app
      const [ann, bob] = [await memberOf(outside.port, 'ann'), await memberOf(outside.port, 'bob')]
      const asked = ['', ann, bob, '', ann, bob]
      const answers = await Promise.all(
        asked.map((cookie) => get(app.port, '/page', cookie === '' ? {} : { Cookie: cookie })),
      )
      const own = ['page for a guest', 'page for ann', 'page for bob']
      expect(answers.map(({ text }) => text)).to.deep.equal([...own, ...own])
      expect(told(app)).to.include('ctx.session')
    })
  }
})
