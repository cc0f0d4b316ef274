// Answers that go around Koa's own response: they are left alone, byte for byte, and never stored.
import { expect } from 'chai'
import type { Context } from 'koa'
import { expectSameNeverStored, koaTwin, type Twin, trace } from '../../support/compare.ts'
import { getSlowly } from '../../support/http-client.ts'
import { values } from '../../support/wire.ts'

// T22
const direct: Record<string, (ctx: Context) => unknown> = {
  'ctx.respond = false, ended at once': (ctx) => {
    ctx.respond = false
    ctx.res.writeHead(200, { 'X-Own': '1' }).end('direct')
  },
  'ctx.respond = false, ended later': (ctx) => {
    ctx.respond = false
    ctx.res.write('first, ')
    setImmediate(() => ctx.res.end('last'))
  },
  'ctx.respond = false, nothing written before the middleware returns': (ctx) => {
    ctx.respond = false
    setImmediate(() => ctx.res.end('late'))
  },
  'ctx.res ended, ctx.respond left alone': async (ctx) => {
    ctx.res.statusCode = 200
    await new Promise<void>((resolve) => ctx.res.end('direct', resolve))
  },
  'ctx.res written, the rest by Koa': (ctx) => {
    ctx.status = 200
    ctx.res.write('direct, ')
    ctx.body = 'and by Koa'
  },
  'ctx.flushHeaders, the body by Koa': (ctx) => {
    ctx.status = 200
    ctx.set('X-Early', '1')
    ctx.flushHeaders()
    ctx.body = 'later'
  },
}

describe('an answer of Koa that is sent directly', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  for (const [form, answer] of Object.entries(direct)) {
    it(`is the handler’s own each time: ${form}`, async () => {
      twin = await koaTwin(async (ctx) => void (await answer(ctx)))
      const reference = await expectSameNeverStored(twin, 'detached')
      expect(reference.whole).to.equal(true)
      expect(values(reference, 'cache-status')).to.deep.equal([])
    })

    it(`is the handler’s own for a conditional client too: ${form}`, async () => {
      twin = await koaTwin(async (ctx) => {
        ctx.set('ETag', '"1"')
        await answer(ctx)
      })
      await expectSameNeverStored(twin, 'detached', { headers: { 'If-None-Match': '"1"' } })
    })
  }

  it('holds nobody who waits', async () => {
    let runs = 0
    twin = await koaTwin(async (ctx) => {
      runs++
      ctx.respond = false
      await new Promise(setImmediate)
      ctx.res.write('open')
    })
    const clients = await Promise.all([1, 2, 3].map(() => getSlowly(twin.cached, '/answer')))
    expect(runs).to.equal(3)
    expect(trace(twin.events).filter((what) => what === 'detached')).to.have.lengthOf(3)
    for (const client of clients) client.abort()
  })
})
