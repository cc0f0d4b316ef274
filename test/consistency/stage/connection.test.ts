// The clients' connection brings what matters of an answer, and says when none comes.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket } from 'node:net'
import { expect } from 'chai'
import { Connection, Lost } from './connection.ts'

describe('a connection of a client', () => {
  let server: Server
  let connection: Connection
  let accepted: Socket[]
  let asked: string
  let answer: (socket: Socket) => void

  beforeEach(async () => {
    accepted = []
    asked = ''
    server = createServer((socket) => {
      accepted.push(socket)
      socket.on('data', (bytes) => {
        asked += bytes
        answer(socket)
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    connection = new Connection((server.address() as AddressInfo).port)
  })
  afterEach(() => {
    connection.close()
    server.close()
  })

  it('asks one thing after another on one socket', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Status: x; hit\r\n\r\nt1')
    const reply = { status: 200, cacheStatus: 'x; hit', text: 't1' }
    expect(await connection.send('GET', '/a', 'x-request: 7\r\n')).to.deep.equal(reply)
    expect(await connection.send('PUT', '/b')).to.deep.equal(reply)
    expect(asked).to.match(/^GET \/a HTTP\/1.1\r\nHost: shop.test\r\nx-request: 7\r\n\r\nPUT \/b HTTP/)
    expect(accepted).to.have.length(1)
  })

  it('waits for all of an answer that comes in pieces', async () => {
    answer = async (socket) => {
      for (const piece of ['HTTP/1.1 503 No\r\ncontent-', 'length: 3\r\n', '\r\na', 'bc']) {
        await new Promise((resolve) => socket.write(piece, resolve))
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    expect(await connection.send('GET', '/')).to.deep.equal({ status: 503, cacheStatus: undefined, text: 'abc' })
  })

  it('says when the server left without an answer, and connects anew', async () => {
    answer = (socket) => socket.destroy()
    expect(await connection.send('GET', '/').catch((error) => error)).to.be.instanceOf(Lost)
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(await connection.send('GET', '/')).to.include({ status: 200, text: '' })
    expect(accepted).to.have.length(2)
  })
})
