// The answer in a run's place has the form that its client asked for: in parts, as 304, without a body.
import { expect } from 'chai'
import express from 'express'
import Koa from 'koa'
import { deferred } from '../../support/gate.ts'
import { Runs, stage, stale } from './stage.ts'

const applications = {
  Express: (runs: Runs, late: Promise<unknown>, seen: unknown[]) =>
    express().use(runs.express, async (req, res) => {
      res.status(201).set('Content-Type', 'text/early').set('ETag', '"early"')
      await late
      seen.push(req.headers['if-none-match'], req.method)
      res.send('late')
    }),
  Koa: (runs: Runs, late: Promise<unknown>, seen: unknown[]) =>
    new Koa()
      .use(runs.koa)
      .use(async (ctx) => {
        ctx.status = 201
        ctx.type = 'text/early'
        ctx.etag = 'early'
        await late
        seen.push(ctx.headers['if-none-match'], ctx.method)
        ctx.body = 'late'
      })
      .callback(),
}

for (const [name, application] of Object.entries(applications)) {
  describe(`the answer in the place of a run on ${name}`, () => {
    const { listen, connect } = stage()

    async function overtaken(options: { method?: string; headers?: Record<string, string> }, response = stale) {
      const runs = new Runs()
      const late = deferred()
      const seen: unknown[] = []
      const connection = connect(await listen(application(runs, late.promise, seen)))
      connection.write('/', options)
      const run = await runs.next()
      expect(run.overtake(response)).to.equal(true)
      const answer = await connection.read(options.method)
      late.resolve()
      const result = await run.result
      connection.close()
      return { answer, result, seen }
    }

    it('is 304 where the client holds it, by validators that its handler never sees', async () => {
      const { answer, result, seen } = await overtaken({ headers: { 'If-None-Match': '"stale"' } })
      expect(answer.status).to.equal(304)
      expect(answer.field('etag')).to.equal('"stale"')
      expect(answer.field('content-length')).to.equal(undefined)
      expect(seen).to.deep.equal([undefined, 'GET'])
      expect(result).to.deep.include({ status: 201, body: Buffer.from('late') })
    })

    it('is in full where the client holds what the handler would have answered', async () => {
      const { answer, result } = await overtaken({ headers: { 'If-None-Match': '"early"' } })
      expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 200, text: 'the stale answer' })
      expect(result).to.deep.include({ status: 201, body: Buffer.from('late') })
    })

    it('has no body for HEAD, but its length', async () => {
      const { answer } = await overtaken({ method: 'HEAD' })
      expect(answer.status).to.equal(200)
      expect(answer.field('content-length')).to.equal('16')
      expect(answer.field('content-type')).to.equal('text/plain; charset=utf-8')
    })

    it('is the part that was asked for', async () => {
      const { answer } = await overtaken({ headers: { Range: 'bytes=4-8' } })
      expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 206, text: 'stale' })
      expect(answer.field('content-range')).to.equal('bytes 4-8/16')
    })

    it('may be any, with a phrase of its own or none', async () => {
      const headers: [string, string][] = [['Retry-After', '1']]
      const fallback = { ...stale, status: 504, statusMessage: 'Too Late', headers, body: Buffer.alloc(0) }
      const { answer } = await overtaken({}, fallback)
      expect(answer.head.split('\r\n')[0]).to.equal('HTTP/1.1 504 Too Late')
      expect(answer.field('etag')).to.equal(undefined)
      expect(answer.field('content-length')).to.equal('0')
      const empty = await overtaken({}, { ...stale, status: 204, body: Buffer.alloc(0) })
      expect(empty.answer.head.split('\r\n')[0]).to.equal('HTTP/1.1 204 No Content')
    })

    it('cannot be written to by whoever gets it', async () => {
      await overtaken({})
      expect(stale.body.toString()).to.equal('the stale answer')
    })
  })
}
