// One connection that is kept alive: what it brings is read byte by byte, so that nothing too much goes unseen.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'

/** One answer as it came. */
export interface RawAnswer {
  /** Status line and fields, whatever the date. */
  readonly head: string
  readonly status: number
  readonly body: Buffer
  readonly text: string
  /** A field's only line, or undefined. */
  field(name: string): string | undefined
}

/** A client that asks one thing after the other. */
export class Connection {
  readonly #socket: Socket
  #bytes: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
    })
    this.#socket.on('error', () => undefined)
    this.#socket.once('close', () => {
      this.#ended = true
    })
  }

  /** Sends a request and does not wait. */
  write(path: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}) {
    const fields = Object.entries({ Host: 'shop.test', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${fields.join('')}\r\n`)
  }

  async ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<RawAnswer> {
    this.write(path, options)
    return await this.read(options.method)
  }

  /** Resolves to the next whole answer. */
  async read(method = 'GET'): Promise<RawAnswer> {
    const end = (await this.#until(() => at(this.#bytes.indexOf('\r\n\r\n')))) + 4
    const head = this.#take(end).toString('latin1')
    const status = Number(head.slice(9, 12))
    const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1]
    const bodiless = method === 'HEAD' || status === 204 || status === 304
    const body = bodiless ? Buffer.alloc(0) : await this.#body(field)
    return { head: head.replace(/^Date: .*\r\n/m, 'Date: now\r\n'), status, body, text: body.toString(), field }
  }

  async #body(field: RawAnswer['field']): Promise<Buffer> {
    const length = field('content-length')
    if (length !== undefined) return this.#take(await this.#until(() => this.#holds(Number(length))))
    expect(field('transfer-encoding')).to.equal('chunked')
    const chunks: Buffer[] = []
    for (;;) {
      const line = await this.#until(() => at(this.#bytes.indexOf('\r\n')))
      const size = Number.parseInt(this.#take(line + 2).toString(), 16)
      const chunk = this.#take(await this.#until(() => this.#holds(size + 2)))
      if (size === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, size))
    }
  }

  /** Fails where anything came that no answer had room for; leaves. */
  close(): void {
    expect(this.#bytes.toString(), 'bytes beyond the answers').to.equal('')
    expect(this.#ended, 'ended by the server').to.equal(false)
    this.#socket.destroy()
  }

  /** Leaves in the middle of whatever there is. */
  leave(): void {
    this.#socket.resetAndDestroy()
  }

  #holds(length: number): number | undefined {
    return this.#bytes.length >= length ? length : undefined
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }

  async #until(found: () => number | undefined): Promise<number> {
    for (;;) {
      const position = found()
      if (position !== undefined) return position
      if (this.#ended) throw new Error(`The connection ended after ${JSON.stringify(this.#bytes.toString())}`)
      await Promise.race([once(this.#socket, 'data'), once(this.#socket, 'close')])
    }
  }
}

function at(index: number): number | undefined {
  return index < 0 ? undefined : index
}
