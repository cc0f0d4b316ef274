// HTTP requests as tests need them: byte for byte, without a shared agent, read slowly or broken off.
import { once } from 'node:events'
import { Agent, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A whole response. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** The body as UTF-8. */
  readonly text: string
}

/** What `send` may be told besides the port and the path. */
export interface SendOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

/** Resolves to all bytes that a connection brings for `text`, which should ask for `Connection: close`. */
export async function raw(port: number, text: string): Promise<Buffer> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  return await buffer(socket)
}

/** Sends a GET on a connection of its own. */
export function get(port: number, path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
  return send(port, path, { headers })
}

/** Sends a request on a connection of its own. */
export async function send(port: number, path: string, options: SendOptions = {}): Promise<Answer> {
  const res = await open(port, path, options)
  const body = await buffer(res)
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    rawHeaders: res.rawHeaders,
    body,
    text: body.toString(),
  }
}

/** A response whose head has arrived and whose body nobody reads yet. */
export interface SlowAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Resolves to the whole body: only now it is read, until then the server meets back-pressure. */
  read(): Promise<Buffer>
  /** Breaks off: the server sees the client leave. */
  abort(): void
}

/** Sends a GET and stops at the head of the answer, for a client that is slow or leaves half-way. */
export async function getSlowly(port: number, path: string, headers: OutgoingHttpHeaders = {}): Promise<SlowAnswer> {
  const res = await open(port, path, { headers })
  return {
    status: res.statusCode ?? 0,
    headers: res.headers,
    read: () => buffer(res),
    abort: () => void res.destroy(),
  }
}

/** Sends a GET; the function that it returns makes the client leave before any answer. */
export function getAndLeave(port: number, path: string, headers: OutgoingHttpHeaders = {}): () => void {
  const req = request({ port, path, headers, host: '127.0.0.1', agent: new Agent() })
  req.on('error', () => {}) // what leaving is on this side
  req.end()
  return () => void req.destroy()
}

async function open(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: SendOptions,
): Promise<IncomingMessage> {
  const req = request({ port, path, method, headers, host: '127.0.0.1', agent: new Agent() })
  req.end(body)
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  res.on('error', () => {}) // after an abort
  return res
}
