// An answer behind an invalidation is the answer that would have come without it, however it is written.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import { createCache } from '../../../src/express.ts'
import { raw, send } from '../../support/http-client.ts'
import { listening } from '../starting.ts'

/** Status line and body as they came, header lines but the date in no order: ours may stand elsewhere. */
function parted(answer: Buffer): { first: string | undefined; fields: string[]; body: string } {
  const [head = '', ...body] = answer.toString('latin1').split('\r\n\r\n')
  const [first, ...fields] = head.split('\r\n')
  return { first, fields: fields.filter((field) => !field.startsWith('Date:')).sort(), body: body.join('\r\n\r\n') }
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
  const targets = { 'that is known': 'x', 'that is promised': async () => 'x' }

  for (const [title, handler] of Object.entries(handlers)) {
    for (const [how, target] of Object.entries(targets)) {
      // T4 T11
      it(`is the same to the byte as without, with a target ${how}: ${title}`, async () => {
        const { invalidate } = createCache()
        const app = express().set('env', 'test')
        app.use('/with', invalidate(target)).all(['/with', '/without'], handler)
        const onError: ErrorRequestHandler = (error, _req, res, _next) => void res.status(error.status).send('no')
        app.use(onError)
        const port = await listen(app)
        for (const method of ['GET', 'HEAD', 'POST']) {
          const [withIt, without] = await Promise.all(
            ['/with', '/without'].map(async (path) =>
              parted(await raw(port, `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)),
            ),
          )
          expect(withIt).to.deep.equal(without)
        }
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
