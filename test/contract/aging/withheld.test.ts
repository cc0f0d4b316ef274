// A failure that is kept back for a promise of `fallback`: whatever its handler does meanwhile, one answer goes out, whole.
import { expect } from 'chai'
import express, { type Response } from 'express'
import { createCache } from '../../../src/express.ts'
import { type Deferred, deferred } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
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
