// A simulated Redis server: one thing at a time, its own clock, replication with a lag, and death.
import { createHash } from 'node:crypto'
import type { Random } from '../consistency/random.ts'
import type { EventQueue } from './event-queue.ts'
import { type Effect, Keyspace, ReplyError } from './keyspace.ts'
import type { End, Wire } from './network.ts'
import { type Script, scriptOf } from './scripts.ts'

/** One client's connection, as the server sees it. */
export interface Session {
  readonly wire: Wire
  readonly channels: Set<string>
  /** Delivers a message that was published. */
  hear(channel: string, text: string): void
}

/** What a client asks: the reply, or the error that is the reply. */
export type Command = (node: RedisNode, session: Session) => unknown

/** Microseconds since 1970 at which servers begin, about. */
const BEGINNING_MS = 1.7e12

interface Following {
  readonly replica: RedisNode
  /** The last effect is applied there no earlier than this. */
  lastAt: number
}

/** One server. */
export class RedisNode implements End {
  readonly name: string
  readonly store: Keyspace
  readonly sessions = new Set<Session>()
  readonly #queue: EventQueue
  readonly #random: Random
  readonly #others: ReadonlyMap<string, Script>
  #offset: number
  #followers: Following[] = []
  /** Texts of scripts, by sha. */
  #known = new Map<string, string>()
  #stops = 0
  #held: (() => void)[] = []
  role: 'master' | 'slave' = 'master'
  replid: string
  alive = true
  loading = false
  /** How long an effect takes to a replica, in ms. */
  lag = 1
  /** Is told of whatever this server publishes as a primary. */
  announced: (text: string) => void = () => undefined

  /** @param others scripts of weakened parts, by their text */
  constructor(name: string, queue: EventQueue, random: Random, others: ReadonlyMap<string, Script>) {
    this.name = name
    this.#queue = queue
    this.#random = random
    this.#others = others
    this.replid = this.#drawHistory()
    this.#offset = BEGINNING_MS + random.between(-1e8, 1e8)
    this.store = new Keyspace({
      now: () => this.#offset + queue.now,
      changed: (effect) => this.#changed(effect),
    })
  }

  /** What arrives waits while the server stands still. */
  perform(action: () => void): void {
    if (this.#stops > 0) this.#held.push(action)
    else action()
  }

  /** Runs a command; an error may be the reply. On a connection that is over nothing runs. */
  execute(command: Command, session: Session): unknown {
    if (!this.sessions.has(session)) return undefined
    try {
      return command(this, session)
    } catch (error) {
      if (error instanceof ReplyError) return error
      throw error
    }
  }

  /** @throws ReplyError for commands that touch data, while it is being loaded */
  assertLoaded(): void {
    if (this.loading) throw new ReplyError('LOADING Redis is loading the dataset in memory')
  }

  evalsha(sha: string, key: string, args: readonly string[]): unknown {
    this.assertLoaded()
    const text = this.#known.get(sha)
    if (text === undefined) throw new ReplyError('NOSCRIPT No matching script. Please use EVAL.')
    return this.#runScript(text, key, args)
  }

  eval(text: string, key: string, args: readonly string[]): unknown {
    this.assertLoaded()
    this.#known.set(createHash('sha1').update(text).digest('hex'), text)
    return this.#runScript(text, key, args)
  }

  /** Stands still for `ms`. */
  stop(ms: number): void {
    this.#stops++
    this.#queue.after(ms, () => {
      if (--this.#stops > 0) return
      for (const action of this.#held.splice(0)) action()
    })
  }

  /** Its wall clock is set. */
  jump(ms: number): void {
    this.#offset += ms
  }

  /** Ends connections; what was sent before arrives. */
  disconnect(isMeant: (session: Session) => boolean = () => true): void {
    for (const session of [...this.sessions]) if (isMeant(session)) this.#hangUp(session)
  }

  /** Dies. Where the machine dies with it, nobody is told. */
  die(withMachine = false): void {
    this.alive = false
    this.#followers = []
    if (withMachine) for (const { wire } of this.sessions) wire.sever()
    else this.disconnect()
    this.sessions.clear()
  }

  /** Starts anew: another history, no scripts, and the data of a snapshot. */
  start(snapshot: ReturnType<Keyspace['snapshot']>): void {
    this.alive = true
    this.#known = new Map()
    this.replid = this.#drawHistory()
    this.store.restore(snapshot)
  }

  /** Follows another server: takes its data and its history, and from then on what it does, later. */
  follow(primary: RedisNode): void {
    this.role = 'slave'
    this.store.readOnly = true
    this.store.restore(primary.store.snapshot())
    this.replid = primary.replid
    primary.#followers.push({ replica: this, lastAt: this.#queue.now })
  }

  /** Becomes a replica whose primary is not found yet. */
  demote(): void {
    this.role = 'slave'
    this.store.readOnly = true
    this.#followers = []
  }

  /** Becomes the primary, with the data it has. */
  promote(): void {
    this.role = 'master'
    this.store.readOnly = false
    this.replid = this.#drawHistory()
  }

  #drawHistory(): string {
    let text = ''
    while (text.length < 40) text += Math.floor(this.#random.next() * 16).toString(16)
    return text
  }

  #runScript(text: string, key: string, args: readonly string[]): unknown {
    return scriptOf(text, this.#others)(this.store, key, args)
  }

  #hangUp(session: Session): void {
    this.sessions.delete(session)
    const { wire } = session
    wire.down.send(() => {
      wire.close()
      wire.clientLost()
    })
  }

  #changed(effect: Effect): void {
    if (effect.kind === 'publish') this.#tell(effect.channel, effect.text)
    if (effect.kind === 'publish' && this.role === 'master') this.announced(effect.text)
    for (const following of this.#followers) this.#replicate(following, effect)
  }

  #tell(channel: string, text: string): void {
    for (const session of this.sessions) if (session.channels.has(channel)) session.hear(channel, text)
  }

  #replicate(following: Following, effect: Effect): void {
    const { replica } = following
    following.lastAt = Math.max(following.lastAt, this.#queue.now + this.#random.next() * 2 * this.lag)
    this.#queue.at(following.lastAt, () => {
      if (replica.alive && this.#followers.includes(following)) replica.store.apply(effect)
    })
  }
}
