// A failure that is kept back for a promise of `fallback`: whatever its handler does meanwhile, one answer goes out, whole.
import { createServer } from 'node:http2'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import compression from 'compression'
import express, { type Response } from 'express'
import { createCache } from '../../../src/express.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { Http2Client } from '../../support/http2-client.ts'
import { listening } from '../starting.ts'

type FallbackAnswer = { status: number; body: string } | undefined

const forms: Readonly<Record<string, (res: Response) => void>> = {
  'flushes a head that it has written': (res) => {
    res.writeHead(500, { 'X-Error': 'yes' })
    res.flushHeaders()
    res.end('broken')
  },
  'flushes a head that it has not written': (res) => {
    res.status(500).set('X-Error', 'yes')
    res.flushHeaders()
    res.flushHeaders()
    res.end('broken')
  },
  'writes a second head': (res) => {
    res.writeHead(500, { 'X-Error': 'yes' })
    expect(() => res.writeHead(200, { 'X-Second': 'yes' }))
      .to.throw(/after they are sent/)
      .with.property('code', 'ERR_HTTP_HEADERS_SENT')
    res.end('broken')
  },
  'flushes between its chunks': (res) => {
    res.writeHead(500, { 'X-Error': 'yes' })
    res.write('bro')
    res.flushHeaders()
    res.end('ken')
  },
}

// T48, T72: no second answer, no unhandled rejection
describe('a failure that is kept back', () => {
  const listen = listening()
  let port: number
  let gate: Deferred<FallbackAnswer>
  let handle: (res: Response) => void
  let cache: ReturnType<typeof createCache>

  beforeEach(async () => {
    gate = deferred()
    cache = createCache()
    const app = express()
    app.set('env', 'test')
    app.use(compression())
    app.get('/page', cache.cacheRoute('1m', { fallback: () => gate.promise }), (_req, res) => {
      handle(res)
      setImmediate(settle)
    })
    port = await listen(app)
  })
  afterEach(() => cache.close())

  let answer: FallbackAnswer
  const settle = () => gate.resolve(answer)

  for (const [what, form] of Object.entries(forms)) {
    it(`makes room for the fallback where the handler ${what}`, async () => {
      handle = form
      answer = { status: 203, body: 'instead' }
      const { status, text, headers } = await send(port, '/page')
      expect([status, text]).to.deep.equal([203, 'instead'])
      expect(headers).not.to.have.any.keys('x-error', 'x-second')
    })

    it(`goes out as it is where the handler ${what}, and the fallback says nothing`, async () => {
      handle = form
      answer = undefined
      const { status, text, headers } = await send(port, '/page')
      expect([status, text, headers['x-error']]).to.deep.equal([500, 'broken', 'yes'])
      expect(headers).not.to.have.property('x-second')
    })
  }

  for (const says of ['instead', undefined]) {
    it(`is whole under compression, streamed, where the fallback says ${says ?? 'nothing'}`, async () => {
      const large = Array.from({ length: 40 }, (_, i) => Buffer.alloc(10_000, i))
      handle = (res) => void Readable.from(large).pipe(res.status(500).type('text'))
      answer = says === undefined ? undefined : { status: 203, body: says }
      const { status, body } = await send(port, '/page', { headers: { 'Accept-Encoding': 'gzip' } })
      if (says === undefined) expect(gunzipSync(body).equals(Buffer.concat(large))).to.equal(true)
      expect([status, says ?? '']).to.deep.equal(says === undefined ? [500, ''] : [203, body.toString()])
    })
  }

  it('breaks its connection off, and nothing else, where what was kept turns out to be nothing that can be sent', async () => {
    handle = (res) => {
      res.writeHead(500)
      res.write(12 as never)
    }
    answer = undefined
    const broken = await send(port, '/page').catch((error: Error) => error)
    expect(broken).to.be.instanceOf(Error)
    handle = (res) => void res.end('well')
    expect((await send(port, '/page')).text).to.equal('well')
  })
})

describe('a failure that is kept back over HTTP/2, on plain node:http2', () => {
  const listen = listening()

  for (const says of ['instead', undefined]) {
    it(`is one whole answer where the fallback says ${says ?? 'nothing'}`, async () => {
      const cache = createCache()
      const fallback = async () => (says === undefined ? undefined : { status: 203, body: says })
      const cached = cache.cacheRoute('1m', { fallback })
      const server = createServer((req, res) => {
        cached(req as never, res as never, () => {
          res.writeHead(500)
          ;(res as unknown as Response).flushHeaders()
          res.write('bro')
          res.end('ken')
        })
      })
      const port = await listen(Object.assign(server, { closeAllConnections: () => undefined }) as never)
      const client = new Http2Client(`http://127.0.0.1:${port}`)
      const { status, text } = await client.get('/page')
      expect([status, text]).to.deep.equal(says === undefined ? [500, 'broken'] : [203, says])
      client.close()
      await cache.close()
    })
  }
})
