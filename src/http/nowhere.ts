/** A connection without a client: an answer over it is made to its end, and reaches nobody. */
import type { ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'

/** What applications read of a connection. */
const socketFacts = [
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'localAddress',
  'localPort',
  'encrypted',
  'authorized',
  'servername',
] as const

/** A connection whose client is not there: what is written vanishes, what is asked of it is what the trigger's had to say. */
export class Nowhere extends Duplex {
  constructor(socket: object) {
    super({ autoDestroy: false })
    for (const name of socketFacts) {
      const value = (socket as Record<string, unknown>)[name]
      if (value !== undefined) Object.defineProperty(this, name, { value, configurable: true, writable: true })
    }
    const { getPeerCertificate } = socket as { getPeerCertificate?: (...args: unknown[]) => unknown }
    if (getPeerCertificate !== undefined)
      Object.defineProperty(this, 'getPeerCertificate', { value: getPeerCertificate.bind(socket) })
  }

  /** Lets `res` answer over this connection, which ends with it. */
  seat(res: ServerResponse): void {
    res.shouldKeepAlive = false
    res.assignSocket(this as never)
    // All this is done by a server for its own connections: an answer that is broken off is nobody else's trouble, and one that waits goes on.
    this.on('error', () => undefined)
    this.on('drain', () => res.emit('drain'))
    Object.defineProperty(res, 'writableNeedDrain', {
      configurable: true,
      get: () => !res.writableEnded && !this.destroyed && this.writableNeedDrain,
    })
    res.once('finish', () => this.destroy())
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    // In a turn of its own: who streams without end must let others have theirs.
    setImmediate(done)
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }
}
