// Runs that are overtaken at any moment, or just too late: each request has one answer, whole, and the next one has its own.
import { setImmediate as turn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import express from 'express'
import session from 'express-session'
import fc from 'fast-check'
import Koa from 'koa'
import compress from 'koa-compress'
import koaSession from 'koa-session'
import morgan from 'morgan'
import type { RawAnswer } from './connection.ts'
import { type Expected, expressHandlers, koaHandlers, type LateHandler } from './handlers.ts'
import { Runs, stage, stale } from './stage.ts'

/** Not what a client of a kept connection can be asked to take, where nobody overtakes. */
const unfit = [
  'an error that it emits',
  'two answers',
  'an interim answer first',
  'fields and a status that were set in time',
  'req.destroy()',
]

function fitting<T>(handlers: Readonly<Record<string, LateHandler<T>>>): [name: string, LateHandler<T>][] {
  return Object.entries(handlers).filter(
    ([name, { whole }]) => whole !== undefined && !unfit.includes(name) && !/destroy\(\)/.test(name),
  )
}

/** One request: when its handler goes on and when it is overtaken, in turns of the event loop; and what its client takes. */
interface Moment {
  readonly kind: number
  readonly lateAfter: number
  readonly overtakenAfter: number
  readonly size: number
  readonly gzip: boolean
}

const moment: fc.Arbitrary<Moment> = fc.record({
  kind: fc.nat(100),
  lateAfter: fc.nat(6),
  overtakenAfter: fc.nat(6),
  size: fc.constantFrom(0, 1, 10, 70_000, 1_000_000),
  gzip: fc.boolean(),
})

const plan = fc.record({
  outer: fc.subarray(['log', 'session', 'compress'] as const),
  moments: fc.array(moment, { minLength: 1, maxLength: 5 }),
})

type Outer = 'log' | 'session' | 'compress'

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn()
}

function textOf({ field, body }: RawAnswer): string {
  return (field('content-encoding') === 'gzip' ? gunzipSync(body) : body).toString()
}

describe('runs that are overtaken at any moment', () => {
  const { listen, connect } = stage()

  const expressKinds = fitting(expressHandlers)
  const koaKinds = fitting(koaHandlers)

  const serveExpress = (runs: Runs, outer: readonly Outer[], moments: readonly Moment[]) => {
    const middleware: Record<Outer, express.RequestHandler> = {
      log: morgan('combined', { stream: { write: () => undefined } }),
      session: session({ secret: 'secret', resave: true, saveUninitialized: true }),
      compress: compression(),
    }
    const app = express().set('env', 'test').set('etag', false)
    for (const name of outer) app.use(middleware[name])
    app.get('/late', runs.express, (req, res, next) => {
      const { kind, lateAfter } = moments[Number(req.query.n)]!
      return expressKinds[kind % expressKinds.length]![1].make(turns(lateAfter))(req, res, next)
    })
    app.use(((error, _req, res, next) => {
      if (res.headersSent) return next(error)
      res.status(500).send(error.message)
    }) as express.ErrorRequestHandler)
    app.use((req, res) => void res.status(404).send(`Cannot GET ${req.path}`))
    return app
  }

  const serveKoa = (runs: Runs, outer: readonly Outer[], moments: readonly Moment[]) => {
    const app = new Koa()
    app.keys = ['secret']
    const middleware: Record<Outer, Koa.Middleware> = {
      log: (_ctx, next) => next(),
      session: koaSession(app),
      compress: compress(),
    }
    for (const name of outer) app.use(middleware[name])
    app.use(runs.koa)
    app.use((ctx, next) => {
      const { kind, lateAfter } = moments[Number(ctx.query.n)]!
      return koaKinds[kind % koaKinds.length]![1].make(turns(lateAfter))(ctx, next)
    })
    return app.callback()
  }

  async function expectOneAnswerEach(
    serve: typeof serveExpress | typeof serveKoa,
    kinds: readonly (readonly [string, { readonly whole: Expected | undefined }])[],
    { outer, moments }: { outer: readonly Outer[]; moments: readonly Moment[] },
  ): Promise<void> {
    const runs = new Runs()
    const connection = connect(await listen(serve(runs, outer, moments)))
    for (const [n, { kind, overtakenAfter, size, gzip }] of moments.entries()) {
      const { whole } = kinds[kind % kinds.length]![1]
      connection.write(`/late?n=${n}`, gzip ? { headers: { 'Accept-Encoding': 'gzip' } } : {})
      const run = await runs.next()
      await turns(overtakenAfter)
      const isOvertaken = run.overtake({ ...stale, body: Buffer.alloc(size, 'stale ') })
      const answer = await connection.read()
      const expected = isOvertaken ? Buffer.alloc(size, 'stale ').toString() : whole!.body
      expect(answer.status).to.equal(isOvertaken ? 200 : whole!.status)
      expect(textOf(answer) === expected, `the body of request ${n}, ${isOvertaken}`).to.equal(true)
      expect((await run.whole()).body.toString() === whole!.body, `what run ${n} came to`).to.equal(true)
    }
    connection.close()
  }

  it('leave each request one whole answer on Express', async () => {
    await fc.assert(
      fc.asyncProperty(plan, (drawn) => expectOneAnswerEach(serveExpress, expressKinds, drawn)),
      { numRuns: 50 },
    )
  })

  it('leave each request one whole answer on Koa', async () => {
    await fc.assert(
      fc.asyncProperty(plan, (drawn) => expectOneAnswerEach(serveKoa, koaKinds, drawn)),
      { numRuns: 50 },
    )
  })
})
