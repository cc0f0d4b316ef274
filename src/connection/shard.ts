/** One primary: its connections, the history of its data, and what its bus proves. */
import { type Clock, type Instant, within } from '../clock.ts'
import { Coalesced } from '../coalesced.ts'
import type { Primary, RedisClient } from './client/client.ts'
import type { Hearing, Shard } from './connection.ts'
import { LateError, type TroubleLog, UnreachableError } from './trouble.ts'
import { generationOf, NoPrimaryError, pulseOf, UNKNOWN_GENERATION } from './vitals.ts'

/** A bus that owes an answer this long, in ms, is torn down: its peer may be gone without a word. */
const DEAF_MS = 400

/** What a primary's connections need to know. */
export interface PrimaryShardOptions {
  readonly clock: Clock
  readonly cluster: boolean
  /** Where bumps are told. */
  readonly channel: string
  /** A channel that nobody else uses: what is asked there comes back behind everything that was said before. */
  readonly echoChannel: string
  readonly trouble: TroubleLog
  readonly message: (text: string) => void
  /** The bus leads to a replica. */
  readonly noPrimary: () => void
  /** The data may have another history than before. */
  readonly historyChanged: (shard: Shard) => void
}

/** The state of one primary, kept as long as its connections. */
export class PrimaryShard implements Shard {
  readonly name: string
  readonly commands: RedisClient
  readonly #subscriber: RedisClient
  readonly #options: PrimaryShardOptions
  readonly #questions = new Coalesced()
  readonly #awaited = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>()
  #echoes = 0
  #confirming: Promise<void> | undefined
  #listening = false
  /** The history of the server that the bus is heard from. */
  #heard = ''
  hearing: Hearing = deaf
  generation = ''
  serverTime: number | undefined
  feltAt: Instant = Number.NEGATIVE_INFINITY
  #epoch: string | undefined

  constructor({ name, commands, subscriber }: Primary, options: PrimaryShardOptions) {
    this.name = name
    this.commands = commands
    this.#subscriber = subscriber
    this.#options = options
    subscriber.on('ready', () => void this.keepHearing())
    subscriber.on('close', () => this.#silence())
    subscriber.on('message', (channel: string, text: string) => this.#message(channel, text))
    void this.keepHearing()
  }

  /** Listens where it does not yet, and else sees to it that what is heard is proven. Never rejects. */
  async keepHearing(): Promise<void> {
    if (this.#subscriber.status !== 'ready') return
    const late = () => new LateError(`The bus did not answer within ${DEAF_MS} ms`)
    const asked = this.#listening ? this.prove() : this.#listen()
    await within(this.#options.clock, DEAF_MS, asked, late).catch((error: unknown) => {
      if (!(error instanceof LateError)) return
      this.#listenAnew()
    })
  }

  check(): Promise<void> {
    return this.#questions.run('check', () => this.#check())
  }

  confirm(): Promise<void> {
    this.#confirming ??= this.#confirm()
    return this.#confirming
  }

  async #confirm(): Promise<void> {
    await undefined
    this.#confirming = undefined
    return this.check()
  }

  /** The check of a pulse: asks for what changes rarely as well. */
  async feel(): Promise<void> {
    const askedAt = this.#options.clock.now()
    const [{ serverTime, epoch }] = await Promise.all([pulseOf(this.commands, this.#options.cluster), this.check()])
    this.serverTime = serverTime
    this.feltAt = askedAt
    // Slots moved: whose bumps this primary's bus tells of has changed.
    if (epoch !== this.#epoch) this.doubt()
    this.#epoch = epoch
  }

  prove(): Promise<void> {
    return this.#questions.run('echo', () => this.#echo())
  }

  /** What was validated until now is in doubt. */
  doubt(): void {
    this.hearing = { ...this.hearing, floor: this.#options.clock.now() }
  }

  async #check(): Promise<void> {
    const { trouble, historyChanged } = this.#options
    const generation = await generationOf(this.commands)
    if (generation === UNKNOWN_GENERATION) trouble.failed('generation', infoForbidden())
    else trouble.permitted('info')
    if (generation === this.generation) return
    this.generation = generation
    historyChanged(this)
    if (this.hearing.since !== undefined && this.#heard !== generation) this.#listenAnew()
  }

  async #listen(): Promise<void> {
    this.#listening = true
    const { channel, echoChannel, clock, trouble, noPrimary } = this.#options
    try {
      // A replica passes on what its primary publishes, echoes too, but not what was said before it was attached.
      this.#heard = await generationOf(this.#subscriber)
      await this.#subscriber.subscribe(channel, echoChannel)
    } catch (error) {
      this.#listening = false
      trouble.failed('bus', error)
      if (error instanceof NoPrimaryError) noPrimary()
      return
    }
    if (!this.#listening) return
    if (this.generation !== '' && this.#heard !== this.generation) {
      this.#listenAnew()
      return
    }
    trouble.succeeded('bus')
    trouble.permitted('subscribe')
    trouble.permitted('channel')
    this.hearing = { ...this.hearing, since: clock.now() }
    await this.prove()
  }

  async #echo(): Promise<void> {
    const { clock, echoChannel } = this.#options
    const { since } = this.hearing
    if (since === undefined) throw new UnreachableError('The bus is silent')
    const sentAt = clock.now()
    const question = `${++this.#echoes}`
    const echo = new Promise<void>((resolve, reject) => this.#awaited.set(question, { resolve, reject }))
    try {
      // A former primary that became a replica would echo as well.
      await Promise.all([echo, this.commands.publish(echoChannel, question), this.check()])
    } finally {
      this.#awaited.delete(question)
    }
    if (this.hearing.since === since) this.hearing = { ...this.hearing, provenSince: since, until: sentAt }
  }

  #message(channel: string, text: string): void {
    if (channel === this.#options.channel) this.#options.message(text)
    else this.#awaited.get(text)?.resolve()
  }

  /** The bus is that of another history than the commands'. */
  #listenAnew(): void {
    this.#silence()
    this.#subscriber.disconnect(true)
  }

  #silence(): void {
    this.#listening = false
    this.hearing = { ...this.hearing, since: undefined, floor: this.#options.clock.now() }
    for (const { reject } of this.#awaited.values()) reject(new UnreachableError('The bus fell silent'))
  }
}

function infoForbidden(): Error {
  return new Error('NOPERM INFO is forbidden')
}

/** Up to when what was read at an instant is known to have been right, by itself and by what the bus proved since. */
export function provenUntil({ provenSince, until }: Hearing, readAt: Instant): Instant {
  return readAt >= provenSince ? Math.max(readAt, until) : readAt
}

const deaf: Hearing = Object.freeze({
  since: undefined,
  provenSince: Number.POSITIVE_INFINITY,
  until: Number.NEGATIVE_INFINITY,
  floor: Number.NEGATIVE_INFINITY,
})
