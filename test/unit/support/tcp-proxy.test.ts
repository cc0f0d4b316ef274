// The tests' own TCP proxy breaks connections in the ways its modes promise.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { freePort } from '../../support/free-port.ts'
import { eventually } from '../../support/gate.ts'
import { startProxy, type TcpProxy } from '../../support/tcp-proxy.ts'

describe('a TCP proxy for tests', () => {
  let echo: Server
  let proxy: TcpProxy
  let client: Socket
  let received: string

  before(async () => {
    echo = createServer((socket) => void socket.on('error', () => {}).pipe(socket))
    await once(echo.listen(await freePort(), '127.0.0.1'), 'listening')
  })

  beforeEach(async () => {
    proxy = await startProxy((echo.address() as { port: number }).port)
    await dial()
    await say('hello ')
  })

  afterEach(async () => {
    client.destroy()
    await proxy.stop()
  })

  after(() => void echo.close())

  async function dial() {
    received = ''
    client = connect(proxy.port, '127.0.0.1')
    client.on('data', (bytes) => {
      received += bytes
    })
    client.on('error', () => {})
    await once(client, 'connect')
  }

  async function say(text: string) {
    const expected = received + text
    client.write(text)
    await eventually(() => expect(received).to.equal(expected))
  }

  async function silence(milliseconds: number) {
    const before = received
    await new Promise((resolve) => setTimeout(resolve, milliseconds))
    expect(received).to.equal(before)
  }

  it('passes all bytes', () => say('again'))

  it('drops: nothing arrives until it passes again, then all of it, in order', async () => {
    await proxy.set('drop')
    client.write('one ')
    client.write('two')
    await silence(100)
    await proxy.set('pass')
    await eventually(() => expect(received).to.equal('hello one two'))
  })

  it('delays each piece on both ways without adding up', async () => {
    await proxy.set({ delay: 50 })
    const start = performance.now()
    for (const piece of ['a', 'b', 'c']) {
      client.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    await eventually(() => expect(received).to.equal('hello abc'))
    expect(performance.now() - start)
      .to.be.at.least(99)
      .and.below(1000)
  })

  it('refuses: open connections end, new ones are refused, until it passes again', async () => {
    const ended = once(client, 'close')
    await proxy.set('refuse')
    await ended
    const error = await dial().catch((reason) => reason)
    expect(error).to.have.property('code', 'ECONNREFUSED')
    await proxy.set('pass')
    await dial()
    await say('back')
  })

  it('resets open connections and new ones', async () => {
    const [error] = await Promise.all([once(client, 'error').then(([reason]) => reason), proxy.set('reset')])
    expect(error).to.have.property('code', 'ECONNRESET')
    const second = await dial().then(
      () => once(client, 'error').then(([reason]) => reason),
      (reason) => reason,
    )
    expect(second).to.have.property('code', 'ECONNRESET')
    expect(proxy.connections).to.equal(0)
  })

  it('leaves a half-open connection dead for ever, and lets new ones live', async () => {
    await proxy.set('halfOpen')
    client.write('lost')
    await silence(50)
    await proxy.set('pass')
    client.write('lost too')
    await silence(50)
    expect(client.destroyed).to.equal(false)
    client.destroy()
    await dial()
    await say('alive')
  })
})
