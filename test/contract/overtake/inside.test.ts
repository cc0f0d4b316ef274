// Middleware behind us works on the late answer alone: nothing of it is in the answer that its client gets.
import { AsyncLocalStorage } from 'node:async_hooks'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import cookieSession from 'cookie-session'
import express from 'express'
import session from 'express-session'
import Koa from 'koa'
import compress from 'koa-compress'
import { holdAnswer } from '../../../src/http/hold.ts'
import { actAfter } from '../../../src/koa/act-after.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { Runs, stage, stale } from './stage.ts'

const gzip = { 'Accept-Encoding': 'gzip' }
const long = 'late '.repeat(20_000)

describe('an overtaken run with middleware behind us', () => {
  const { listen, connect } = stage()

  /** Overtakes one run, and tells both answers. */
  async function overtaken(
    make: (runs: Runs, late: Promise<unknown>) => Parameters<typeof listen>[0],
    { runs = new Runs(), response = stale } = {},
  ) {
    const late = deferred()
    const connection = connect(await listen(make(runs, late.promise)))
    connection.write('/', { headers: gzip })
    const run = await runs.next()
    expect(run.overtake(response)).to.equal(true)
    const answer = await connection.read()
    expect(answer.text).to.equal('the stale answer')
    late.resolve()
    const result = await run.result
    connection.write('/', { headers: gzip })
    const next = await runs.next()
    await next.whole()
    const nextAnswer = await connection.read()
    connection.close()
    return { answer, result, nextAnswer, heads: run.heads }
  }

  const fieldOf = (result: unknown, name: string) =>
    (result as typeof stale).headers.find(([one]) => one.toLowerCase() === name)?.[1]

  it('notes what compression makes of the late answer', async () => {
    const { answer, result, nextAnswer } = await overtaken((runs, late) =>
      express().use(runs.express, compression(), async (_req, res) => {
        await late
        res.type('text').send(long)
      }),
    )
    expect([answer.field('content-encoding'), answer.field('vary')]).to.deep.equal([undefined, undefined])
    expect(fieldOf(result, 'content-encoding')).to.equal('gzip')
    expect(gunzipSync((result as typeof stale).body).toString()).to.equal(long)
    expect(gunzipSync(nextAnswer.body).toString()).to.equal(long)
  })

  it('notes what compression makes of a stream that waits for room', async () => {
    const { result } = await overtaken((runs, late) =>
      express().use(runs.express, compression({ level: 0 }), async (_req, res) => {
        res.type('text')
        await late
        for (let i = 0; i < 40; i++) {
          if (!res.write('late '.repeat(500))) await new Promise((resolve) => res.once('drain', resolve))
        }
        res.end()
      }),
    )
    expect(gunzipSync((result as typeof stale).body).toString()).to.equal(long)
  })

  it('notes the cookie of a session', async () => {
    const sessions = session({ secret: 'secret', resave: false, saveUninitialized: true })
    const { answer, result } = await overtaken((runs, late) =>
      express().use(runs.express, sessions, async (_req, res) => {
        await late
        res.send('with a session')
      }),
    )
    expect(answer.field('set-cookie')).to.equal(undefined)
    expect(String(fieldOf(result, 'set-cookie'))).to.match(/^connect\.sid=/)
  })

  it('notes the cookie of a session that is set past the methods of the response', async () => {
    const { answer, result, heads } = await overtaken((runs, late) =>
      express().use(runs.express, cookieSession({ keys: ['secret'] }), async (req, res) => {
        await late
        Object.assign(req.session!, { late: true })
        res.send('with a session')
      }),
    )
    expect(answer.field('set-cookie')).to.equal(undefined)
    expect(result).to.deep.include({ body: Buffer.from('with a session') })
    // Past the methods it is not seen to be the run's own, but it is judged.
    const fields = [...heads[0]!.headers].map(([name, value]) => `${name}: ${value}`)
    expect(fields.join('\n')).to.match(/^set-cookie: session=/im)
  })

  it('judges such a cookie also while its client still reads', async () => {
    const runs = new Runs()
    const late = deferred()
    const app = express().use(runs.express, cookieSession({ keys: ['secret'] }), async (req, res) => {
      await late.promise
      Object.assign(req.session!, { late: true })
      res.send('with a session')
    })
    const connection = connect(await listen(app))
    connection.write('/')
    const run = await runs.next()
    expect(run.overtake({ ...stale, body: Buffer.alloc(20_000_000, 'stale ') })).to.equal(true)
    late.resolve()
    await run.whole()
    expect(run.heads[0]!.headers.map(([name]) => name.toLowerCase())).to.include('set-cookie')
    expect((await connection.read()).field('set-cookie')).to.equal(undefined)
    connection.close()
  })

  it('notes what koa-compress makes of the late answer', async () => {
    const { answer, result } = await overtaken((runs, late) =>
      new Koa()
        .use(runs.koa)
        .use(compress())
        .use(async (ctx) => {
          await late
          ctx.body = long
        })
        .callback(),
    )
    expect(answer.field('content-encoding')).to.equal(undefined)
    expect(gunzipSync((result as typeof stale).body).toString()).to.equal(long)
  })

  it('holds the late answer where that is to be held', async () => {
    const acts: string[] = []
    const { result } = await overtaken((runs, late) =>
      express().use(
        runs.express,
        (_req, res, next) => {
          holdAnswer(res, async () => void acts.push('acted'))
          next()
        },
        async (_req, res) => {
          await late
          res.send('held')
        },
      ),
    )
    expect((result as typeof stale).body.toString()).to.equal('held')
    expect(acts).to.deep.equal(['acted', 'acted'])
  })

  it('acts for the late answer where Koa is to wait for that', async () => {
    const acts: string[] = []
    const { result } = await overtaken((runs, late) =>
      new Koa()
        .use(runs.koa)
        .use((ctx, next) => actAfter(ctx, next, async () => void acts.push('acted')))
        .use(async (ctx) => {
          await late
          ctx.body = 'held'
        })
        .callback(),
    )
    expect((result as typeof stale).body.toString()).to.equal('held')
    expect(acts).to.deep.equal(['acted', 'acted'])
  })

  it('keeps the context of its request', async () => {
    const storage = new AsyncLocalStorage<string>()
    const stores: unknown[] = []
    await overtaken((runs, late) =>
      express().use(
        (_req, _res, next) => storage.run('of the request', next),
        runs.express,
        (_req, res) => {
          res.once('close', () => stores.push(storage.getStore()))
          void late.then(() => res.send('in context'))
        },
      ),
    )
    await eventually(() => expect(stores).to.deep.equal(['of the request', 'of the request']))
  })
})

describe('an overtaken run with a held answer', () => {
  const { listen, connect } = stage()

  for (const [name, make] of Object.entries({
    Express: (runs: Runs, act: () => Promise<void>, late: Promise<unknown>) =>
      express().use(
        (_req, res, next) => {
          holdAnswer(res, act)
          next()
        },
        runs.express,
        async (_req, res) => {
          await late
          res.send(`late ${res.headersSent} ${res.writableEnded}`)
        },
      ),
    Koa: (runs: Runs, act: () => Promise<void>, late: Promise<unknown>) =>
      new Koa()
        .use((ctx, next) => actAfter(ctx, next, act))
        .use(runs.koa)
        .use(async (ctx) => {
          await late
          ctx.body = `late ${ctx.headerSent} ${ctx.res.writableEnded}`
        })
        .callback(),
  })) {
    for (const order of ['before', 'after']) {
      it(`that is let go ${order} the handler answers, on ${name}`, async () => {
        const runs = new Runs()
        const [held, late] = [deferred(), deferred()]
        const connection = connect(await listen(make(runs, () => held.promise, late.promise)))
        connection.write('/')
        const run = await runs.next()
        expect(run.overtake()).to.equal(true)
        if (order === 'before') {
          held.resolve()
          expect((await connection.read()).text).to.equal('the stale answer')
          late.resolve()
          expect((await run.whole()).body.toString()).to.equal('late false false')
        } else {
          late.resolve()
          expect((await run.whole()).body.toString()).to.equal('late false false')
          held.resolve()
          expect((await connection.read()).text).to.equal('the stale answer')
        }
        connection.write('/')
        const next = await runs.next()
        await next.whole()
        expect((await connection.read()).text).to.equal('late false false')
        connection.close()
      })
    }
  }
})

describe('an overtaken run with another further in', () => {
  const { listen, connect } = stage()

  const applications = {
    Express: (outer: Runs, inner: Runs, late: Promise<unknown>) =>
      express().use(outer.express, inner.express, async (_req, res) => {
        await late
        res.send('late')
      }),
    Koa: (outer: Runs, inner: Runs, late: Promise<unknown>) =>
      new Koa()
        .use(outer.koa)
        .use(inner.koa)
        .use(async (ctx) => {
          await late
          ctx.body = 'late'
        })
        .callback(),
  }
  const other = { ...stale, body: Buffer.from('another answer') }

  for (const [name, make] of Object.entries(applications)) {
    it(`lets both note the late answer on ${name}`, async () => {
      const [outer, inner, late] = [new Runs(), new Runs(), deferred()]
      const connection = connect(await listen(make(outer, inner, late.promise)))
      connection.write('/')
      const [first, second] = [await outer.next(), await inner.next()]
      expect(first.overtake()).to.equal(true)
      expect((await connection.read()).text).to.equal('the stale answer')
      late.resolve()
      expect((await second.whole()).body.toString()).to.equal('late')
      expect((await first.whole()).body.toString()).to.equal('late')
      connection.close()
    })

    it(`sends what came first where both are overtaken on ${name}`, async () => {
      const [outer, inner, late] = [new Runs(), new Runs(), deferred()]
      const connection = connect(await listen(make(outer, inner, late.promise)))
      connection.write('/')
      const [first, second] = [await outer.next(), await inner.next()]
      expect([first.overtake(), second.overtake(other)]).to.deep.equal([true, true])
      expect((await connection.read()).text).to.equal('the stale answer')
      late.resolve()
      expect((await second.whole()).body.toString()).to.equal('late')
      // On Koa what crosses our place is what stands in `ctx` in the end.
      expect((await first.whole()).body.toString()).to.equal(name === 'Koa' ? 'late' : 'another answer')
      connection.close()
    })

    it(`sends the answer in the place of the inner one on ${name}`, async () => {
      const [outer, inner, late] = [new Runs(), new Runs(), deferred()]
      const connection = connect(await listen(make(outer, inner, late.promise)))
      connection.write('/')
      const [first, second] = [await outer.next(), await inner.next()]
      expect([second.overtake(), first.overtake(other)]).to.deep.equal([true, false])
      expect((await connection.read()).text).to.equal('the stale answer')
      late.resolve()
      expect((await second.whole()).body.toString()).to.equal('late')
      connection.close()
    })
  }
})
