// An answer behind an invalidation is the answer that would have come without it, however it is written.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import Koa, { type Context } from 'koa'
import { createCache } from '../../../src/express.ts'
import { createCache as createKoaCache } from '../../../src/koa.ts'
import { raw, send } from '../../support/http-client.ts'
import { listening } from '../starting.ts'

/** Status line and body as they came, header lines but the date in no order: ours may stand elsewhere. */
function parted(answer: Buffer): { first: string | undefined; fields: string[]; body: string } {
  const [head = '', ...body] = answer.toString('latin1').split('\r\n\r\n')
  const [first, ...fields] = head.split('\r\n')
  return { first, fields: fields.filter((field) => !field.startsWith('Date:')).sort(), body: body.join('\r\n\r\n') }
}

const targets = { 'that is known': 'x', 'that is promised': async () => 'x' }

/** Asserts that `/with` is answered as `/without` is. */
async function expectSame(port: number, methods: readonly string[]): Promise<void> {
  for (const method of methods) {
    const [withIt, without] = await Promise.all(
      ['/with', '/without'].map(async (path) =>
        parted(await raw(port, `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)),
      ),
    )
    expect(withIt).to.deep.equal(without)
  }
}

describe('an answer behind an invalidation', () => {
  const listen = listening()

  const handlers: Readonly<Record<string, RequestHandler>> = {
    'end()': (_req, res) => void res.end(),
    'end(text)': (_req, res) => void res.end('é'),
    'end(text, encoding)': (_req, res) => void res.end('é', 'latin1'),
    'end(text, callback)': (_req, res) => void res.end('é', () => {}),
    'end(callback)': (_req, res) => void res.end(() => {}),
    'end(null)': (_req, res) => void res.end(null),
    'end(bytes)': (_req, res) => void res.end(Buffer.from([0, 255, 128])),
    'end(Uint8Array)': (_req, res) => void res.end(new Uint8Array([0, 255, 128])),
    'write, end': (_req, res) => {
      res.write('a')
      res.end('b')
    },
    'write, write, end()': (_req, res) => {
      res.write('61', 'hex')
      res.write(Buffer.from('b'))
      res.end()
    },
    'Content-Length, write, end': (_req, res) => {
      res.set('Content-Length', '2')
      res.write('a')
      res.end('b')
    },
    'writeHead, end': (_req, res) => void res.writeHead(201, 'Made', { 'X-A': '1' }).end('a'),
    'writeHead with a list': (_req, res) => void res.writeHead(200, ['X-A', '1', 'X-A', '2']).end('a'),
    'flushHeaders, end': (_req, res) => {
      res.flushHeaders()
      res.end('a')
    },
    'flushHeaders, write, end': (_req, res) => {
      res.flushHeaders()
      res.write('a')
      res.end('b')
    },
    '204': (_req, res) => void res.status(204).end(),
    '304': (_req, res) => void res.status(304).end(),
    'status without body': (_req, res) => void res.sendStatus(202),
    json: (_req, res) => void res.json({ a: 1 }),
    send: (_req, res) => void res.send('<p>é</p>'),
    redirect: (_req, res) => res.redirect(303, '/elsewhere'),
    'a stream': (_req, res) => void Readable.from(['a', 'b']).pipe(res),
    'an error': (_req, _res, next) => next(Object.assign(new Error('no'), { status: 422, expose: true })),
  }
  for (const [title, handler] of Object.entries(handlers)) {
    for (const [how, target] of Object.entries(targets)) {
      // T4 T11
      it(`is the same to the byte as without, with a target ${how}: ${title}`, async () => {
        const { invalidate } = createCache()
        const app = express().set('env', 'test')
        app.use('/with', invalidate(target)).all(['/with', '/without'], handler)
        const onError: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).send('no')
        app.use(onError)
        await expectSame(await listen(app), ['GET', 'HEAD', 'POST'])
      })
    }
  }

  // T4
  it('is the same on a connection that is kept', async () => {
    const { invalidate } = createCache()
    const app = express().use(invalidate(async () => 'x'))
    const port = await listen(app.post('/write', (_req, res) => void res.send('written')))
    for (let sent = 0; sent < 2; sent++) {
      const answer = await send(port, '/write', { method: 'POST', headers: { Connection: 'keep-alive' } })
      expect(answer.text).to.equal('written')
    }
  })
})

describe('an answer behind an invalidation on Koa', () => {
  const listen = listening()
  const answer = (ctx: Context, body: unknown) => {
    ctx.body = body
  }

  const handlers: Readonly<Record<string, (ctx: Context) => unknown>> = {
    text: (ctx) => answer(ctx, 'é'),
    'an empty text': (ctx) => answer(ctx, ''),
    'a page': (ctx) => answer(ctx, '<p>é</p>'),
    bytes: (ctx) => answer(ctx, Buffer.from([0, 255, 128])),
    'an object': (ctx) => answer(ctx, { a: 1 }),
    null: (ctx) => answer(ctx, null),
    'a status alone': (ctx) => {
      ctx.status = 202
    },
    nothing: () => undefined,
    'a stream': (ctx) => answer(ctx, Readable.from([Buffer.from('a'), Buffer.from('b')])),
    'a stream of texts': (ctx) => answer(ctx, Readable.from(['a', 'é'])),
    'an empty stream': (ctx) => answer(ctx, Readable.from([])),
    'a stream with type and length': (ctx) => {
      answer(ctx, Readable.from([Buffer.from('a'), Buffer.from('b')]))
      ctx.type = 'text/csv'
      ctx.length = 2
    },
    'a ReadableStream': (ctx) => answer(ctx, new Blob(['ab']).stream()),
    'a Blob': (ctx) => answer(ctx, new Blob(['ab'], { type: 'text/csv' })),
    'a Response': (ctx) => answer(ctx, new Response('ab', { status: 201, headers: { 'X-A': '1' } })),
    'the response itself': (ctx) => {
      ctx.respond = false
      ctx.res.writeHead(200, { 'X-A': '1' })
      ctx.res.write('a')
      ctx.res.end('b')
    },
    redirect: (ctx) => ctx.redirect('/elsewhere'),
    'an error': (ctx) => ctx.throw(422, 'no'),
  }

  for (const [title, handler] of Object.entries(handlers)) {
    for (const [how, target] of Object.entries(targets)) {
      // T22
      it(`is the same to the byte as without, with a target ${how}: ${title}`, async () => {
        const { invalidate } = createKoaCache()
        const write = invalidate(target)
        const app = new Koa().use((ctx, next) => (ctx.path === '/with' ? write(ctx, next) : next()))
        app.silent = true
        app.use(async (ctx) => void (await handler(ctx)))
        await expectSame(await listen(app), ['POST', 'DELETE'])
      })
    }
  }
})
