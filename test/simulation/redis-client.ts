// A simulated client: the commands that the cache sends, run on a simulated server.
import type { RedisClient } from '../../src/connection/client/client.ts'
import { ClientConnection, type Dialling } from './client-connection.ts'
import type { Value } from './keyspace.ts'

/** A client with one connection that comes back. */
export class SimulatedClient implements RedisClient {
  readonly options = {}
  readonly #connection: ClientConnection

  constructor(dialling: Dialling) {
    this.#connection = new ClientConnection(dialling)
  }

  get status(): string {
    return this.#connection.status
  }

  on(event: string, listener: (...args: never[]) => void): void {
    this.#connection.on(event, listener)
  }

  disconnect(reconnect = false): void {
    this.#connection.disconnect(reconnect)
  }

  /** The process is gone; what it had sent still arrives. */
  abandon(): void {
    this.#connection.abandon()
  }

  get(key: string): Promise<string | null> {
    return this.#connection.send(
      () => `GET ${key}`,
      (node) => {
        node.assertLoaded()
        const value = node.store.get(key)
        return value === null ? null : String(value)
      },
    )
  }

  getBuffer(key: string): Promise<Buffer | null> {
    return this.#connection.send(
      () => `GET ${key}`,
      (node) => {
        node.assertLoaded()
        const value = node.store.get(key)
        return typeof value === 'string' ? Buffer.from(value) : value
      },
    )
  }

  pttl(key: string): Promise<number> {
    return this.#connection.send(
      () => `PTTL ${key}`,
      (node) => {
        node.assertLoaded()
        return node.store.pttl(key)
      },
    )
  }

  set(key: string, value: Value, _mode: 'PX', ms: number): Promise<unknown> {
    return this.#connection.send(
      () => `SET ${key}`,
      (node) => {
        node.assertLoaded()
        node.store.set(key, value, ms)
        return 'OK'
      },
    )
  }

  eval(text: string, _keys: number, key: string | number, ...args: (string | number)[]): Promise<unknown> {
    return this.#connection.send(
      () => `EVAL ${key} ${args.join(' ')}`,
      (node) => node.eval(text, String(key), args.map(String)),
    )
  }

  evalsha(sha: string, _keys: number, key: string | number, ...args: (string | number)[]): Promise<unknown> {
    return this.#connection.send(
      () => `EVALSHA ${sha.slice(0, 4)} ${key} ${args.join(' ')}`,
      (node) => node.evalsha(sha, String(key), args.map(String)),
    )
  }

  info(): Promise<string> {
    return this.#connection.send(
      () => 'INFO',
      ({ role, replid }) => `# Replication\r\nrole:${role}\r\nmaster_replid:${replid}\r\n`,
    )
  }

  role(): Promise<readonly unknown[]> {
    return this.#connection.send(
      () => 'ROLE',
      ({ role }) => [role],
    )
  }

  time(): Promise<readonly string[]> {
    return this.#connection.send(
      () => 'TIME',
      ({ store }) => [String(Math.floor(store.time / 1e6)), String(store.time % 1e6)],
    )
  }

  publish(channel: string, text: string): Promise<number> {
    return this.#connection.send(
      () => `PUBLISH ${channel} ${text}`,
      (node) => {
        node.store.publish(channel, text)
        return 1
      },
    )
  }

  subscribe(...channels: string[]): Promise<unknown> {
    return this.#connection.send(
      () => `SUBSCRIBE ${channels.join(' ')}`,
      (_node, session) => {
        for (const channel of channels) session.channels.add(channel)
        return channels.length
      },
    )
  }

  duplicate(): RedisClient {
    throw new Error('Ours are not copied')
  }
}
