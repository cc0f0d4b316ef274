// A keep-alive HTTP connection that asks one thing after another, as cheaply as it can: the clients must not be what is measured.
import { connect, type Socket } from 'node:net'

/** What matters of an answer. */
export interface Reply {
  readonly status: number
  readonly cacheStatus: string | undefined
  readonly text: string
}

/** The server closed the connection before it answered, or there is none. */
export class Lost extends Error {
  override readonly name: string = 'Lost'
}

/** The server took the request and never answered. */
export class Silent extends Lost {
  override readonly name = 'Silent'
}

/** How long an answer may take, in ms: no fault lasts so long. */
const PATIENCE = 15_000

const HEAD_END = '\r\n\r\n'
const LENGTH = /^content-length: (.*)$/im
const CACHE_STATUS = /^cache-status: (.*)$/im

/** One client of one port. It connects with its first request, and again after a loss with the next. */
export class Connection {
  readonly #port: number
  #socket: Socket | undefined
  #received = ''
  #settle: { resolve(reply: Reply): void; reject(error: Error): void } | undefined

  constructor(port: number) {
    this.#port = port
  }

  /**
   * Sends a request without a body; the one before must be over.
   *
   * @throws Lost where no answer comes any more, Silent where none came in time
   */
  send(method: 'GET' | 'PUT', path: string, fields = ''): Promise<Reply> {
    const socket = this.#connected()
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: shop.test\r\n${fields}\r\n`)
    })
  }

  /** Breaks off; a request under way is lost. */
  close(): void {
    this.#socket?.destroy()
  }

  #connected(): Socket {
    if (this.#socket !== undefined) return this.#socket
    const socket = connect(this.#port, '127.0.0.1').setNoDelay().setEncoding('latin1')
    this.#received = ''
    socket.on('data', (text: string) => this.#receive(text))
    socket.on('error', () => {}) // `close` follows
    socket.setTimeout(PATIENCE, () => {
      this.#take()?.reject(new Silent(`No answer within ${PATIENCE} ms`))
      socket.destroy()
    })
    socket.on('close', () => {
      this.#socket = undefined
      this.#take()?.reject(new Lost('The connection was closed'))
    })
    this.#socket = socket
    return socket
  }

  #receive(text: string): void {
    this.#received += text
    const end = this.#received.indexOf(HEAD_END)
    if (end === -1) return
    const head = this.#received.slice(0, end)
    const length = LENGTH.exec(head)?.[1]
    if (length === undefined) throw new Error(`An answer of unknown length:\n${head}`)
    const body = this.#received.slice(end + HEAD_END.length)
    if (body.length < Number(length)) return
    this.#received = ''
    this.#take()?.resolve({ status: Number(head.slice(9, 12)), cacheStatus: CACHE_STATUS.exec(head)?.[1], text: body })
  }

  #take() {
    const settle = this.#settle
    this.#settle = undefined
    return settle
  }
}
