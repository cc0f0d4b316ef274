// As many clients of one server as there are requests under way.
import { Connection, type Reply } from '../../consistency/stage/connection.ts'

/** A request that was sent. */
export interface Sent {
  readonly reply: Promise<Reply>
  /** The client leaves. */
  leave(): void
}

/** Keep-alive connections: one that is idle is used again. */
export class Clients {
  readonly #port: number
  readonly #all = new Set<Connection>()
  readonly #idle: Connection[] = []

  constructor(port: number) {
    this.#port = port
  }

  /** Requests under way. */
  get busy(): number {
    return this.#all.size - this.#idle.length
  }

  /** Sends a request; the reply rejects with Lost where there is none. */
  send(method: 'GET' | 'PUT', path: string, fields = ''): Sent {
    const connection = this.#idle.pop() ?? this.#made()
    const reply = connection.send(method, path, fields).finally(() => void this.#idle.push(connection))
    return { reply, leave: () => connection.close() }
  }

  /** Sends a GET. */
  get(path: string): Promise<Reply> {
    return this.send('GET', path).reply
  }

  close(): void {
    for (const connection of this.#all) connection.close()
  }

  #made(): Connection {
    const connection = new Connection(this.#port)
    this.#all.add(connection)
    return connection
  }
}
