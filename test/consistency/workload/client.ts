// A client of one member of the fleet: asks one thing after another, and writes down what it saw.
import { now, pause } from '../clock.ts'
import type { Promised, Write } from '../history.ts'
import type { Recorder } from '../recorder.ts'
import { Connection, Lost, Silent } from '../stage/connection.ts'
import { labelOf } from '../stage/label.ts'
import type { Life, Member } from '../stage/member.ts'
import { HEADERS } from '../stage/origin.ts'

/** Gives each request of a run its number. */
export type NextId = () => number

/** How long a client waits before it connects again, in ms. */
const AFTER_LOSS = 5

/** One session. After a restart of the process it goes on with the new one. */
export class Client {
  readonly #session: string
  readonly #member: Member
  readonly #recorder: Recorder
  readonly #nextId: NextId
  #connection: Connection | undefined
  #life: Life | undefined

  constructor(session: string, member: Member, recorder: Recorder, nextId: NextId) {
    this.#session = session
    this.#member = member
    this.#recorder = recorder
    this.#nextId = nextId
  }

  /** Reads a tag through a route. Resolves to the value, or to undefined where no good answer came. */
  async read(route: Promised, tag: string): Promise<number | undefined> {
    const { request, reply } = await this.#send('GET', `/${route.name}/${tag}`, tag)
    if (reply?.status !== 200) return undefined
    const value = valueIn(reply.text, tag)
    this.#recorder.read({ ...request, op: 'read', route, value, label: labelOf(reply.cacheStatus) })
    return value
  }

  /** Writes a tag. Resolves to the number of the write. */
  async write(mode: Write['mode'], tag: string): Promise<number> {
    const { request } = await this.#send('PUT', `/${mode}/${tag}`, tag)
    this.#recorder.wrote({ ...request, mode })
    return request.id
  }

  close(): void {
    this.#connection?.close()
  }

  async #send(method: 'GET' | 'PUT', path: string, tag: string) {
    const connection = await this.#connected()
    const id = this.#nextId()
    const life = this.#life!
    const process = life.name
    const start = now()
    const reply = await connection
      .send(method, path, `${HEADERS.request}: ${id}\r\n`)
      .catch((error: Error) => this.#missed(error, life))
    if (reply === undefined) await pause(AFTER_LOSS)
    const end = reply === undefined ? Number.POSITIVE_INFINITY : now()
    return { request: { id, process, session: this.#session, tag, start, end, status: reply?.status ?? 0 }, reply }
  }

  async #missed(error: Error, life: Life): Promise<undefined> {
    if (!(error instanceof Lost)) throw error
    if (!(error instanceof Silent)) return
    this.#recorder.trouble(`${life.name}: ${error.message}`)
    await this.#member.replace(life)
  }

  async #connected(): Promise<Connection> {
    while (this.#member.life === undefined) await pause(10)
    if (this.#connection === undefined || this.#life !== this.#member.life) {
      this.#connection?.close()
      this.#life = this.#member.life
      this.#connection = new Connection(this.#life.port)
    }
    return this.#connection
  }
}

/** An answer about another tag has no value: nobody ever wrote it. */
function valueIn(text: string, tag: string): number {
  return text.startsWith(`${tag} `) ? Number(text.slice(tag.length + 1)) : Number.NaN
}
