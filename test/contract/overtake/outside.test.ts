// Middleware before us sees the answer that its client gets, also where it finishes its work later; never the late one.
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import express from 'express'
import session from 'express-session'
import Koa from 'koa'
import compress from 'koa-compress'
import koaSession from 'koa-session'
import morgan from 'morgan'
import { deferred, eventually } from '../../support/gate.ts'
import { Runs, stage, stale } from './stage.ts'

const long = { ...stale, body: Buffer.from('long stale '.repeat(20_000)) }
const gzip = { 'Accept-Encoding': 'gzip' }

describe('an overtaken run behind Express middleware', () => {
  const { listen, connect } = stage()

  function application(runs: Runs, late: Promise<unknown>, ...outer: express.RequestHandler[]) {
    const app = express().set('env', 'test')
    app.use(...outer)
    app.get('/late', runs.express, async (req, res) => {
      res.set('X-Run', 'yes')
      await late
      if (req.session) Object.assign(req.session, { late: true })
      res.set('Content-Type', 'text/late').send('late '.repeat(5_000))
    })
    app.get('/next', (_req, res) => void res.send('the next'))
    return app
  }

  it('has its answer coded by compression, and its late answer noted as it is', async () => {
    const runs = new Runs()
    const late = deferred()
    const connection = connect(await listen(application(runs, late.promise, compression())))
    connection.write('/late', { headers: gzip })
    const run = await runs.next()
    expect(run.overtake(long)).to.equal(true)
    // Compression has formed its head, but sends its bytes in later turns: the handler answers between them.
    late.resolve()
    connection.write('/next')
    const answer = await connection.read()
    expect(answer.field('content-encoding')).to.equal('gzip')
    expect(answer.field('x-run')).to.equal(undefined)
    expect(gunzipSync(answer.body).equals(long.body)).to.equal(true)
    expect((await connection.read()).text).to.equal('the next')
    const { body, headers } = await run.whole()
    expect(body.toString()).to.equal('late '.repeat(5_000))
    expect(headers.map(([name]) => name.toLowerCase())).to.not.include('content-encoding')
    connection.close()
  })

  it('sets and saves its session with the answer that its client gets', async () => {
    const runs = new Runs()
    const late = deferred()
    const store = new session.MemoryStore()
    const saved: (() => void)[] = []
    const { set } = store
    store.set = (id, data, done) => set.call(store, id, data, () => saved.push(done as () => void))
    const sessions = session({ secret: 'secret', resave: false, saveUninitialized: true, store })
    const connection = connect(await listen(application(runs, late.promise, sessions)))
    connection.write('/late')
    const run = await runs.next()
    expect(run.overtake()).to.equal(true)
    // The handler answers while the session is being saved: the answer of its client is not ended yet.
    await eventually(() => expect(saved).to.have.length(1))
    late.resolve()
    const { body, headers } = await run.whole()
    expect(body.toString()).to.equal('late '.repeat(5_000))
    expect(headers.map(([name]) => name.toLowerCase())).to.not.include('set-cookie')
    saved[0]!()
    const answer = await connection.read()
    expect(answer.text).to.equal('the stale answer')
    expect(answer.field('set-cookie')).to.match(/^connect\.sid=/)
    store.set = set
    expect((await connection.ask('/next')).text).to.equal('the next')
    connection.close()
  })

  it('is logged by morgan as its client saw it, once', async () => {
    const runs = new Runs()
    const late = deferred()
    const lines: string[] = []
    const logger = morgan(':method :url :status :res[content-length] :res[etag]', {
      stream: { write: (line) => void lines.push(line) },
    })
    const connection = connect(await listen(application(runs, late.promise, logger)))
    connection.write('/late')
    const run = await runs.next()
    expect(run.overtake({ ...stale, status: 203 })).to.equal(true)
    late.resolve()
    expect((await connection.read()).status).to.equal(203)
    await run.whole()
    await connection.ask('/next')
    await eventually(() => expect(lines).to.have.length(2))
    expect(lines[0]).to.equal('GET /late 203 16 \\"stale\\"\n')
    connection.close()
  })

  it('passes middleware that ends later, behind compression and a session', async () => {
    const runs = new Runs()
    const late = deferred()
    const waiting: (() => void)[] = []
    const slow: express.RequestHandler = (req, res, next) => {
      const { end } = res
      if (req.path === '/late') {
        res.end = ((...args: Parameters<typeof end>) => {
          waiting.push(() => Reflect.apply(end, res, args))
          return res
        }) as typeof end
      }
      next()
    }
    const sessions = session({ secret: 'secret', resave: false, saveUninitialized: true })
    const connection = connect(await listen(application(runs, late.promise, sessions, slow, compression())))
    connection.write('/late', { headers: gzip })
    const run = await runs.next()
    expect(run.overtake(long)).to.equal(true)
    late.resolve()
    await run.whole()
    await eventually(() => expect(waiting).to.have.length(1))
    waiting[0]!()
    const answer = await connection.read()
    expect(gunzipSync(answer.body).equals(long.body)).to.equal(true)
    expect((await connection.ask('/next')).text).to.equal('the next')
    connection.close()
  })

  it('breaks its connection where that middleware fails, and goes on', async () => {
    const runs = new Runs()
    const late = deferred()
    const failing: express.RequestHandler = (_req, res, next) => {
      res.end = () => {
        throw new Error('cannot end')
      }
      next()
    }
    const connection = connect(await listen(application(runs, late.promise, failing)))
    connection.write('/late')
    const run = await runs.next()
    run.overtake()
    late.resolve()
    expect(await connection.read().catch((error: Error) => error.message)).to.match(/^The connection ended/)
    expect((await run.whole()).body.toString()).to.equal('late '.repeat(5_000))
  })
})

describe('an overtaken run behind Koa middleware', () => {
  const { listen, connect } = stage()

  it('leaves what outer middleware does afterwards to the late answer', async () => {
    const runs = new Runs()
    const late = deferred()
    const seen: unknown[] = []
    const app = new Koa()
    app.keys = ['secret']
    app.use(async (ctx, next) => {
      await next()
      if (ctx.path !== '/late') return
      ctx.set('X-After', 'yes')
      seen.push(ctx.status, ctx.response.length)
    })
    app.use(koaSession(app))
    app.use(compress())
    app.use((ctx, next) => {
      if (ctx.path === '/late') return next()
      ctx.body = 'the next'
    })
    app.use(runs.koa)
    app.use(async (ctx) => {
      await late.promise
      Object.assign(ctx.session!, { late: true })
      ctx.body = { late: 'late '.repeat(5_000) }
    })
    const connection = connect(await listen(app.callback()))
    connection.write('/late', { headers: gzip })
    const run = await runs.next()
    expect(run.overtake()).to.equal(true)
    const answer = await connection.read()
    expect(answer.text).to.equal('the stale answer')
    expect(answer.field('x-after')).to.equal(undefined)
    late.resolve()
    expect(JSON.parse((await run.whole()).body.toString())).to.deep.equal({ late: 'late '.repeat(5_000) })
    await eventually(() => expect(seen[0]).to.equal(200))
    expect((await connection.ask('/next')).text).to.equal('the next')
    connection.close()
  })

  it('lets a late error go its usual way, to nobody', async () => {
    const runs = new Runs()
    const late = deferred()
    const errors: string[] = []
    const caught: string[] = []
    const app = new Koa()
    app.on('error', (error: Error) => errors.push(error.message))
    app.use(async (_ctx, next) => {
      try {
        await next()
      } catch (error) {
        caught.push((error as Error).message)
        throw error
      }
    })
    app.use(runs.koa)
    app.use(async () => {
      await late.promise
      throw new Error('late trouble')
    })
    const connection = connect(await listen(app.callback()))
    connection.write('/')
    const run = await runs.next()
    run.overtake()
    expect((await connection.read()).text).to.equal('the stale answer')
    late.resolve()
    expect(await run.result).to.equal('failed')
    await eventually(() =>
      expect({ errors, caught }).to.deep.equal({ errors: ['late trouble'], caught: ['late trouble'] }),
    )
    expect((await connection.ask('/')).text).to.equal('Internal Server Error')
    connection.close()
  })
})
