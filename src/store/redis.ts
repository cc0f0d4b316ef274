/** L2: entries in Redis, shared by all processes. */
import type { Clock, Instant } from '../clock.ts'
import type { Connection } from '../connection/connection.ts'
import { type TroubleLog, troubleKind } from '../connection/trouble.ts'
import type { Entry } from '../entry.ts'
import type { Listener } from '../observe/events.ts'
import { Backlog } from './backlog.ts'
import { decode, encode } from './codec.ts'
import type { Store } from './store.ts'

/** What the store works with. */
export interface RedisStoreOptions {
  readonly connection: Connection
  readonly clock: Clock
  /** Put before each key. */
  readonly prefix: string
  readonly trouble: TroubleLog
  readonly tell: Listener
}

/** Stores under way at once, and their bytes; further ones are let go rather than queued without bound. */
const BOUNDS = Object.freeze({ count: 1_000, bytes: 64 * 1024 ** 2 })

/** A store in Redis. `get` rejects when Redis does not answer; what it cannot read is a miss. `set` never rejects. */
export function redisStore(options: RedisStoreOptions): RedisStore {
  return new RedisStore(options)
}

/** The state behind `redisStore()`. */
export class RedisStore implements Store {
  readonly name = 'l2'
  readonly #options: RedisStoreOptions
  readonly #pending = new Set<Promise<void>>()
  readonly #backlog: Backlog

  constructor(options: RedisStoreOptions) {
    this.#options = options
    this.#backlog = new Backlog(BOUNDS, options.trouble)
  }

  async get(key: string): Promise<Entry | undefined> {
    const { connection, clock, prefix, trouble } = this.#options
    const askedAt = clock.now()
    try {
      // The life before the value: were the entry replaced in between, it would seem to live shorter, never longer.
      const [remaining, frame] = await connection.repeat((client) => {
        return Promise.all([client.pttl(prefix + key), client.getBuffer(prefix + key)])
      })
      trouble.succeeded('get')
      trouble.permitted('get')
      return frame === null || remaining <= 0 ? undefined : this.#read(key, frame, remaining, askedAt)
    } catch (error) {
      trouble.failed('get', error)
      if (troubleKind(error) === 'type') return this.#unreadable(key, 'not a string')
      throw error
    }
  }

  set(key: string, entry: Entry): Promise<void> {
    const { trouble } = this.#options
    if (!this.#backlog.hasRoom(this.#pending.size)) return Promise.resolve()
    const writing = this.#write(key, entry).then(
      () => {
        trouble.succeeded('set')
        trouble.permitted('set')
      },
      (error: unknown) => trouble.failed('set', error),
    )
    this.#pending.add(writing)
    return writing.finally(() => this.#pending.delete(writing))
  }

  /** Resolves once every store under way has ended. */
  async flushed(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }

  async #write(key: string, entry: Entry): Promise<void> {
    const { connection, clock, prefix } = this.#options
    const life = (now: Instant) => Math.floor(entry.expiresAt - now)
    if (life(clock.now()) < 1) return
    await connection.repeat((client) => {
      // Where it is sent anew, less of its life is left.
      const now = clock.now()
      const set = (frame: Buffer) => client.set(prefix + key, frame, 'PX', Math.max(1, life(now)))
      return this.#backlog.sent(encode(entry, now), set)
    })
  }

  #read(key: string, frame: Buffer, remaining: number, askedAt: number): Entry | undefined {
    try {
      return decode(frame, remaining, askedAt)
    } catch (error) {
      return this.#unreadable(key, (error as Error).message)
    }
  }

  #unreadable(key: string, reason: string): undefined {
    this.#options.tell({ type: 'unreadable', key, reason })
  }
}
