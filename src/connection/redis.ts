/** Our own connections to Redis, and the one state machine that says whether it may be asked. */
import type { Clock, Instant } from '../clock.ts'
import { afterFair, within } from '../clock.ts'
import type { Listener, RedisEvent } from '../observe/events.ts'
import type { OpenedClients, Primary, RedisClient } from './client/client.ts'
import type { Connection, ConnectionHooks, Shard } from './connection.ts'
import { Lateness } from './lateness.ts'
import { type LossTerms, lossTerms } from './loss-terms.ts'
import { repeated } from './repeated.ts'
import { PrimaryShard } from './shard.ts'
import { StateNews } from './state-news.ts'
import { isMoved, LateError, type TroubleLog, troubleKind, UnreachableError } from './trouble.ts'
import { NoPrimaryError } from './vitals.ts'
import { Waiters } from './waiters.ts'

/** How often the connections prove that they live. */
const PULSE_MS = 250
/** A connection that owes an answer this long is torn down: its peer may be gone without a word. */
const HALF_OPEN_MS = 400
/** The same where lateness is to be borne. */
const SILENT_MS = 5_000
/** In time, this many pulses in a row open a Redis that came and went. */
const STEADY_PULSES = 2
/** What the connections need to know. */
export interface RedisConnectionOptions {
  readonly clients: OpenedClients
  readonly clock: Clock
  /** Milliseconds an operation may take before its caller goes on without it. */
  readonly budget: number
  readonly channel: string
  /** A channel of this process alone. */
  readonly echoChannel: string
  /** A key of ours: reading it proves that the server serves data. */
  readonly probeKey: string
  readonly tell: Listener
  readonly trouble: TroubleLog
  /** @default lossTerms */
  readonly loss?: LossTerms | undefined
}

/** Redis as the rest of the cache sees it: `up` or not, with a generation per primary that names the history of its data. */
export class RedisConnection implements Connection {
  readonly #options: RedisConnectionOptions
  readonly #hooks: ConnectionHooks[] = []
  readonly #loss: LossTerms
  readonly #waiting: Waiters
  /** Those whose command was cut off, until the connection is made anew or given up. */
  readonly #cutOff: Waiters
  readonly #lateness: Lateness
  readonly #news: StateNews
  readonly #shards = new Map<string, PrimaryShard>()
  /** Undefined until Redis answered, or failed to, for the first time. */
  #up: boolean | undefined
  #closed = false
  /** Pulses in a row that were answered in time while it was down, and such that were not. */
  #inTime = 0
  #slow = 0
  #lastError = 'not connected yet'
  #pulsing = false
  /** Something changed: the next pulse need not wait. */
  #hurry = false
  #cancelPulse: () => void = () => undefined

  constructor(options: RedisConnectionOptions) {
    this.#options = options
    const { clock, budget } = options
    this.#loss = options.loss ?? lossTerms
    this.#waiting = new Waiters(clock)
    this.#cutOff = new Waiters(clock)
    this.#lateness = new Lateness(this.#loss.failureThreshold)
    this.#news = new StateNews(clock, (event) => this.#told(event), budget)
    const { commands } = options.clients
    this.#watchClient(commands)
    commands.on('ready', () => void this.#pulse())
    commands.on('close', () => this.#cut(`connection closed: ${this.#lastError}`))
    if (!this.cluster) this.#meetPrimaries()
  }

  get up(): boolean {
    return this.#up === true
  }

  get cluster(): boolean {
    return this.#options.clients.cluster
  }

  shardOf(key: string): Shard {
    const name = this.#options.clients.ownerOf(key)
    const shard = name === undefined ? undefined : this.#shards.get(name)
    if (shard !== undefined) return shard
    this.#pulseSoon()
    throw new UnreachableError(`No primary is known for ${JSON.stringify(key)}`)
  }

  watch(hooks: ConnectionHooks): void {
    this.#hooks.push(hooks)
  }

  async command<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T> {
    if (!this.#up) throw new UnreachableError(`Redis is not reachable: ${this.#lastError}`)
    return this.insist(run, shard)
  }

  repeat<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T> {
    const { clock, budget } = this.#options
    return repeated(clock, budget, {
      attempt: () => this.command(run, shard),
      // On a Cluster, a primary whose connection is gone for good gets no second try.
      mayTryAgain: () => shard === undefined || this.#shards.get(shard.name)?.commands === shard.commands,
      reconnected: async (ms, error) => (this.up ? undefined : this.#cutOff.wait(ms, () => error)),
    })
  }

  async insist<T>(run: (client: RedisClient) => Promise<T>, shard?: Shard): Promise<T> {
    const { clock, budget, clients } = this.#options
    const sentAt = clock.now()
    try {
      const answer = await within(clock, budget, run(shard?.commands ?? clients.commands), () => {
        return new LateError(`Redis did not answer within ${budget} ms`)
      })
      this.#lateness.answered(clock.now())
      return answer
    } catch (error) {
      if (error instanceof LateError) this.#late(sentAt, error)
      this.#judge(error)
      if (isMoved(error)) this.#pulseSoon()
      throw error
    }
  }

  async ready(ms: number): Promise<void> {
    if (this.up) return
    if (this.#closed) throw closedError()
    await this.#waiting.wait(
      ms,
      () => new UnreachableError(`Redis was not reachable within ${ms} ms: ${this.#lastError}`),
    )
  }

  close(): void {
    this.#closed = true
    this.#up = false
    this.#cancelPulse()
    this.#news.close()
    this.#waiting.reject(closedError())
    this.#cutOff.reject(closedError())
    this.#options.clients.close()
  }

  #late(sentAt: Instant, error: LateError): void {
    const isOneTooMany = this.#lateness.late(sentAt, this.#options.clock.now())
    if (isOneTooMany && this.#loss.auto) this.#lose(error.message)
  }

  /** Keys are elsewhere now, or a primary is none any more: whose bumps the bus of a primary tells of is in doubt. */
  #judge(error: unknown): void {
    if (!(error instanceof NoPrimaryError) && !isMoved(error)) return
    for (const shard of this.#shards.values()) shard.doubt()
    this.#options.clients.moved()
  }

  #watchClient(client: RedisClient): void {
    client.on('error', (error: Error) => {
      this.#lastError = error.message
    })
    this.#watchHandshake(client)
  }

  /** A connection whose peer took it and then never spoke is as dead as one that fell silent later. */
  #watchHandshake(client: RedisClient): void {
    let cancel = () => {}
    client.on('connect', () => {
      cancel()
      cancel = this.#options.clock.after(this.#patience, () => this.#closed || client.disconnect(true))
    })
    for (const event of ['ready', 'close', 'end']) client.on(event, () => cancel())
  }

  /** Takes up primaries that are new and drops those that are gone: what a former connection said counts no more. */
  #meetPrimaries(): readonly PrimaryShard[] {
    const { clients } = this.#options
    const primaries = clients.primaries()
    const known = new Map(primaries.map((primary) => [primary.name, primary]))
    for (const [name, shard] of this.#shards) {
      if (known.get(name)?.commands !== shard.commands) this.#shards.delete(name)
    }
    for (const primary of primaries) if (!this.#shards.has(primary.name)) this.#meet(primary)
    return [...this.#shards.values()]
  }

  #meet(primary: Primary): void {
    const { clock, channel, echoChannel, trouble } = this.#options
    this.#watchClient(primary.subscriber)
    if (this.cluster) primary.commands.on('close', () => this.#cut(`connection to ${primary.name} closed`))
    const shard = new PrimaryShard(primary, {
      clock,
      channel,
      echoChannel: primary.name === '' ? echoChannel : `${echoChannel}:${primary.name}`,
      trouble,
      cluster: this.cluster,
      message: (text) => this.#each((hooks) => hooks.message(text)),
      noPrimary: () => this.#options.clients.moved(),
      historyChanged: (shard) => this.#each((hooks) => hooks.generationChanged(shard)),
    })
    this.#shards.set(primary.name, shard)
  }

  #pulseSoon(): void {
    this.#hurry = true
    void this.#pulse()
  }

  /** Asks every primary for a sign of life; whatever the outcome, asks again later. */
  async #pulse(): Promise<void> {
    if (this.#pulsing || this.#closed || this.#options.clients.commands.status !== 'ready') return
    this.#pulsing = true
    this.#hurry = false
    this.#cancelPulse()
    try {
      const shards = this.#meetPrimaries()
      const asked = this.#ask(shards)
      for (const shard of shards) void shard.keepHearing()
      const inTime = await asked
      if (!this.#up && this.#proves(inTime)) await this.#open(shards)
      if (this.up) this.#news.up()
      if (this.up) this.#each((hooks) => hooks.pulsed())
    } catch (error) {
      this.#judge(error)
      this.#lose((error as Error).message)
    } finally {
      this.#pulsing = false
      if (!this.#closed) this.#cancelPulse = this.#options.clock.after(this.#untilPulse, () => void this.#pulse())
    }
  }

  /** How long a connection may owe an answer. */
  get #patience(): number {
    return this.#loss.auto ? HALF_OPEN_MS : SILENT_MS
  }

  get #untilPulse(): number {
    if (this.#hurry) return 0
    return this.up ? PULSE_MS : this.#loss.recoveryCheck
  }

  /** Whether a pulse that was answered opens: one that was late says that commands would be late as well. */
  #proves(inTime: boolean): boolean {
    if (inTime || !this.#loss.auto) {
      this.#slow = 0
      return ++this.#inTime >= (this.#news.unsteady ? STEADY_PULSES : 1)
    }
    this.#inTime = 0
    // A server that was frozen, or we who are starting, may be well by now.
    this.#hurry = true
    if (++this.#slow >= this.#loss.failureThreshold) this.#lose(`answers come later than ${this.#options.budget} ms`)
    return false
  }

  /** Waits as long as it takes, and returns whether that was within the budget: a frozen server that thaws is asked anew at once. */
  async #ask(shards: readonly PrimaryShard[]): Promise<boolean> {
    const { clock, budget, probeKey, clients } = this.#options
    const { auto, failureThreshold } = this.#loss
    const askedAt = clock.now()
    let inTime = true
    const late = () => this.#lose(`no answer within ${Math.round(clock.now() - askedAt)} ms`)
    let answered = false
    const cancels = [
      afterFair(clock, budget, () => {
        inTime = false
      }),
      afterFair(clock, failureThreshold * budget, () => answered || !auto || late()),
      afterFair(clock, this.#patience, () => answered || clients.reconnect()),
    ]
    try {
      if (shards.length === 0) throw new UnreachableError('no primary is known')
      await Promise.all([...shards.map((shard) => shard.feel()), servesData(clients.commands, probeKey)])
      return inTime
    } finally {
      answered = true
      for (const cancel of cancels) cancel()
    }
  }

  async #open(shards: readonly PrimaryShard[]): Promise<void> {
    if (this.#closed) return
    for (const shard of shards) shard.doubt()
    for (const hooks of this.#hooks) await hooks.opening()
    if (this.#closed || this.#options.clients.commands.status !== 'ready') return
    this.#up = true
    this.#options.trouble.found()
    this.#lateness.forget()
    this.#lastError = 'closed by the server'
    this.#news.up()
    this.#waiting.resolve()
    this.#cutOff.resolve()
  }

  /** A connection that was cut is nothing to be trusted, and nothing to speak of if it is made anew at once. */
  #cut(reason: string): void {
    if (!this.up) {
      this.#lose(reason)
      return
    }
    this.#lastError = reason
    this.#up = false
    this.#inTime = 0
    this.#news.cut(reason)
  }

  #lose(reason: string): void {
    this.#lastError = reason
    if (this.#closed) return
    this.#inTime = 0
    this.#up = false
    this.#options.trouble.lost()
    this.#news.down(reason)
  }

  #told(event: RedisEvent): void {
    if (event.state === 'down') this.#cutOff.reject(new UnreachableError(`Redis is not reachable: ${event.reason}`))
    this.#options.tell(event)
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
