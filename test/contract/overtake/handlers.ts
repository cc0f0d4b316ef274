// Handlers that answer late in all the ways there are, for both frameworks.
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RequestHandler } from 'express'
import type Koa from 'koa'

/** What a late answer is once it is whole; undefined where none comes to be. */
export interface Expected {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** A late handler: `late` resolves when it may go on. */
export interface LateHandler<Handler> {
  readonly make: (late: Promise<unknown>) => Handler
  /** Undefined where the run does not become whole. */
  readonly whole: Expected | undefined
}

const long = 'long '.repeat(40_000)
const pieces = (text: string) => Readable.from(text.match(/.{1,20000}/gs) ?? [])
const text = 'text/html; charset=utf-8'

export const expressHandlers: Readonly<Record<string, LateHandler<RequestHandler>>> = {
  'res.json': {
    make: (late) => async (_req, res) => {
      await late
      res.status(203).json({ late: true })
    },
    whole: { status: 203, body: '{"late":true}', type: 'application/json; charset=utf-8' },
  },
  'res.send of what a callback brings': {
    make: (late) => (_req, res) => {
      void late.then(() => setImmediate(() => res.send('called back')))
    },
    whole: { status: 200, body: 'called back', type: text },
  },
  'fields and a status that were set in time': {
    make: (late) => async (_req, res) => {
      res.status(410).set('X-Early', 'yes').type('text').set('Connection', 'close').removeHeader('Date')
      res.statusMessage = 'Long Gone'
      await late
      res.send(String([res.statusCode, res.get('X-Early'), res.headersSent, res.writableEnded]))
    },
    whole: { status: 410, body: '410,yes,false,false', type: 'text/plain; charset=utf-8' },
  },
  'res.redirect': {
    make: (late) => async (_req, res) => {
      await late
      res.redirect(301, '/elsewhere')
    },
    whole: { status: 301, body: 'Moved Permanently. Redirecting to /elsewhere' },
  },
  'writeHead, write and end': {
    make: (late) => async (_req, res) => {
      await late
      res.writeHead(200, { 'Content-Type': 'text/plain' })
      res.write('one ')
      res.write('two ')
      res.end('three')
    },
    whole: { status: 200, body: 'one two three', type: 'text/plain' },
  },
  'methods that it took in time': {
    make: (late) => async (_req, res) => {
      const [end, set] = [res.end.bind(res), res.setHeader.bind(res)]
      await late
      set('Content-Type', 'text/kept')
      end('by methods that it kept')
    },
    whole: { status: 200, body: 'by methods that it kept', type: 'text/kept' },
  },
  'chained calls': {
    make: (late) => async (_req, res) => {
      await late
      res.writeHead(200).end('chained')
    },
    whole: { status: 200, body: 'chained' },
  },
  'a stream that is piped': {
    make: (late) => async (_req, res) => {
      await late
      pieces(long).pipe(res)
    },
    whole: { status: 200, body: long },
  },
  'a stream that was piped before it had anything': {
    make: (late) => (_req, res) => {
      const source = new PassThrough()
      source.pipe(res)
      void late.then(() => pieces(long).pipe(source))
    },
    whole: { status: 200, body: long },
  },
  pipeline: {
    make: (late) => async (_req, res) => {
      await late
      await pipeline(pieces(long), res)
    },
    whole: { status: 200, body: long },
  },
  'a pipeline that began before it had anything': {
    make: (late) => async (_req, res) => {
      const source = async function* () {
        await late
        yield* pieces(long)
      }
      await pipeline(source, res)
    },
    whole: { status: 200, body: long },
  },
  'writing as fast as there is room': {
    make: (late) => async (_req, res) => {
      await late
      for (let i = 0; i < 40; i++) {
        if (!res.write('x'.repeat(5_000))) await new Promise((resolve) => res.once('drain', resolve))
      }
      res.end()
    },
    whole: { status: 200, body: 'x'.repeat(200_000) },
  },
  'an error': {
    make: (late) => async () => {
      await late
      throw new Error('late trouble')
    },
    whole: { status: 500, body: 'late trouble' },
  },
  'next(error)': {
    make: (late) => (_req, _res, next) => void late.then(() => next(new Error('late trouble'))),
    whole: { status: 500, body: 'late trouble' },
  },
  'nothing of its own: next()': {
    make: (late) => (_req, _res, next) => void late.then(() => next()),
    whole: { status: 404, body: 'Cannot GET /late' },
  },
  'an error half-way, after which Express destroys the socket': {
    make: (late) => async (_req, res) => {
      await late
      res.write('half')
      throw new Error('late trouble')
    },
    whole: undefined,
  },
  'a stream that breaks': {
    make: (late) => async (_req, res) => {
      await late
      const source = pieces(long)
      source.on('error', () => res.destroy())
      source.pipe(res)
      source.once('data', () => source.destroy(new Error('broken')))
    },
    whole: undefined,
  },
  'a pipeline that breaks': {
    make: (late) => async (_req, res) => {
      await late
      await pipeline(async function* () {
        yield 'half'
        throw new Error('broken')
      }, res)
    },
    whole: undefined,
  },
  'req.destroy()': {
    make: (late) => async (req) => {
      await late
      req.destroy()
    },
    whole: undefined,
  },
  'req.socket.destroy()': {
    make: (late) => async (req) => {
      await late
      req.socket.destroy()
    },
    whole: undefined,
  },
  'req.socket.end() with bytes': {
    make: (late) => async (req, res) => {
      await late
      req.socket.write('HTTP/1.1 200 OK\r\n\r\n')
      req.socket.end('stray bytes')
      res.destroy()
    },
    whole: undefined,
  },
  'res.destroy()': {
    make: (late) => async (_req, res) => {
      await late
      res.destroy(new Error('given up'))
    },
    whole: undefined,
  },
  'two answers': {
    make: (late) => async (_req, res) => {
      await late
      res.send('the first')
      res.write('stray bytes')
      res.end('the second')
    },
    whole: { status: 200, body: 'the first', type: text },
  },
  'an interim answer first': {
    make: (late) => async (_req, res) => {
      await late
      res.writeContinue()
      res.writeProcessing()
      res.writeEarlyHints({ link: '</a.css>; rel=preload' })
      res.send('after hints')
    },
    whole: { status: 200, body: 'after hints', type: text },
  },
  flushHeaders: {
    make: (late) => async (_req, res) => {
      await late
      res.type('text')
      res.flushHeaders()
      res.end('flushed')
    },
    whole: { status: 200, body: 'flushed', type: 'text/plain; charset=utf-8' },
  },
  'corked pieces': {
    make: (late) => async (_req, res) => {
      res.cork()
      await late
      res.write('one ')
      res.write('two')
      res.uncork()
      res.end()
    },
    whole: { status: 200, body: 'one two' },
  },
  trailers: {
    make: (late) => async (_req, res) => {
      await late
      res.setHeader('Trailer', 'X-Sum')
      res.write('with ')
      res.addTrailers({ 'X-Sum': '1' })
      res.end('trailers')
    },
    whole: undefined,
  },
  'waiting for its client to leave': {
    make: (late) => (req, res) => {
      const controller = new AbortController()
      req.once('close', () => controller.abort())
      res.once('close', () => controller.abort())
      void late.then(() => res.send(controller.signal.aborted ? 'aborted' : 'carried on'))
    },
    whole: { status: 200, body: 'carried on', type: text },
  },
  'the request, read late': {
    make: (late) => async (req, res) => {
      await late
      let length = 0
      for await (const chunk of req) length += chunk.length
      res.send(`${length} bytes`)
    },
    whole: { status: 200, body: '0 bytes', type: text },
  },
}

export const koaHandlers: Readonly<Record<string, LateHandler<Koa.Middleware>>> = {
  'a text': {
    make: (late) => async (ctx) => {
      await late
      ctx.status = 203
      ctx.body = 'late text'
    },
    whole: { status: 203, body: 'late text', type: 'text/plain; charset=utf-8' },
  },
  json: {
    make: (late) => async (ctx) => {
      await late
      ctx.body = { late: true }
    },
    whole: { status: 200, body: '{"late":true}', type: 'application/json; charset=utf-8' },
  },
  bytes: {
    make: (late) => async (ctx) => {
      await late
      ctx.body = Buffer.from('late bytes')
    },
    whole: { status: 200, body: 'late bytes' },
  },
  'a stream': {
    make: (late) => async (ctx) => {
      await late
      ctx.body = pieces(long)
    },
    whole: { status: 200, body: long },
  },
  'a web stream': {
    make: (late) => async (ctx) => {
      await late
      ctx.body = new Blob([long]).stream()
    },
    whole: { status: 200, body: long },
  },
  'a blob': {
    make: (late) => async (ctx) => {
      await late
      ctx.body = new Blob(['late blob'])
    },
    whole: { status: 200, body: 'late blob' },
  },
  'fields, status and a body that were set in time': {
    make: (late) => async (ctx) => {
      ctx.status = 410
      ctx.message = 'Long Gone'
      ctx.set('X-Early', 'yes')
      ctx.body = 'early text'
      await late
      ctx.body += ` ${[ctx.status, ctx.response.get('X-Early'), ctx.headerSent]}`
    },
    whole: { status: 410, body: 'early text 410,yes,false', type: 'text/plain; charset=utf-8' },
  },
  'a redirection': {
    make: (late) => async (ctx) => {
      await late
      ctx.redirect('/elsewhere')
      ctx.status = 301
    },
    whole: { status: 301, body: 'Redirecting to /elsewhere.' },
  },
  'no content': {
    make: (late) => async (ctx) => {
      await late
      ctx.status = 204
    },
    whole: { status: 204, body: '' },
  },
  'nothing at all': {
    make: (late) => async () => void (await late),
    whole: { status: 404, body: 'Not Found' },
  },
  'an error': {
    make: (late) => async (ctx) => {
      await late
      ctx.throw(503, 'late trouble')
    },
    whole: undefined,
  },
  'a stream that breaks': {
    make: (late) => async (ctx) => {
      await late
      ctx.body = Readable.from(
        (async function* () {
          yield 'half'
          throw new Error('broken')
        })(),
      )
    },
    whole: undefined,
  },
  'an answer by ctx.res': {
    make: (late) => async (ctx) => {
      const { res } = ctx
      ctx.respond = false
      await late
      res.setHeader('X-Late', 'yes')
      res.write('stray ')
      res.end('bytes')
    },
    whole: undefined,
  },
  'ctx.req.destroy()': {
    make: (late) => async (ctx) => {
      await late
      ctx.req.destroy()
      ctx.body = 'after all'
    },
    whole: { status: 200, body: 'after all' },
  },
  'ctx.socket.destroy()': {
    make: (late) => async (ctx) => {
      await late
      ctx.socket.destroy()
      ctx.body = 'after all'
    },
    whole: { status: 200, body: 'after all' },
  },
  'a cookie': {
    make: (late) => async (ctx) => {
      ctx.cookies.get('a')
      await late
      ctx.cookies.set('late', 'yes')
      ctx.body = 'with a cookie'
    },
    whole: { status: 200, body: 'with a cookie' },
  },
}
