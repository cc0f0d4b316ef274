// The tests' own HTTP client shows bytes as they are, reads late and leaves early.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { deferred } from '../../support/gate.ts'
import { get, getAndLeave, getSlowly, raw, send } from '../../support/http-client.ts'

describe('an HTTP client for tests', () => {
  const large = Buffer.alloc(32_000_000, 'x')
  let answered: ServerResponse
  let asked = deferred<ServerResponse>()
  const server = createServer((req, res) => {
    answered = res
    asked.resolve(res)
    if (req.url === '/silence') return
    if (req.url === '/large') res.end(large)
    else req.pipe(res.setHeader('Set-Cookie', ['a=1', 'b=2']))
  })
  let port: number

  before(async () => {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = (server.address() as AddressInfo).port
  })

  beforeEach(() => {
    asked = deferred()
  })

  after(() => void server.close())

  it('brings the bytes of the answer', async () => {
    const bytes = await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(`${bytes}`).to.match(/^HTTP\/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n/)
  })

  it('sends a method, headers and a body, and brings all of the answer', async () => {
    const answer = await send(port, '/', { method: 'POST', headers: { 'X-A': '1' }, body: 'é' })
    expect(answer).to.deep.include({ status: 200, text: 'é', body: Buffer.from('é') })
    expect(answer.rawHeaders).to.include.ordered.members(['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
    expect((await get(port, '/')).text).to.equal('')
  })

  it('reads no body before it is told to', async () => {
    const slow = await getSlowly(port, '/large')
    expect(answered.writableFinished).to.equal(false)
    expect((await slow.read()).equals(large)).to.equal(true)
  })

  it('leaves in the middle of a body', async () => {
    const slow = await getSlowly(port, '/large')
    const closed = once(answered, 'close')
    slow.abort()
    await closed
    expect(answered.destroyed).to.equal(true)
  })

  it('leaves before any answer', async () => {
    const leave = getAndLeave(port, '/silence')
    const res = await asked.promise
    const closed = once(res, 'close')
    leave()
    await closed
    expect(res.headersSent).to.equal(false)
  })
})
