// The same over HTTP/2, where streams stand for connections.
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import Koa from 'koa'
import { deferred, eventually } from '../../support/gate.ts'
import { Http2Client } from '../../support/http2-client.ts'
import { Runs, stale } from './stage.ts'

type Handler = (req: Http2ServerRequest, res: Http2ServerResponse, late: Promise<unknown>) => unknown

const long = 'long '.repeat(40_000)

const handlers: Readonly<Record<string, { handle: Handler; body: string | undefined }>> = {
  end: {
    body: 'late',
    async handle(_req, res, late) {
      res.statusCode = 410
      res.setHeader('x-early', 'yes')
      await late
      res.end(res.headersSent ? 'sent' : 'late')
    },
  },
  'writeHead and write': {
    body: 'one two',
    async handle(_req, res, late) {
      await late
      res.writeHead(200, { 'content-type': 'text/plain' })
      res.write('one ')
      res.end('two')
    },
  },
  pipeline: {
    body: long,
    async handle(_req, res, late) {
      await late
      await pipeline(Readable.from(long.match(/.{1,9999}/gs) ?? []), res)
    },
  },
  'a callback': {
    body: 'late',
    handle: (_req, res, late) => void late.then(() => setImmediate(() => res.end('late'))),
  },
  'res.destroy()': {
    body: undefined,
    async handle(_req, res, late) {
      await late
      ;(res as unknown as { destroy(): void }).destroy()
    },
  },
}

describe('an overtaken run over HTTP/2', () => {
  const ends: (() => Promise<void>)[] = []
  const warnings: string[] = []
  const warn = ({ message }: Error) => void warnings.push(message)
  before(() => process.on('warning', warn))
  after(() => process.off('warning', warn))
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    expect(warnings.splice(0)).to.deep.equal([])
  })

  async function serve(listener: Parameters<typeof createServer>[1]): Promise<Http2Client> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const client = new Http2Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    ends.push(async () => {
      client.close()
      await new Promise((resolve) => server.close(resolve))
    })
    return client
  }

  for (const [name, { handle, body }] of Object.entries(handlers)) {
    for (const order of ['before', 'after']) {
      it(`answers nobody by ${name} ${order} its client has the other answer`, async () => {
        const runs = new Runs()
        const late = deferred()
        const client = await serve((req, res) => {
          runs.express(
            req as never,
            res as never,
            (() => {
              void Promise.resolve(handle(req, res, late.promise)).catch(() => undefined)
            }) as never,
          )
        })
        const asked = client.get('/', { 'if-none-match': '"other"' })
        const run = await runs.next()
        expect(run.overtake()).to.equal(true)
        if (order === 'before') late.resolve()
        const { status, text, headers, code } = await asked
        expect({ status, text, code }).to.deep.equal({ status: 200, text: 'the stale answer', code: 0 })
        expect(headers['x-early']).to.equal(undefined)
        late.resolve()
        if (body === undefined) expect(await run.result).to.equal('failed')
        else expect((await run.whole()).body.toString()).to.equal(body)
        if (body !== undefined) expect((await client.get('/')).text).to.equal(body)
      })
    }
  }

  it('goes on for Koa too, whatever becomes of its client', async () => {
    const runs = new Runs()
    const late = deferred()
    const app = new Koa().use(runs.koa).use(async (ctx) => {
      ctx.status = 410
      await late.promise
      ctx.body = ctx.path === '/stream' ? Readable.from(long.match(/.{1,9999}/gs) ?? []) : { late: ctx.path }
    })
    app.silent = true
    const client = await serve(app.callback())
    const asked = client.open('/')
    const [run, streamed] = [await runs.next(), [client.open('/stream'), await runs.next()] as const]
    const huge = { ...stale, body: Buffer.alloc(20_000_000, 'stale ') }
    expect([run.overtake(huge), streamed[1].overtake()]).to.deep.equal([true, true])
    expect((await streamed[0].read()).text).to.equal('the stale answer')
    await asked.head
    await asked.reset()
    await eventually(() => expect(run.exchange.gone).to.equal(true))
    for (let i = 0; i < 20; i++) await turn()
    expect(run.isOver).to.equal(false)
    late.resolve()
    expect((await run.whole()).body.toString()).to.equal('{"late":"/"}')
    expect(await streamed[1].whole()).to.deep.include({ status: 410, body: Buffer.from(long) })
    expect([...run.stalls, ...streamed[1].stalls]).to.deep.equal([])
  })
})
