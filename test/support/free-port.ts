// Finds a loopback port that nobody listens on.
import { createServer } from 'node:net'

// Below what systems hand out to outgoing connections: on a port of theirs, a client that reconnects to a killed server
// can meet another connection, or itself. Port + 10,000, a cluster node's bus, stays below as well.
const LOWEST = 10_240
const HIGHEST = 22_000

/** Resolves to a port that is free now, and was picked at random so that two processes hardly meet. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
