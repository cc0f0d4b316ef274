// An answer held back while a bump is under way: nothing leaves early, and the handler sees a response that works.
import { once } from 'node:events'
import { expect } from 'chai'
import { type Held, hold, turns } from '../fixtures/held-answer.ts'

describe('a held answer', () => {
  let held: Held

  afterEach(() => held.stop())

  it('does not leave before the act is over, and then leaves as it would have', async () => {
    held = await hold()
    held.res.setHeader('X-A', '1')
    expect(held.res.end('body')).to.equal(held.res)
    await turns()
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
      await turns()
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
      await turns()
      expect(called).to.equal(0)
      held.acts[0]?.resolve()
      expect(await held.whole).to.match(answer)
      expect(called).to.equal(1)
    })
  }

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
    await turns()
    expect(held.res.destroyed).to.equal(true)
  })
})
