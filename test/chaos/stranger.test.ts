// What stands where Redis should be is no Redis: requests go on all the same, and nothing is left unhandled.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { type App, overFrameworks } from '../contract/middleware.ts'
import { ask, changes, outcomes } from '../support/apps.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'

/** What a stranger does with a connection. */
const strangers: Readonly<Record<string, (socket: Socket) => void>> = {
  'hangs up': (socket) => socket.destroy(),
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'speaks HTTP': (socket) =>
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')),
  'answers half': (socket) => socket.once('data', () => socket.write('$100\r\nabc')),
  'never says a word': (socket) => socket.resume(),
}

// T71
overFrameworks('a stranger in the place of Redis', (harness) => {
  const tell = (app: App) => app.read('/a', () => ({ body: 'a' }))

  for (const [what, behave] of Object.entries(strangers)) {
    it(`that ${what} holds no request up, and is told of once`, async () => {
      const sockets = new Set<Socket>()
      const server: Server = createServer((socket) => {
        sockets.add(socket.on('error', () => {}))
        behave(socket)
      })
      const port = await freePort()
      await once(server.listen(port, '127.0.0.1'), 'listening')
      const app = await harness.start(tell, { redis: `redis://127.0.0.1:${port}`, wait: false })
      try {
        for (let i = 0; i < 2; i++) expect(await ask(app, '/a')).to.include({ status: 200, text: 'a' })
        expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
        await eventually(() => expect(changes(app)).to.deep.equal(['redis down']))
        const connections = sockets.size
        await new Promise((resolve) => setTimeout(resolve, 300))
        expect(sockets.size - connections).to.be.below(20)
        expect(await app.cache.bump('/a')).to.deep.equal({ applied: 'locally', journalled: true })
        await ask(app, '/a')
        expect(outcomes(app).at(-1)).to.equal('miss')
        expect(changes(app)).to.deep.equal(['redis down'])
      } finally {
        await app.stop()
        for (const socket of sockets) socket.destroy()
        server.close()
      }
    })
  }

  it('that has no address holds no request up', async () => {
    const app = await harness.start(tell, { redis: 'redis://no-such-host.invalid:6379', wait: false })
    try {
      for (let i = 0; i < 2; i++) await ask(app, '/a')
      expect(outcomes(app)).to.deep.equal(['miss', 'hit l1'])
    } finally {
      await app.stop()
    }
  })
})
