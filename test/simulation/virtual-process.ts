// A process of its own inside this one: it has its own clock and timers, and can stand still or die.
import type { Clock } from '../../src/clock.ts'
import type { Random } from '../consistency/random.ts'
import type { EventQueue, Instant, Scheduled } from './event-queue.ts'

/** Clocks of processes advance at rates that differ by at most 5 %: each by half of it. */
const SKEW = 0.025
/** Between two moments at which a process is stopped in the middle of its work, in ms on average. */
const BETWEEN_STOPS = 30_000
/** Readings of the clock after such a moment, at most, until it is. */
const READINGS = 50

/** What happens inside a virtual process waits while it stands still, and never happens once it is dead. */
export class VirtualProcess {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly #queue: EventQueue
  readonly #touched: (process: VirtualProcess) => void
  readonly #rate: number
  readonly #offset: number
  #timersHeld: Scheduled[] = []
  #inputHeld: (() => void)[] = []
  #stops = 0
  #nextStop: Instant
  #readingsLeft: number
  /** It was stopped in the middle of what it is doing: from there on it is so many ms later than it seems. */
  #ahead = 0
  alive = true
  /** What happens first once it goes on. */
  resumed: () => void = () => undefined
  /** Is told that it stands still, and for how many ms. */
  stopped: (ms: number) => void = () => undefined

  /** @param touched is told after anything happened inside */
  constructor(name: string, queue: EventQueue, random: Random, touched: (process: VirtualProcess) => void) {
    this.name = name
    this.random = random
    this.#queue = queue
    this.#touched = touched
    this.#rate = random.between(1 - SKEW, 1 + SKEW)
    this.#offset = random.between(1_000, 1e9)
    this.#nextStop = this.#drawStop()
    this.#readingsLeft = this.#drawReadings()
    this.clock = {
      now: () => this.#read(),
      after: (ms, action) => this.#timer(ms / this.#rate, action),
      // What has arrived by now was scheduled before.
      turn: (action) => void this.#timer(0, action),
    }
  }

  get standsStill(): boolean {
    return this.#stops > 0
  }

  /** The present instant, for what this process sends. */
  get present(): Instant {
    return this.#queue.now + this.#ahead
  }

  /** Whether it was stopped in the middle of what it is doing. */
  get isBehind(): boolean {
    return this.#ahead > 0
  }

  /** Lets something that came from outside happen inside, now or once the process goes on. */
  perform(action: () => void): void {
    if (!this.alive) return
    if (this.#stops > 0) this.#inputHeld.push(action)
    else this.#run(action)
  }

  /** Lets something happen inside after `ms` of true time. */
  later(ms: number, action: () => void): void {
    this.#queue.at(this.present + ms, () => this.perform(action))
  }

  /** Stops it for `ms`. */
  stop(ms: number): void {
    this.#stops++
    this.stopped(ms)
    this.#queue.after(ms, () => this.#goOn())
  }

  kill(): void {
    this.alive = false
    this.#timersHeld = []
    this.#inputHeld = []
  }

  /** To be called when everything that an event led to has happened: the stop in its middle now shows. */
  settled(): void {
    if (this.#ahead === 0) return
    const ms = this.#ahead
    this.#ahead = 0
    this.stop(ms)
  }

  #run(action: () => void): void {
    action()
    this.#touched(this)
  }

  #timer(ms: number, action: () => void): () => void {
    const event = this.#queue.at(this.present + ms, () => this.#fire(event, action))
    return () => this.#queue.cancel(event)
  }

  #fire(event: Scheduled, action: () => void): void {
    if (!this.alive) return
    if (this.#stops > 0) this.#timersHeld.push(event)
    else this.#run(action)
  }

  /** Timers that are due and input that waits: which of them comes first depends on where in its loop it was stopped. */
  #goOn(): void {
    if (--this.#stops > 0 || !this.alive) return
    const input = shuffled(this.#inputHeld, this.random)
    const timers = this.#timersHeld
    this.#inputHeld = []
    this.#timersHeld = []
    const due = timers.map((event) => () => event.action())
    const all = this.random.chance(0.5) ? [...due, ...input] : [...input, ...due]
    all.splice(Math.floor(this.random.next() * (all.length + 1)), 0, () => this.resumed())
    for (const action of all) this.#queue.after(0, () => this.perform(action))
  }

  #read(): Instant {
    if (this.#queue.now >= this.#nextStop && --this.#readingsLeft <= 0) {
      this.#nextStop = this.#drawStop()
      this.#readingsLeft = this.#drawReadings()
      this.#ahead += this.random.next() ** 3 * 3_000
    }
    return this.#offset + this.present * this.#rate
  }

  #drawStop(): Instant {
    return this.#queue.now - Math.log(1 - this.random.next()) * BETWEEN_STOPS
  }

  #drawReadings(): number {
    return Math.ceil(this.random.next() * READINGS)
  }
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1))
    const kept = result[i]!
    result[i] = result[j]!
    result[j] = kept
  }
  return result
}
