/** Serves a handler on a loopback port. */
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that listens, and its address. */
export interface Listening {
  port: number
  /** Ends the connections and stops listening. */
  close(): Promise<void>
}

/** Listens on `port`, or on a free one when it is taken. */
export async function listen(handler: RequestListener, port: number): Promise<Listening> {
  const server = createServer(handler)
  try {
    await bind(server, port)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    await bind(server, 0)
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function bind(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}
