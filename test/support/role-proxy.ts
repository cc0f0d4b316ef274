// A proxy in front of Redis that can silence the connections on which messages are heard, and those alone.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from './free-port.ts'

/** A running proxy. */
export interface RoleProxy {
  readonly port: number
  /** Lets the present subscribers talk to nobody, without a word to either side's user. */
  silenceSubscribers(): void
  /** How many connections were ever opened. */
  readonly opened: number
  stop(): void
}

/** Starts a proxy in front of `target`, a port on loopback. */
export async function startRoleProxy(target: number): Promise<RoleProxy> {
  const clients = new Set<Socket>()
  const subscribers = new Map<Socket, Socket>()
  let opened = 0
  const server = createServer((client) => {
    const redis = connect(target, '127.0.0.1').on('error', () => {})
    opened++
    clients.add(client.on('error', () => {}))
    client.on('data', (bytes) => {
      if (/\r\nsubscribe\r\n/i.test(bytes.toString('latin1'))) subscribers.set(client, redis)
      redis.write(bytes)
    })
    redis.on('data', (bytes) => client.write(bytes))
    redis.on('close', () => !silenced.has(client) && client.destroy())
    client.on('close', () => {
      clients.delete(client)
      subscribers.delete(client)
      redis.destroy()
    })
  })
  const silenced = new Set<Socket>()
  const port = await freePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    port,
    get opened() {
      return opened
    },
    silenceSubscribers() {
      for (const [client, redis] of subscribers) {
        silenced.add(client)
        redis.removeAllListeners('data')
        redis.destroy()
      }
    },
    stop() {
      server.close()
      for (const client of clients) client.destroy()
    },
  }
}
