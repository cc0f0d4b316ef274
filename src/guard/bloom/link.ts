/** The filter's connection: reads give up soon and at once while Redis is away, writes wait for it a while. */
import { type Clock, type Instant, within } from '../../clock.ts'
import { LateError, UnreachableError } from '../../connection/trouble.ts'
import type { FilterClient } from './client.ts'

/** Answers that came too late, in a row, before Redis counts as away. */
const LATE_ANSWERS = 3
/** A probe that is not answered within this, in ms, may have met a peer that is gone without a word: connects anew. */
const PROBE_MS = 400

/** What a link needs to know. */
export interface LinkOptions {
  readonly client: FilterClient
  readonly clock: Clock
  /** Milliseconds a read may take. */
  readonly budget: number
  /** Redis does not answer any more: told once, until a probe is answered. */
  readonly away: (message: string) => void
}

/** One connection. */
export class Link {
  readonly #options: LinkOptions
  /** Settles with the first attempt to connect. */
  readonly #opened: Promise<void>
  #wasOpen = false
  #away: string | undefined
  #lateInARow = 0
  #lateSince: Instant = Number.NEGATIVE_INFINITY
  #lastError = 'not connected yet'

  constructor(options: LinkOptions) {
    this.#options = options
    const { client } = options
    this.#opened = new Promise((resolve, reject) => {
      client.on('ready', () => {
        this.#wasOpen = true
        resolve()
      })
      client.on('close', () => reject(new UnreachableError(`Redis is not reachable: ${this.#lastError}`)))
    })
    this.#opened.catch(() => undefined)
    client.on('error', (error: Error) => {
      this.#lastError = error.message
    })
    client.on('close', () => this.#lose(`connection closed: ${this.#lastError}`))
  }

  /** Why Redis is not asked at the moment. */
  get away(): string | undefined {
    return this.#away
  }

  /**
   * Rejects at once while Redis is away, else within the budget.
   *
   * @param isWrite Redis may refuse it, as when it is full, and answer questions all the same
   */
  async ask<T>(run: (client: FilterClient) => Promise<T>, isWrite = false): Promise<T> {
    if (this.#away !== undefined) throw new UnreachableError(`Redis is not reachable: ${this.#away}`)
    const { clock, budget, client } = this.#options
    const late = () => new LateError(`Redis did not answer within ${budget} ms`)
    const sentAt = clock.now()
    const work = this.#wasOpen ? run(client) : this.#opened.then(() => run(client))
    try {
      const answer = await within(clock, budget, work, late)
      this.#lateInARow = 0
      return answer
    } catch (error) {
      const isRefused = isWrite && (error as Error).name === 'ReplyError'
      const isLost = error instanceof LateError ? this.#isLateAgain(sentAt) : !isRefused
      if (isLost) this.#lose((error as Error).message)
      throw error
    }
  }

  /** Reads that were under way together are late together: that is one late answer. */
  #isLateAgain(sentAt: Instant): boolean {
    if (sentAt < this.#lateSince) return false
    this.#lateSince = this.#options.clock.now()
    return ++this.#lateInARow >= LATE_ANSWERS
  }

  /** A write: waits for a connection, and for the answer, so long together. */
  async insist<T>(run: (client: FilterClient) => Promise<T>, ms: number): Promise<T> {
    const { clock, client } = this.#options
    const late = () => new LateError(`Redis did not take it within ${ms} ms: ${this.#away ?? 'no answer'}`)
    const connected = client.status === 'ready' ? Promise.resolve() : this.#connected(ms)
    return within(
      clock,
      ms,
      connected.then(() => run(client)),
      late,
    )
  }

  /** Asks whatever is known of Redis; when it answers, it is no longer away. */
  async probe<T>(run: (client: FilterClient) => Promise<T>): Promise<T> {
    const { clock, client } = this.#options
    try {
      const late = () => new LateError(`Redis did not answer within ${PROBE_MS} ms`)
      const answer = await within(clock, PROBE_MS, run(client), late)
      this.#away = undefined
      this.#lateInARow = 0
      return answer
    } catch (error) {
      if (error instanceof LateError && client.status === 'ready') client.disconnect(true)
      this.#lose((error as Error).message)
      throw error
    }
  }

  close(): void {
    this.#options.client.disconnect()
  }

  /** Settles with the next connection, or never: who waits has a deadline. */
  async #connected(ms: number): Promise<void> {
    const { client, clock } = this.#options
    const until = clock.now() + ms
    while (client.status !== 'ready' && clock.now() < until)
      await new Promise<void>((resolve) => clock.after(10, resolve))
    if (client.status !== 'ready') throw new UnreachableError(`Redis is not reachable: ${this.#lastError}`)
  }

  #lose(message: string): void {
    if (this.#away !== undefined) return
    this.#away = message
    this.#options.away(message)
  }
}
