// Outer middleware of Koa that takes a streamed body apart: compressed, replaced or dropped, it is stored whole or not at all.
import { PassThrough, Readable, Transform } from 'node:stream'
import { createGzip, gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Context, Middleware, Next } from 'koa'
import { koaTwin, type Twin, trace } from '../../support/compare.ts'
import { eventually } from '../../support/gate.ts'
import { getSlowly } from '../../support/http-client.ts'
import { ask, expectSame, value } from '../../support/wire.ts'

const streamed: Middleware = (ctx) => {
  ctx.type = 'text'
  ctx.body = Readable.from(['one, ', 'two, ', 'three'])
}

/** Whatever body there is, as a stream. */
const readable = ({ body }: Context): Readable => (Buffer.isBuffer(body) ? Readable.from([body]) : (body as Readable))

describe('a streamed body of Koa, outside the cache', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  const changing = (change: (ctx: Context) => unknown) => async (ctx: Context, next: Next) => {
    await next()
    await change(ctx)
  }

  // T24
  const kept: Record<string, (ctx: Context) => unknown> = {
    'sent through a transform': (ctx) => {
      ctx.body = readable(ctx).pipe(
        new Transform({ transform: (chunk, _encoding, done) => done(null, `<${String(chunk)}>`) }),
      )
      ctx.remove('Content-Length')
    },
    'read to its end and sent as a string': async (ctx) => {
      const chunks: Buffer[] = []
      for await (const chunk of readable(ctx)) chunks.push(Buffer.from(chunk))
      ctx.body = Buffer.concat(chunks).toString()
    },
    compressed: (ctx) => {
      const body = readable(ctx)
      ctx.set('Content-Encoding', 'gzip')
      ctx.remove('Content-Length')
      ctx.body = body.pipe(createGzip())
    },
  }
  for (const [what, change] of Object.entries(kept)) {
    it(`is stored as it crossed the cache’s place: ${what}`, async () => {
      twin = await koaTwin([changing(change), undefined, streamed])
      const answers = [await ask(twin.bare), await ask(twin.cached), await ask(twin.cached)]
      expect(trace(twin.events)).to.deep.equal(['miss', 'stored', 'hit'])
      for (const answer of answers) {
        const plain = what === 'compressed' ? gunzipSync(answer.body) : answer.body
        expect(plain.toString().replaceAll(/[<>]/g, '')).to.equal('one, two, three')
        expect(value(answer, 'content-type')).to.equal('text/plain; charset=utf-8')
      }
    })
  }

  // T24: nobody reads it any more, so it never becomes whole
  const dropped: Record<string, (ctx: Context) => unknown> = {
    'replaced by a string': (ctx) => {
      ctx.body = 'replaced'
    },
    'replaced by nothing': (ctx) => {
      ctx.body = null
    },
    'dropped with status 204': (ctx) => {
      ctx.status = 204
    },
  }
  for (const [what, change] of Object.entries(dropped)) {
    it(`is not stored where outer middleware gives it up, and holds nobody: ${what}`, async () => {
      let source: PassThrough | undefined
      twin = await koaTwin([
        changing(change),
        undefined,
        (ctx) => {
          source = new PassThrough()
          source.write('part')
          ctx.body = source
        },
      ])
      const reference = await ask(twin.bare)
      for (const count of [2, 4]) {
        expectSame(await ask(twin.cached), reference)
        await eventually(() => expect(trace(twin.events)).to.have.lengthOf(count))
        await eventually(() => expect(source?.destroyed).to.equal(true))
      }
      expect(trace(twin.events)).to.deep.equal(['miss', 'truncated', 'miss', 'truncated'])
    })
  }

  it('lets go of its source when the client of a transformed answer leaves', async () => {
    const source = new PassThrough()
    twin = await koaTwin([
      changing((ctx) => {
        ctx.body = readable(ctx).pipe(new PassThrough())
      }),
      undefined,
      (ctx) => {
        ctx.body = source
      },
    ])
    source.write('part')
    const client = await getSlowly(twin.cached, '/answer')
    client.abort()
    await eventually(() => expect(source.destroyed).to.equal(true))
    await eventually(() => expect(trace(twin.events)).to.deep.equal(['miss', 'client-left']))
  })
})
