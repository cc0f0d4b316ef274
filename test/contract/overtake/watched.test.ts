// What an overtaken run reads of its request is noted to the end; what others read meanwhile is not its doing.
import { expect } from 'chai'
import express from 'express'
import session from 'express-session'
import Koa from 'koa'
import koaSession from 'koa-session'
import morgan from 'morgan'
import { watchPlan } from '../../../src/http/watch-plan.ts'
import { deferred } from '../../support/gate.ts'
import { Runs, stage } from './stage.ts'

const headers = { Cookie: 'a=b', Authorization: 'Basic YTpi' }

describe('a watched run that is overtaken', () => {
  const { listen, connect } = stage()

  async function readsOf(make: (runs: Runs, late: Promise<unknown>) => Parameters<typeof listen>[0]) {
    const runs = new Runs({ watches: watchPlan() })
    const late = deferred()
    const connection = connect(await listen(make(runs, late.promise)))
    connection.write('/', { headers })
    const run = await runs.next()
    expect(run.overtake()).to.equal(true)
    expect((await connection.read()).text).to.equal('the stale answer')
    late.resolve()
    await run.whole()
    connection.close()
    return run.reads
  }

  const logger = morgan('combined', { stream: { write: () => undefined } })
  const sessions = session({ secret: 'secret', resave: true, saveUninitialized: true })

  it('has read nothing where loggers and sessions outside have', async () => {
    const reads = await readsOf((runs, late) =>
      express().use(logger, sessions, runs.express, async (_req, res) => {
        await late
        res.send('late')
      }),
    )
    expect(reads).to.deep.equal([])
  })

  it('has read what it reads late', async () => {
    const reads = await readsOf((runs, late) =>
      express().use(logger, sessions, runs.express, async (req, res) => {
        await late
        res.send(`late ${req.headers.cookie}`)
      }),
    )
    expect(reads).to.deep.equal(['req.headers.cookie'])
  })

  it('has read what it reads late on Koa too', async () => {
    for (const read of [true, false]) {
      const reads = await readsOf((runs, late) => {
        const app = new Koa()
        app.keys = ['secret']
        app.use(koaSession(app)).use(runs.koa)
        app.use(async (ctx) => {
          await late
          ctx.body = read ? `late ${ctx.headers.authorization}` : 'late'
        })
        return app.callback()
      })
      expect(reads).to.deep.equal(read ? ['req.headers.authorization'] : [])
    }
  })
})
