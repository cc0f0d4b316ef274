/** One primary: its connections, the history of its data, and what its bus proves. */
import type { Clock, Instant } from '../clock.ts'
import { Coalesced } from '../coalesced.ts'
import type { Primary, RedisClient } from './client/client.ts'
import type { Hearing, Shard } from './connection.ts'
import { type TroubleLog, UnreachableError } from './trouble.ts'
import { assertPrimary, UNKNOWN_GENERATION, type Vitals } from './vitals.ts'

/** What a primary's connections need to know. */
export interface PrimaryShardOptions {
  readonly clock: Clock
  /** Where bumps are told. */
  readonly channel: string
  /** A channel that nobody else uses: what is asked there comes back behind everything that was said before. */
  readonly echoChannel: string
  readonly trouble: TroubleLog
  readonly message: (text: string) => void
  /** The bus has just begun to be heard: proof of it need not wait. */
  readonly heard: () => void
}

/** The state of one primary, kept as long as its connections. */
export class PrimaryShard implements Shard {
  readonly name: string
  readonly commands: RedisClient
  readonly #subscriber: RedisClient
  readonly #options: PrimaryShardOptions
  readonly #proofs = new Coalesced()
  readonly #awaited = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  #questions = 0
  #listening = false
  hearing: Hearing = { since: undefined, until: Number.NEGATIVE_INFINITY, floor: Number.NEGATIVE_INFINITY }
  generation = ''
  serverTime: number | undefined
  #epoch: string | undefined

  constructor({ name, commands, subscriber }: Primary, options: PrimaryShardOptions) {
    this.name = name
    this.commands = commands
    this.#subscriber = subscriber
    this.#options = options
    subscriber.on('ready', () => void this.listen())
    subscriber.on('close', () => this.#silence())
    subscriber.on('message', (channel: string, text: string) => this.#message(channel, text))
    void this.listen()
  }

  /** Subscribes where that is still to be done. Never rejects. */
  async listen(): Promise<void> {
    if (this.#listening || this.#subscriber.status !== 'ready') return
    this.#listening = true
    const { channel, echoChannel, clock, trouble, heard } = this.#options
    try {
      await this.#subscriber.subscribe(channel, echoChannel)
      if (this.#subscriber.status !== 'ready') return
      trouble.succeeded('bus')
      this.hearing = { ...this.hearing, since: clock.now() }
      heard()
    } catch (error) {
      this.#listening = false
      trouble.failed('bus', error)
    }
  }

  prove(): Promise<void> {
    return this.#proofs.run('', () => this.#echo())
  }

  /** What was validated until now is in doubt. */
  doubt(): void {
    this.hearing = { ...this.hearing, floor: this.#options.clock.now() }
  }

  /**
   * Takes over what the primary says of itself.
   *
   * @returns whether its data may have another history than before
   */
  learn({ generation, serverTime, epoch }: Vitals): boolean {
    this.serverTime = serverTime
    if (generation === UNKNOWN_GENERATION) this.#options.trouble.failed('generation', infoForbidden())
    // Slots moved: whose bumps this primary's bus tells of has changed.
    if (epoch !== this.#epoch) this.doubt()
    this.#epoch = epoch
    const changed = generation !== this.generation
    this.generation = generation
    return changed
  }

  async #echo(): Promise<void> {
    const { clock, echoChannel } = this.#options
    const { since } = this.hearing
    if (since === undefined) throw new UnreachableError('The bus is silent')
    const sentAt = clock.now()
    const question = `${++this.#questions}`
    const echo = new Promise<void>((resolve, reject) => this.#awaited.set(question, { resolve, reject }))
    try {
      await Promise.all([echo, this.commands.publish(echoChannel, question), assertPrimary(this.commands)])
    } finally {
      this.#awaited.delete(question)
    }
    if (this.hearing.since === since) this.hearing = { ...this.hearing, until: sentAt }
  }

  #message(channel: string, text: string): void {
    if (channel === this.#options.channel) this.#options.message(text)
    else this.#awaited.get(text)?.resolve()
  }

  #silence(): void {
    this.#listening = false
    this.hearing = { since: undefined, until: this.hearing.until, floor: this.#options.clock.now() }
    for (const { reject } of this.#awaited.values()) reject(new UnreachableError('The bus fell silent'))
  }
}

function infoForbidden(): Error {
  return new Error('NOPERM INFO is forbidden: a restored or failed-over Redis may revive what it had forgotten (C0)')
}

/** Up to when what was read at an instant is known to have been right, by itself and by what the bus proved since. */
export function provenUntil({ since, until }: Hearing, readAt: Instant): Instant {
  return since !== undefined && readAt >= since ? Math.max(readAt, until) : readAt
}
