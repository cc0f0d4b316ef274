// Readers and writers at every process, until they are told to stop.
import { pause } from '../clock.ts'
import type { Promised } from '../history.ts'
import type { Random } from '../random.ts'
import type { Recorder } from '../recorder.ts'
import type { Member } from '../stage/member.ts'
import { Client, type NextId } from './client.ts'

/** Who reads and writes what. */
export interface WorkloadSettings {
  readonly members: readonly Member[]
  readonly recorder: Recorder
  readonly nextId: NextId
  readonly random: Random
  readonly tags: readonly string[]
  readonly routes: readonly Promised[]
  /** Sessions that read, at each member. */
  readonly readers: number
}

/** Sessions that write, at each member. */
const WRITERS = 2

/** The longest rests of readers and writers between two requests, in ms. */
const READER_REST = 6
const WRITER_REST = 80
/** The part of the writes that announce themselves. */
const INTENTS = 0.3

/** Work that goes on by itself. */
export class Workload {
  readonly #settings: WorkloadSettings
  readonly #clients: Client[] = []
  readonly #readers: Promise<void>[]
  readonly #writers: Promise<void>[]
  #writing = true
  #reading = true

  constructor(settings: WorkloadSettings) {
    this.#settings = settings
    const { members, readers } = settings
    this.#readers = members.flatMap((member, m) =>
      Array.from({ length: readers }, (_, i) => this.#read(this.#client(`reader ${m + 1}.${i + 1}`, member))),
    )
    // Writers at each member: where a process stands still, the others go on.
    this.#writers = members.flatMap((member, m) =>
      Array.from({ length: WRITERS }, (_, i) => this.#write(this.#client(`writer ${m + 1}.${i + 1}`, member), m)),
    )
  }

  /** Resolves when the last write is answered. */
  async stopWriting(): Promise<void> {
    this.#writing = false
    await Promise.all(this.#writers)
  }

  /** Resolves when the last read is answered. */
  async stopReading(): Promise<void> {
    this.#reading = false
    await Promise.all(this.#readers)
    for (const client of this.#clients) client.close()
  }

  #client(session: string, member: Member): Client {
    const client = new Client(session, member, this.#settings.recorder, this.#settings.nextId)
    this.#clients.push(client)
    return client
  }

  async #read(client: Client): Promise<void> {
    const random = this.#settings.random.fork()
    const { routes, tags } = this.#settings
    while (this.#reading) {
      await client.read(random.pick(routes), random.pick(tags))
      if (random.chance(0.7)) await pause(random.between(0, READER_REST))
    }
  }

  async #write(client: Client, member: number): Promise<void> {
    const random = this.#settings.random.fork()
    const { tags, members } = this.#settings
    // Every other tag is written by one process alone: of it, the others know nothing but what they hear.
    const shared = tags.filter((_, i) => i % 2 === 0)
    const own = tags.filter((_, i) => i % 2 === 1 && (i >> 1) % members.length === member)
    const pick = () => (own.length > 0 && random.chance(0.5) ? random.pick(own) : random.pickEarly(shared))
    while (this.#writing) {
      await client.write(random.chance(INTENTS) ? 'intent' : 'after', pick())
      await pause(random.between(0, WRITER_REST))
    }
  }
}
