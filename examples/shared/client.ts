/** A client that sends real HTTP requests, all of them at once when there are several. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Message {
  method: string
  path: string
  json?: unknown
}

export interface Reply {
  status: number
  cacheStatus: string | undefined
  body: string
}

/** Where to connect to, and the name to ask for: servers behind one load balancer are asked for the same. */
export interface Target {
  port: number
  host: string
}

/** Sends the message `times` times at the same moment, each on a connection opened beforehand. */
export async function send(target: Target, message: Message, times: number): Promise<{ replies: Reply[]; ms: number }> {
  const sockets = await Promise.all(Array.from({ length: times }, () => open(target.port)))
  const start = performance.now()
  const replies = await Promise.all(sockets.map((socket) => exchange(socket, target.host, message)))
  return { replies, ms: performance.now() - start }
}

async function open(port: number) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

async function exchange(
  socket: ReturnType<typeof connect>,
  host: string,
  { method, path, json }: Message,
): Promise<Reply> {
  const headers = { host, 'content-type': 'application/json', connection: 'close' }
  const sent = request({ method, path, headers, createConnection: () => socket })
  sent.end(json === undefined ? undefined : JSON.stringify(json))
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  const cacheStatus = response.headers['cache-status']
  return {
    status: response.statusCode ?? 0,
    cacheStatus: Array.isArray(cacheStatus) ? cacheStatus.join(', ') : cacheStatus,
    body: await text(response),
  }
}
