// Whose head has left, or who is not there, is not overtaken: nothing is done then.
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { deferred, eventually } from '../../support/gate.ts'
import { type NotedRun, Runs, stage } from './stage.ts'

type Started = { readonly runs: Runs; readonly port: number }

/** Does something of an answer, and tells how to end it. */
interface Begun {
  readonly name: string
  readonly express: express.RequestHandler
  readonly koa: Koa.Middleware
  readonly text: string
}

const begun: readonly Begun[] = [
  {
    name: 'has sent its head',
    express: (_req, res) => void res.flushHeaders(),
    koa: (ctx) => {
      ctx.respond = false
      ctx.res.flushHeaders()
    },
    text: '',
  },
  {
    name: 'has formed its head',
    express: (_req, res) => void res.writeHead(200),
    koa: (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(200)
    },
    text: '',
  },
  {
    name: 'has written',
    express: (_req, res) => void res.write('own '),
    koa: (ctx) => {
      ctx.respond = false
      ctx.res.write('own ')
    },
    text: 'own ',
  },
]

describe('a run', () => {
  const { listen, connect } = stage()
  const start = {
    async Express(handler: express.RequestHandler, runs = new Runs()): Promise<Started> {
      return { runs, port: await listen(express().get('/', runs.express, handler)) }
    },
    async Koa(handler: Koa.Middleware, runs = new Runs()): Promise<Started> {
      const app = new Koa()
      app.silent = true
      return { runs, port: await listen(app.use(runs.koa).use(handler).callback()) }
    },
  }

  for (const { name, express, koa, text } of begun) {
    it(`that ${name} is not overtaken on Express`, async () => {
      const end = deferred()
      const { runs, port } = await start.Express(async (req, res, next) => {
        express(req, res, next)
        await end.promise
        res.end('ending')
      })
      const connection = connect(port)
      connection.write('/')
      expect((await runs.next()).overtake()).to.equal(false)
      end.resolve()
      expect((await connection.read()).text).to.equal(`${text}ending`)
      connection.close()
    })

    it(`that ${name} is not overtaken on Koa`, async () => {
      const end = deferred()
      const { runs, port } = await start.Koa(async (ctx, next) => {
        koa(ctx, next)
        await end.promise
        ctx.res.end('ending')
      })
      const connection = connect(port)
      connection.write('/')
      expect((await runs.next()).overtake()).to.equal(false)
      end.resolve()
      expect((await connection.read()).text).to.equal(`${text}ending`)
      connection.close()
    })
  }

  async function expectRefused({ runs, port }: Started, told: Promise<unknown> = Promise.resolve()): Promise<void> {
    const connection = connect(port)
    connection.write('/')
    const run = await runs.next()
    await told
    const answer = await connection.read()
    expect(run.overtake()).to.equal(false)
    expect(answer.text).to.equal('its own')
    connection.close()
  }

  it('that has answered is not overtaken on Express', async () => {
    await expectRefused(await start.Express((_req, res) => void res.send('its own')))
  })

  it('that has answered is not overtaken on Koa', async () => {
    const handler: Koa.Middleware = (ctx) => {
      ctx.body = 'its own'
    }
    await expectRefused(await start.Koa(handler))
  })

  it('is overtaken once', async () => {
    for (const started of [await start.Express(() => undefined), await start.Koa(() => new Promise(() => undefined))]) {
      const connection = connect(started.port)
      connection.write('/')
      const run = await started.runs.next()
      expect([run.overtake(), run.overtake()]).to.deep.equal([true, false])
      expect((await connection.read()).text).to.equal('the stale answer')
      connection.close()
    }
  })

  it('is not overtaken where its observer did not say that it may be', async () => {
    const late = deferred()
    const runs = () => new Runs({ mayBeOvertaken: false })
    const handler: express.RequestHandler = async (_req, res) => void res.send(await late.promise.then(() => 'its own'))
    const koa: Koa.Middleware = async (ctx) => {
      ctx.body = await late.promise.then(() => 'its own')
    }
    const started = [await start.Express(handler, runs()), await start.Koa(koa, runs())]
    const asked = started.map(async ({ runs, port }) => {
      const connection = connect(port)
      connection.write('/')
      expect((await runs.next()).overtake()).to.equal(false)
      return connection.read()
    })
    await Promise.race([Promise.all(asked), new Promise((resolve) => setImmediate(resolve))])
    late.resolve()
    for (const answer of await Promise.all(asked)) expect(answer.text).to.equal('its own')
  })

  it('whose client is gone is not overtaken', async () => {
    for (const started of [await start.Express(() => undefined), await start.Koa(() => new Promise(() => undefined))]) {
      const connection = connect(started.port)
      connection.write('/')
      const run: NotedRun = await started.runs.next()
      connection.leave()
      await eventually(() => expect(run.exchange.gone).to.equal(true))
      expect(run.overtake()).to.equal(false)
    }
  })

  it('that a callback answers on Koa by itself is over when its handler has returned', async () => {
    const late = deferred()
    const started = await start.Koa((ctx) => {
      ctx.respond = false
      void late.promise.then(() => ctx.res.end('its own'))
    })
    const connection = connect(started.port)
    connection.write('/')
    const run = await started.runs.next()
    expect(await run.result).to.equal('detached')
    expect(run.overtake()).to.equal(false)
    late.resolve()
    expect((await connection.read()).text).to.equal('its own')
    connection.close()
  })

  it('without a client of its own is not overtaken', async () => {
    const late = deferred()
    for (const started of [
      await start.Express(async (_req, res) => void res.send(await late.promise.then(() => 'its own'))),
      await start.Koa(async (ctx) => {
        ctx.body = await late.promise.then(() => 'its own')
      }),
    ]) {
      const connection = connect(started.port)
      connection.write('/')
      const asked = await started.runs.next()
      const forked = asked.exchange.fork!(0)
      const run = await started.runs.next()
      expect(run.exchange.detached).to.equal(true)
      expect(run.overtake()).to.equal(false)
      late.resolve()
      await forked
      expect((await run.whole()).body.toString()).to.equal('its own')
      expect((await connection.read()).text).to.equal('its own')
      connection.close()
    }
  })
})
