// The applications under test relay what an origin says, whole and unchanged, so that all the rest is the cache's.

import { type IncomingMessage, request } from 'node:http'
import { type AddressInfo, createServer as createRaw, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { type Relay, relays } from './configuration.ts'
import { createExpressApp } from './express-app.ts'
import { createKoaApp } from './koa-app.ts'

const creates = { Express: createExpressApp, Koa: createKoaApp }

for (const [framework, create] of Object.entries(creates)) {
  for (const relay of relays) describe(`the ${framework} application, ${relay}`, () => relaying(create, relay))
}

function relaying(create: typeof createExpressApp, relay: Relay): void {
  const servers: Server[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) server.close()
  })

  async function listen(server: Server): Promise<number> {
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as AddressInfo).port
  }

  /** Starts an origin that answers each connection with these bytes, once it has read a whole request; none = it hangs up. */
  async function start(answer: string): Promise<{ port: number; asked: string[] }> {
    const asked: string[] = []
    const origin = createRaw((socket: Socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        asked.push(chunk.toString('latin1'))
        if (answer === '') socket.destroy()
        else socket.end(answer)
      })
    })
    return { port: await listen(create(await listen(origin), relay, undefined)), asked }
  }

  function ask(
    port: number,
    options: object = {},
    body = '',
  ): Promise<{ res: IncomingMessage; body: string; early: object[] }> {
    return new Promise((resolve, reject) => {
      const early: object[] = []
      const req = request({ host: '127.0.0.1', port, agent: false, ...options }, (res) => {
        text(res).then((text) => resolve({ res, body: text, early }), reject)
      })
      req.on('information', ({ statusCode, headers }) => early.push({ statusCode, link: headers.link }))
      req.on('error', reject).end(body)
    })
  }

  it('sends the fields on but those of one connection, and the body', async () => {
    const { port, asked } = await start('HTTP/1.1 200 OK\r\n\r\n')
    await ask(
      port,
      {
        method: 'POST',
        path: '/a?b=c',
        headers: {
          'If-None-Match': '"1"',
          Connection: 'close, X-Hop',
          'X-Hop': '1',
          TE: 'x',
          Upgrade: 'x',
          'Content-Length': 4,
        },
      },
      'body',
    )
    const received = asked.join('').toLowerCase()
    expect(received)
      .to.match(/^post \/a\?b=c http\/1\.1\r\n/)
      .and.match(/\r\nif-none-match: "1"\r\n/)
      .and.match(/\r\n\r\nbody$/)
    expect(received)
      .to.match(/\r\nconnection: close\r\n/)
      .and.not.match(/x-hop|\r\nte:|upgrade/)
  })

  it('hands status, phrase, fields on, doubled lines apart, but none of one connection', async () => {
    const { port } = await start(
      'HTTP/1.1 299 Odd\r\nX-A: 1\r\nX-A: 2\r\nDate: x\r\nConnection: close, x-hop\r\nX-Hop: 1\r\nKeep-Alive: x\r\nContent-Length: 2\r\n\r\nok',
    )
    const { res, body } = await ask(port)
    expect({ status: res.statusCode, phrase: res.statusMessage, body }).to.deep.equal({
      status: 299,
      phrase: 'Odd',
      body: 'ok',
    })
    expect(res.headersDistinct).to.deep.include({ 'x-a': ['1', '2'], date: ['x'] })
    expect(res.headersDistinct).not.to.have.any.keys('x-hop', 'keep-alive')
  })

  it('adds no field of its own', async () => {
    const { port } = await start('HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok')
    const { res } = await ask(port)
    expect(Object.keys(res.headers)).to.have.members(['date', 'content-length', 'connection'])
  })

  it('hands 102 and 103 on', async () => {
    const { port } = await start(
      'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    )
    const { early, body } = await ask(port)
    expect(body).to.equal('ok')
    expect(early).to.deep.equal([
      { statusCode: 102, link: undefined },
      { statusCode: 103, link: '</a>; rel=preload' },
    ])
  })

  it('answers 502 where the origin hangs up', async () => {
    const { port } = await start('')
    const { res } = await ask(port)
    expect(res.statusCode).to.equal(502)
  })

  it('takes a body that is longer than announced for what was announced', async () => {
    const { port } = await start('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst, and more')
    const { res, body } = await ask(port)
    expect({ body, length: res.headers['content-length'] }).to.deep.equal({ body: 'first', length: '5' })
  })

  it('hands 204 and 304 on without a body', async () => {
    for (const status of [204, 304]) {
      const { port } = await start(`HTTP/1.1 ${status} X\r\nETag: "1"\r\n\r\n`)
      const { res, body } = await ask(port)
      expect({ status: res.statusCode, etag: res.headers.etag, body }).to.deep.equal({ status, etag: '"1"', body: '' })
    }
  })
}
