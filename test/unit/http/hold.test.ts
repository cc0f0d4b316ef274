// An answer held back while a bump is under way: nothing leaves early, nothing is lost, and the handler sees a response that works.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import { holdAnswer } from '../../../src/http/hold.ts'
import { type Deferred, deferred, eventually } from '../../support/gate.ts'

/** A request whose answer is held, and everything that came of it so far. */
interface Held {
  readonly res: ServerResponse
  /** One for each call of `act`, in order; settle it to let the answer go on. */
  readonly acts: Deferred<void>[]
  /** What the client has received. */
  received(): string
  /** Resolves to all of it once the connection is closed. */
  readonly whole: Promise<string>
  leave(): void
}

describe('a held answer', () => {
  let held: Held
  let stop: () => void

  async function hold(method = 'GET', immediate = false): Promise<Held> {
    const acts: Deferred<void>[] = []
    const requested = deferred<[IncomingMessage, ServerResponse]>()
    const server = createServer((req, res) => requested.resolve([req, res]))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const socket: Socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    stop = () => {
      socket.destroy()
      server.closeAllConnections()
      server.close()
    }
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    const whole = once(socket, 'close').then(() => text)
    socket.write(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const [, res] = await requested.promise
    res.sendDate = false
    holdAnswer(res, () => {
      const act = deferred()
      acts.push(act)
      return immediate ? undefined : act.promise
    })
    return { res, acts, received: () => text, whole, leave: () => void socket.destroy() }
  }

  afterEach(() => stop())

  /** Gives bytes that left too early the time to arrive: the server answers another request meanwhile. */
  const turn = async () => {
    for (let i = 0; i < 5; i++) await new Promise(setImmediate)
  }

  it('does not leave before the act is over, and then leaves as it would have', async () => {
    held = await hold()
    held.res.setHeader('X-A', '1')
    expect(held.res.end('body')).to.equal(held.res)
    await turn()
    expect(held.received()).to.equal('')
    held.acts[0]?.resolve()
    expect(await held.whole).to.equal('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody')
    expect(held.acts).to.have.length(1)
  })

  it('reads as sent meanwhile', async () => {
    held = await hold()
    held.res.end('body')
    expect([held.res.headersSent, held.res.writableEnded]).to.deep.equal([true, true])
    expect(() => held.res.setHeader('X-Late', '1'))
      .to.throw()
      .with.property('code', 'ERR_HTTP_HEADERS_SENT')
    held.acts[0]?.resolve()
    await held.whole
    expect(held.res.writableFinished).to.equal(true)
    expect(Object.hasOwn(held.res, 'writableEnded')).to.equal(false)
  })

  // T61
  for (const status of [400, 404, 409, 500]) {
    it(`leaves at once with ${status}: the write failed`, async () => {
      held = await hold()
      held.res.statusCode = status
      held.res.end('no')
      expect(await held.whole).to.match(new RegExp(`^HTTP/1.1 ${status} `))
      expect(held.acts).to.have.length(0)
    })
  }

  for (const status of [200, 201, 204, 303]) {
    it(`is held with ${status}`, async () => {
      held = await hold()
      held.res.statusCode = status
      held.res.end()
      await turn()
      expect([held.received(), held.acts.length]).to.deep.equal(['', 1])
      held.acts[0]?.resolve()
      expect(await held.whole).to.match(new RegExp(`^HTTP/1.1 ${status} `))
    })
  }

  it('waits for nothing where the act is over at once', async () => {
    held = await hold('GET', true)
    held.res.end('body')
    expect(await held.whole).to.match(/\r\n\r\nbody$/)
    expect(held.acts).to.have.length(1)
  })

  it('that streams is held before its first byte, and once more before its last', async () => {
    held = await hold()
    expect(held.res.write('first')).to.equal(false)
    await turn()
    expect(held.received()).to.equal('')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/5\r\nfirst\r\n$/))
    expect(held.res.write('second')).to.equal(true)
    await eventually(() => expect(held.received()).to.match(/6\r\nsecond\r\n$/))
    held.res.end('last')
    await turn()
    expect(held.received()).to.not.match(/last/)
    expect(held.acts).to.have.length(2)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/4\r\nlast\r\n0\r\n\r\n$/)
    expect(held.acts).to.have.length(2)
  })

  it('keeps every chunk written meanwhile, in order, and the end behind them', async () => {
    held = await hold()
    held.res.write('a')
    held.res.write('b')
    held.res.end('c')
    expect(held.res.writableEnded).to.equal(true)
    held.acts[0]?.resolve()
    await eventually(() => expect(held.acts).to.have.length(2))
    expect(held.res.writableEnded).to.equal(true)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n$/)
  })

  // T2
  it('keeps a copy of a chunk that its writer uses again', async () => {
    held = await hold()
    const chunk = Buffer.from('first')
    held.res.write(chunk)
    chunk.fill('x')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/first/))
  })

  // T4
  it('says there is no room and drains later, whatever else was called meanwhile', async () => {
    for (const others of [[], ['flushHeaders'], ['write']] as const) {
      held = await hold()
      const drained = once(held.res, 'drain')
      expect(held.res.write('a')).to.equal(false)
      for (const other of others) held.res[other]('b')
      held.acts[0]?.resolve()
      await drained
      stop()
    }
  })

  it('lets a stream be piped through', async () => {
    held = await hold()
    const chunks = Array.from({ length: 50 }, (_, i) => Buffer.alloc(10_000, String(i % 10)))
    const piping = pipeline(Readable.from(chunks), held.res)
    await eventually(() => expect(held.acts).to.have.length(1))
    held.acts[0]?.resolve()
    await eventually(() => expect(held.acts).to.have.length(2))
    held.acts[1]?.resolve()
    await piping
    expect((await held.whole).match(/0{10000}/g)).to.have.length(5)
  })

  // T4
  const ends: [name: string, args: (callback: () => void) => unknown[], body: RegExp][] = [
    ['(callback)', (callback) => [callback], /Content-Length: 0\r\n.*\r\n\r\n$/s],
    ['(chunk, callback)', (callback) => ['é', callback], /Content-Length: 2\r\n.*\r\n\r\né$/s],
    ['(chunk, encoding, callback)', (callback) => ['w6k=', 'base64', callback], /Content-Length: 2\r\n.*\r\n\r\né$/s],
    ['(bytes, callback)', (callback) => [new Uint8Array([97]), callback], /Content-Length: 1\r\n.*\r\n\r\na$/s],
    ['(null, callback)', (callback) => [null, callback], /Content-Length: 0\r\n.*\r\n\r\n$/s],
    ['(empty text, callback)', (callback) => ['', callback], /Content-Length: 0\r\n.*\r\n\r\n$/s],
  ]
  for (const [name, args, answer] of ends) {
    it(`ends as end${name} does, and calls back once`, async () => {
      held = await hold()
      let called = 0
      held.res.end(...(args(() => called++) as []))
      await turn()
      expect(called).to.equal(0)
      held.acts[0]?.resolve()
      expect(await held.whole).to.match(answer)
      expect(called).to.equal(1)
    })
  }

  it('calls back for every write, once', async () => {
    held = await hold()
    const called: string[] = []
    held.res.write('a', () => called.push('a'))
    held.res.write('b', 'utf8', () => called.push('b'))
    held.acts[0]?.resolve()
    await eventually(() => expect(called).to.deep.equal(['a', 'b']))
  })

  // T11
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    it(`announces no length it would not have announced: ${method} ${status}`, async () => {
      held = await hold(method)
      held.res.statusCode = status
      held.res.end()
      held.acts[0]?.resolve()
      expect(await held.whole).to.not.match(/content-length|transfer-encoding/i)
    })
  }

  it('keeps the length and the phrase that the handler set', async () => {
    held = await hold()
    held.res.writeHead(201, 'Made', { 'Content-Length': '4' })
    held.res.end('body')
    held.acts[0]?.resolve()
    expect(await held.whole).to.match(/^HTTP\/1.1 201 Made\r\nContent-Length: 4\r\n(?!.*Content-Length)/s)
  })

  // T7
  it('holds flushed headers, and the end after them', async () => {
    held = await hold()
    held.res.flushHeaders()
    expect(held.res.headersSent).to.equal(true)
    await turn()
    expect(held.received()).to.equal('')
    held.acts[0]?.resolve()
    await eventually(() => expect(held.received()).to.match(/^HTTP\/1.1 200 OK/))
    held.res.end('body')
    expect(held.acts).to.have.length(2)
    held.acts[1]?.resolve()
    expect(await held.whole).to.match(/4\r\nbody\r\n0\r\n\r\n$/)
  })

  // T14
  for (const [chunk, code] of [
    [5, 'ERR_INVALID_ARG_TYPE'],
    [null, 'ERR_STREAM_NULL_VALUES'],
    [{}, 'ERR_INVALID_ARG_TYPE'],
  ] as const) {
    it(`throws for write(${JSON.stringify(chunk)}) as Node does, and acts for nothing`, async () => {
      held = await hold()
      expect(() => held.res.write(chunk))
        .to.throw()
        .with.property('code', code)
      expect([held.acts.length, held.res.headersSent]).to.deep.equal([0, false])
    })
  }

  it('does not mind a second end, which sends nothing', async () => {
    held = await hold()
    held.res.on('error', () => undefined)
    held.res.end('body')
    held.res.end()
    held.acts[0]?.resolve()
    expect(await held.whole).to.match(/\r\n\r\nbody$/)
    expect(held.acts).to.have.length(1)
  })

  it('changes nothing for a client that left: the act was begun and ends in peace', async () => {
    held = await hold()
    held.res.end('body')
    held.leave()
    await once(held.res, 'close')
    held.acts[0]?.resolve()
    await turn()
    expect(held.res.destroyed).to.equal(true)
  })
})
