// Private readings of Koa over HTTP/2, whose requests keep their headers elsewhere.
import { once } from 'node:events'
import { connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import Koa, { type Context } from 'koa'
import { createCache } from '../../../src/koa.ts'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { runs, told } from './sides.ts'

describe('private readings over HTTP/2', () => {
  const servers: Http2Server[] = []
  afterEach(() => servers.splice(0).map((server) => server.close()))

  async function asks(handler: (ctx: Context) => unknown, ...cookies: readonly (string | undefined)[]) {
    const events: CacheEvent[] = []
    const shapes: unknown[] = []
    const { cacheRoute } = createCache({ listeners: [(event) => events.push(event)] })
    const app = new Koa()
    app.silent = true
    const shape = ({ req }: Context) => [Object.getPrototypeOf(req), Reflect.ownKeys(req), req.headers]
    app.use(async (ctx, next) => {
      shapes.push(shape(ctx))
      await next()
      shapes.push(shape(ctx))
    })
    app.use(cacheRoute('1m'))
    app.use((ctx) => {
      ctx.body = String(handler(ctx))
    })
    const server = createServer(app.callback() as never)
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const texts: string[] = []
    for (const cookie of cookies) {
      texts.push(await text(client.request({ ':path': '/page', ...(cookie === undefined ? {} : { cookie }) })))
    }
    client.close()
    for (let i = 0; i < shapes.length; i += 2) expect(shapes[i + 1]).to.deep.equal(shapes[i])
    return { events, texts }
  }

  // T25
  for (const [how, read] of Object.entries({
    'of the headers': ({ req }: Context) => req.headers.cookie,
    'by Koa': ({ headers }: Context) => headers.cookie,
    'of a cookie': ({ cookies }: Context) => cookies.get('sid'),
    'of the headers as they came': ({ req }: Context) => /sid=\d/.exec(req.rawHeaders.join())?.[0],
  })) {
    it(`are seen ${how}`, async () => {
      const app = await asks((ctx) => `page ${read(ctx)}`, 'sid=1', 'sid=2')
      expect(app.texts.map((seen) => seen.at(-1))).to.deep.equal(['1', '2'])
      expect(runs(app)).to.deep.equal(['private-read', 'private-read'])
      expect(told(app)).to.not.deep.equal([])
    })
  }

  it('are none where other things are read', async () => {
    const app = await asks(
      ({ req, host, protocol, method, headers }) => {
        return `${host} ${protocol} ${method} ${headers[':path']} ${Object.keys(headers).length > 0} ${req.httpVersion}`
      },
      undefined,
      'sid=1',
    )
    expect(runs(app)).to.deep.equal(['stored'])
  })
})
