// Clients of overtaken runs that are slow, leave, or ask for more at once; and runs whose answers nobody wants.
import { connect as connectSocket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { actAfter } from '../../../src/koa/act-after.ts'
import { deferred } from '../../support/gate.ts'
import { Runs, stage, stale } from './stage.ts'

const huge = { ...stale, body: Buffer.alloc(20_000_000, 'stale ') }

const applications = {
  Express: (runs: Runs, late: (path: string) => Promise<unknown>) =>
    express().use(runs.express, async (req, res) => {
      await late(req.path)
      res.send(`late ${req.path}`)
    }),
  Koa: (runs: Runs, late: (path: string) => Promise<unknown>) => {
    const app = new Koa().use(runs.koa).use(async (ctx) => {
      await late(ctx.path)
      ctx.body = `late ${ctx.path}`
    })
    app.silent = true
    return app.callback()
  },
}

for (const [name, make] of Object.entries(applications)) {
  describe(`the client of an overtaken run on ${name}`, () => {
    const { listen, connect } = stage()

    it('may take long to read its answer', async () => {
      const runs = new Runs()
      const late = deferred()
      const port = await listen(make(runs, () => late.promise))
      const socket = connectSocket(port, '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      const run = await runs.next()
      expect(run.overtake(huge)).to.equal(true)
      late.resolve()
      expect((await run.whole()).body.toString()).to.equal('late /')
      const chunks: Buffer[] = []
      for await (const chunk of socket) chunks.push(chunk)
      const bytes = Buffer.concat(chunks)
      expect(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).equals(huge.body)).to.equal(true)
    })

    const leavings = { 'while it reads its answer': huge, 'when it has it': stale }
    for (const [when, response] of Object.entries(leavings)) {
      it(`may leave ${when}: the run goes on`, async () => {
        const runs = new Runs()
        const late = deferred()
        const left = deferred()
        const port = await listen(
          make(runs, () => late.promise),
          left.resolve,
        )
        const connection = connect(port)
        connection.write('/')
        const run = await runs.next()
        expect(run.overtake(response)).to.equal(true)
        if (response === stale) await connection.read()
        connection.leave()
        await left.promise
        for (let i = 0; i < 20; i++) await turn()
        expect(run.isOver).to.equal(false)
        late.resolve()
        expect(await run.whole()).to.deep.include({ status: 200, body: Buffer.from('late /') })
        expect(run.stalls).to.deep.equal([])
      })
    }

    it('may have asked for more before its turn came', async () => {
      const runs = new Runs()
      const gates = new Map(['/1', '/2', '/3'].map((path) => [path, deferred()]))
      const connection = connect(await listen(make(runs, (path) => gates.get(path)!.promise)))
      for (const path of gates.keys()) connection.write(path)
      const [first, second, third] = [await runs.next(), await runs.next(), await runs.next()]
      const answers = ['1', '2', '3'].map((n) => ({ ...stale, body: Buffer.from(`stale ${n}`) }))
      expect([third.overtake(answers[2]), second.overtake(answers[1])]).to.deep.equal([true, true])
      gates.get('/2')!.resolve()
      expect((await second.whole()).body.toString()).to.equal('late /2')
      expect(first.overtake(answers[0])).to.equal(true)
      for (const n of [1, 2, 3]) expect((await connection.read()).text).to.equal(`stale ${n}`)
      for (const gate of gates.values()) gate.resolve()
      expect((await first.whole()).body.toString()).to.equal('late /1')
      expect((await third.whole()).body.toString()).to.equal('late /3')
      connection.close()
    })
  })
}

describe('the client of an overtaken run that leaves', () => {
  const { listen, connect } = stage()

  it('is not blamed for what the handler breaks off', async () => {
    const runs = new Runs()
    const [late, left] = [deferred(), deferred()]
    const app = express().use(runs.express, async (_req, res) => {
      await late.promise
      res.write('half')
      res.destroy()
    })
    const connection = connect(await listen(app, left.resolve))
    connection.write('/')
    const run = await runs.next()
    run.overtake()
    await connection.read()
    connection.leave()
    await left.promise
    late.resolve()
    expect(await run.result).to.equal('failed')
  })

  it('while its answer is held does not make an error of the late one on Koa', async () => {
    const runs = new Runs()
    const [late, left] = [deferred(), deferred()]
    const errors: unknown[] = []
    const app = new Koa()
      .use((ctx, next) => actAfter(ctx, next, () => new Promise(() => undefined)))
      .use(runs.koa)
      .use(async (ctx) => {
        await late.promise
        ctx.body = 'late'
      })
    app.on('error', (error: { code?: string }) => errors.push(error.code))
    const connection = connect(await listen(app.callback(), left.resolve))
    connection.write('/')
    const run = await runs.next()
    expect(run.overtake()).to.equal(true)
    connection.leave()
    await left.promise
    late.resolve()
    expect(await run.whole()).to.deep.include({ status: 200, body: Buffer.from('late') })
    expect(errors).to.deep.equal(['ECONNRESET'])
  })

  it('does not make nothing of what a Koa handler leaves unsaid', async () => {
    const runs = new Runs()
    const [late, left] = [deferred(), deferred()]
    const app = new Koa().use(runs.koa).use(() => late.promise)
    const connection = connect(await listen(app.callback(), left.resolve))
    connection.write('/')
    const run = await runs.next()
    run.overtake()
    await connection.read()
    connection.leave()
    await left.promise
    late.resolve()
    expect((await run.whole()).status).to.equal(404)
  })
})

describe('an overtaken run whose answer nobody wants', () => {
  const { listen, connect } = stage()

  /** Streams until it sees its client leave. */
  function endless(runs: Runs, late: Promise<unknown>, left: () => void) {
    return express().use(runs.express, async (req, res) => {
      req.once('close', left)
      await late
      const timer = setInterval(() => res.write('x'.repeat(1_000)), 1)
      res.once('close', () => clearInterval(timer))
    })
  }

  for (const [why, decision, result] of [
    ['is too large to keep', { maxBodyBytes: 10_000 }, 'too-large'],
    ['is not to be kept', { keep: false }, 'failed'],
  ] as const) {
    it(`sees its client leave where it ${why}`, async () => {
      const runs = new Runs({}, decision)
      const [late, left] = [deferred(), deferred()]
      const connection = connect(await listen(endless(runs, late.promise, left.resolve)))
      connection.write('/')
      const run = await runs.next()
      run.overtake()
      expect((await connection.read()).text).to.equal('the stale answer')
      late.resolve()
      expect(await run.result).to.equal(result)
      await left.promise
      connection.close()
    })
  }

  it('is ended on Koa, and nothing is told of its stream', async () => {
    const runs = new Runs({}, { keep: false })
    const late = deferred()
    const errors: unknown[] = []
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000)) })
    const app = new Koa().use(runs.koa).use(async (ctx) => {
      await late.promise
      ctx.body = body
    })
    app.on('error', (error) => errors.push(error))
    const connection = connect(await listen(app.callback()))
    connection.write('/')
    const run = await runs.next()
    run.overtake()
    expect((await connection.read()).text).to.equal('the stale answer')
    late.resolve()
    expect(await run.result).to.equal(undefined)
    for (let i = 0; i < 20; i++) await turn()
    expect(errors).to.deep.equal([])
    connection.close()
  })
})
