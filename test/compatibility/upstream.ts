// A server that others proxy to: the test says what it answers, and how far.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A listening server. */
export interface Upstream {
  readonly url: string
  /** Requests so far, as `GET /path`. */
  readonly asked: readonly string[]
}

/** Starts servers that stop after the test; call it inside `describe`. */
export function upstreams(): (listener: RequestListener) => Promise<Upstream> {
  const servers: ReturnType<typeof createServer>[] = []
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      server.close()
    }
  })
  return async (listener) => {
    const asked: string[] = []
    const server = createServer((req, res) => {
      asked.push(`${req.method} ${req.url}`)
      listener(req, res)
    })
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
  }
}
