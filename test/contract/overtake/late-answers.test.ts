// A run that was overtaken: its client has the other answer, whole and alone; what it answers late is noted, and reaches nobody.
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { deferred } from '../../support/gate.ts'
import { type Expected, expressHandlers, koaHandlers } from './handlers.ts'
import { type NotedRun, Runs, stage } from './stage.ts'

const head = [
  'HTTP/1.1 200 OK',
  'X-Outer: yes',
  'Content-Type: text/plain; charset=utf-8',
  'ETag: "stale"',
  'Age: 7',
  'Cache-Status: tiercache-l1; hit; ttl=-7',
  'Content-Length: 16',
  'Date: now',
  'Connection: keep-alive',
  'Keep-Alive: timeout=5',
  '',
  '',
].join('\r\n')

async function expectLate(run: NotedRun, expected: Expected | undefined): Promise<void> {
  if (expected === undefined) return expect(await run.result).to.be.a('string') as never
  const { status, body, headers } = await run.whole()
  expect({ status, body: body.toString() }).to.deep.equal({ status, body: expected.body })
  expect(status).to.equal(expected.status)
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  if (expected.type !== undefined) expect(type).to.equal(expected.type)
  expect(headers.map(([name]) => name)).to.not.include.members(['Age', 'X-Outer'])
}

/** Serves both frameworks: `/late` is overtaken, `/next` answers at once. */
const applications = {
  Express: (runs: Runs, late: Promise<unknown>, kind: string) => {
    const app = express().set('env', 'test').set('etag', false).disable('x-powered-by')
    app.use((_req, res, next) => {
      res.set('X-Outer', 'yes')
      next()
    })
    app.get('/late', runs.express, expressHandlers[kind]!.make(late))
    app.get('/next', (_req, res) => void res.send('the next'))
    app.use(((error, _req, res, next) => {
      if (res.headersSent) return next(error)
      res.status(500).send(error.message)
    }) as express.ErrorRequestHandler)
    app.use((req, res) => void res.status(404).send(`Cannot GET ${req.path}`))
    return app
  },
  Koa: (runs: Runs, late: Promise<unknown>, kind: string) => {
    const app = new Koa()
    app.silent = true
    app.use((ctx, next) => {
      ctx.set('X-Outer', 'yes')
      return next()
    })
    app.use((ctx, next) => {
      if (ctx.path === '/late') return next()
      ctx.body = 'the next'
    })
    app.use(runs.koa)
    app.use(koaHandlers[kind]!.make(late))
    return app.callback()
  },
} as const

const kinds = { Express: expressHandlers, Koa: koaHandlers } as const

for (const name of ['Express', 'Koa'] as const) {
  describe(`an overtaken run on ${name}`, () => {
    const { listen, connect } = stage()

    for (const [kind, { whole }] of Object.entries(kinds[name])) {
      it(`that answers by ${kind} answers nobody`, async () => {
        const runs = new Runs()
        const late = deferred()
        const connection = connect(await listen(applications[name](runs, late.promise, kind)))
        connection.write('/late')
        const run = await runs.next()
        expect(run.overtake()).to.equal(true)
        const answer = await connection.read()
        expect(answer.head).to.equal(head)
        expect(answer.text).to.equal('the stale answer')
        expect((await connection.ask('/next')).text).to.equal('the next')
        late.resolve()
        await expectLate(run, whole)
        expect((await connection.ask('/next')).text).to.equal('the next')
        connection.close()
      })

      it(`that answers by ${kind} at the same moment answers nobody`, async () => {
        const runs = new Runs()
        const late = deferred()
        const connection = connect(await listen(applications[name](runs, late.promise, kind)))
        connection.write('/late')
        const run = await runs.next()
        expect(run.overtake()).to.equal(true)
        late.resolve()
        connection.write('/next')
        expect((await connection.read()).text).to.equal('the stale answer')
        expect((await connection.read()).text).to.equal('the next')
        await expectLate(run, whole)
        expect((await connection.ask('/next')).text).to.equal('the next')
        connection.close()
      })
    }
  })
}
