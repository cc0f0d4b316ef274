/** Our own connections to Redis, and the one state machine that says whether it may be asked. */
import type { Clock, Instant } from '../clock.ts'
import { within } from '../clock.ts'
import type { Listener } from '../observe/events.ts'
import {
  type OpenedClients,
  openClients,
  type RedisClient,
  type RedisSource,
  UNKNOWN_GENERATION,
  type Vitals,
} from './client/redis.ts'
import { LateError, type TroubleLog, troubleKind, UnreachableError } from './trouble.ts'

/** How often the connections prove that they live, and a lost Redis is asked whether it is back. */
const PULSE_MS = 250
/** Answers that came too late, in a row, before Redis counts as unreachable; a pulse may take as many budgets. */
const LATE_ANSWERS = 3
/** A connection that owes an answer this long is torn down: its peer may be gone without a word. */
const HALF_OPEN_MS = 400

/** What the connections need to know. */
export interface RedisConnectionOptions {
  readonly source: RedisSource
  readonly clock: Clock
  /** Milliseconds an operation may take before its caller goes on without it. */
  readonly budget: number
  readonly channel: string
  /** A key of ours: reading it proves that the server serves data. */
  readonly probeKey: string
  readonly tell: Listener
  readonly trouble: TroubleLog
}

/** What the owner of the local tokens must do when the connections change. */
export interface ConnectionHooks {
  /** Redis answers again: runs before anything is trusted. Rejecting keeps the connection closed until the next pulse. */
  opening(): Promise<void>
  /** Redis is not asked any more. */
  lost(): void
  /** Messages may have been missed since the last proof. */
  silenced(): void
  message(text: string): void
  /**
   * Redis was proven alive; `sentAt` is the instant the question left.
   * `hearingSince`: since then, and up to `sentAt`, no message can have been missed; undefined where the bus proves nothing.
   */
  pulsed(sentAt: Instant, hearingSince: Instant | undefined): void
  /** The server that answers holds another history than before. */
  generationChanged(): void
}

/** Someone who waits for Redis. */
interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Redis as the rest of the cache sees it: `up` or not, with a generation that names the history of its data. */
export class RedisConnection {
  readonly #options: RedisConnectionOptions
  readonly #clients: OpenedClients
  readonly #hooks: ConnectionHooks[] = []
  readonly #waiting = new Set<Waiter>()
  /** Undefined until Redis answered, or failed to, for the first time. */
  #up: boolean | undefined
  #closed = false
  #lateInARow = 0
  #lateSince: Instant = Number.NEGATIVE_INFINITY
  #lastError = 'not connected yet'
  #pulsing = false
  #subscribed = false
  /** Something changed: the next pulse need not wait. */
  #hurry = false
  #cancelPulse: () => void = () => undefined
  /** Names the history the server's data belongs to (`master_replid`): tokens of another one are other tokens. */
  generation = ''
  /** The server's clock at the last pulse, in µs; undefined where there is more than one clock. */
  serverTime: number | undefined
  /** The instant since which no message can have been missed, or undefined while the bus is silent. */
  hearingSince: Instant | undefined

  constructor(options: RedisConnectionOptions) {
    this.#options = options
    this.#clients = openClients(options.source)
    const { commands, subscriber } = this.#clients
    for (const client of [commands, subscriber]) {
      client.on('error', (error: Error) => {
        this.#lastError = error.message
      })
      this.#watchHandshake(client)
    }
    commands.on('ready', () => void this.#pulse())
    commands.on('close', () => this.#lose(`connection closed: ${this.#lastError}`))
    subscriber.on('ready', () => void this.#listen())
    subscriber.on('close', () => this.#silence())
    subscriber.on('message', (_channel: string, text: string) => this.#each((hooks) => hooks.message(text)))
  }

  get up(): boolean {
    return this.#up === true
  }

  get cluster(): boolean {
    return this.#clients.cluster
  }

  /** Registers one who must know of changes. */
  watch(hooks: ConnectionHooks): void {
    this.#hooks.push(hooks)
  }

  /**
   * Runs a command within the budget.
   *
   * @throws UnreachableError at once while Redis is down, LateError after the budget, else what the command throws
   */
  async command<T>(run: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.#up) throw new UnreachableError(`Redis is not reachable: ${this.#lastError}`)
    return this.insist(run)
  }

  /** As `command`, but also while Redis counts as down: for what must happen before it is trusted again. */
  async insist<T>(run: (client: RedisClient) => Promise<T>): Promise<T> {
    const sentAt = this.#options.clock.now()
    try {
      const answer = await within(this.#options.clock, this.#options.budget, run(this.#clients.commands), () => {
        return new LateError(`Redis did not answer within ${this.#options.budget} ms`)
      })
      this.#lateInARow = 0
      return answer
    } catch (error) {
      if (error instanceof LateError) this.#late(sentAt, error)
      throw error
    }
  }

  /** Commands that were under way together are late together: that is one late answer. */
  #late(sentAt: Instant, error: LateError): void {
    if (sentAt < this.#lateSince) return
    this.#lateSince = this.#options.clock.now()
    if (++this.#lateInARow >= LATE_ANSWERS) this.#lose(error.message)
  }

  /** Resolves once Redis is up; rejects after `ms`, or once the connections are closed. */
  async ready(ms: number): Promise<void> {
    if (this.up) return
    if (this.#closed) throw closedError()
    const late = () => new UnreachableError(`Redis was not reachable within ${ms} ms: ${this.#lastError}`)
    let waiter: Waiter | undefined
    const opened = new Promise<void>((resolve, reject) => {
      waiter = { resolve, reject }
      this.#waiting.add(waiter)
    })
    await within(this.#options.clock, ms, opened, late).finally(() => this.#waiting.delete(waiter!))
  }

  /** Ends both connections; a client that was given stays open. */
  close(): void {
    this.#closed = true
    this.#up = false
    this.#cancelPulse()
    for (const { reject } of this.#waiting) reject(closedError())
    this.#clients.commands.disconnect()
    this.#clients.subscriber.disconnect()
  }

  /** A connection whose peer took it and then never spoke is as dead as one that fell silent later. */
  #watchHandshake(client: RedisClient): void {
    let cancel = () => {}
    client.on('connect', () => {
      cancel()
      cancel = this.#options.clock.after(HALF_OPEN_MS, () => this.#closed || client.disconnect(true))
    })
    for (const event of ['ready', 'close']) client.on(event, () => cancel())
  }

  /** Subscribes; tried again with every pulse until it works. */
  async #listen(): Promise<void> {
    if (this.#clients.subscriber.status !== 'ready') return
    this.#subscribed = await this.#clients.subscriber.subscribe(this.#options.channel).then(
      () => {
        this.#options.trouble.succeeded('bus')
        return true
      },
      (error: Error) => {
        this.#lastError = error.message
        this.#options.trouble.failed('bus', error)
        return false
      },
    )
    // A Cluster hears through one node only: what other primaries said may be under way still.
    if (!this.#subscribed || this.cluster || this.hearingSince !== undefined) return
    this.hearingSince = this.#options.clock.now()
    this.#pulseSoon()
  }

  #pulseSoon(): void {
    this.#hurry = true
    void this.#pulse()
  }

  #silence(): void {
    this.#subscribed = false
    this.hearingSince = undefined
    this.#each((hooks) => hooks.silenced())
  }

  /** Asks both connections for a sign of life; whatever the outcome, asks again later. */
  async #pulse(): Promise<void> {
    if (this.#pulsing || this.#closed || this.#clients.commands.status !== 'ready') return
    this.#pulsing = true
    this.#hurry = false
    this.#cancelPulse()
    try {
      const sentAt = this.#options.clock.now()
      if (!this.#subscribed) void this.#listen()
      const hearing = this.hearingSince
      await this.#learn(await this.#ask(hearing !== undefined), sentAt, hearing)
    } catch (error) {
      this.#lose((error as Error).message)
    } finally {
      this.#pulsing = false
      if (!this.#closed)
        this.#cancelPulse = this.#options.clock.after(this.#hurry ? 0 : PULSE_MS, () => void this.#pulse())
    }
  }

  /** Waits as long as it takes: a frozen server that thaws is up with its first answer. */
  async #ask(hearing: boolean): Promise<Vitals> {
    const { clock, budget, probeKey } = this.#options
    const { commands, subscriber } = this.#clients
    const askedAt = clock.now()
    const patience = LATE_ANSWERS * budget
    const late = () => this.#lose(`no answer within ${Math.round(clock.now() - askedAt)} ms`)
    let answered = false
    const cancels = [
      clock.after(patience, () => setImmediate(() => answered || late())),
      clock.after(HALF_OPEN_MS, () => this.#clients.reconnect()),
    ]
    try {
      const [vitals] = await Promise.all([
        this.#clients.vitals(),
        servesData(commands, probeKey),
        hearing ? subscriber.ping() : undefined,
      ])
      return vitals
    } finally {
      answered = true
      for (const cancel of cancels) cancel()
    }
  }

  async #learn(vitals: Vitals, sentAt: Instant, hearing: Instant | undefined): Promise<void> {
    if (this.#closed) return
    this.serverTime = vitals.serverTime
    if (vitals.generation === UNKNOWN_GENERATION) {
      this.#options.trouble.failed(
        'generation',
        new Error('NOPERM INFO is forbidden: a restored or failed-over Redis may revive what it had forgotten (C0)'),
      )
    }
    if (vitals.generation !== this.generation) {
      this.generation = vitals.generation
      this.#each((hooks) => hooks.generationChanged())
    }
    // Until the bus is heard a new connection is not trusted; on a Cluster it proves nothing anyway.
    if (!this.#up && (hearing !== undefined || this.cluster)) await this.#open()
    if (!this.up) return
    const heard = hearing === this.hearingSince ? hearing : undefined
    this.#each((hooks) => hooks.pulsed(sentAt, heard))
  }

  async #open(): Promise<void> {
    for (const hooks of this.#hooks) await hooks.opening()
    if (this.#closed || this.#clients.commands.status !== 'ready') return
    this.#up = true
    this.#lateInARow = 0
    this.#lastError = 'closed by the server'
    this.#options.tell({ type: 'redis', state: 'up', reason: 'answers' })
    for (const { resolve } of this.#waiting) resolve()
  }

  #lose(reason: string): void {
    this.#lastError = reason
    if (this.#up === false || this.#closed) return
    this.#up = false
    this.#each((hooks) => hooks.lost())
    this.#options.tell({ type: 'redis', state: 'down', reason })
  }

  #each(action: (hooks: ConnectionHooks) => void): void {
    for (const hooks of this.#hooks) action(hooks)
  }
}

/** A key of a wrong type was served as well. */
async function servesData(client: RedisClient, key: string): Promise<void> {
  await client.get(key).catch((error: unknown) => {
    if (troubleKind(error) !== 'type') throw error
  })
}

function closedError(): Error {
  return new UnreachableError('The cache was closed')
}
