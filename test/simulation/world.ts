// One simulation: processes, servers, faults and requests, all drawn from one seed.
import { Random } from '../consistency/random.ts'
import { EventQueue } from './event-queue.ts'
import type { Fault } from './faults.ts'
import { Judge, type Violation } from './judge.ts'
import type { Surroundings } from './life.ts'
import { type Fleet, INTENT_TIMES, Member } from './member.ts'
import type { Mutant } from './mutants.ts'
import { RunCount } from './run-count.ts'
import { shopRoutes, thingTag } from './shop.ts'
import { Site } from './site.ts'
import { Trace } from './trace.ts'
import type { VirtualProcess } from './virtual-process.ts'
import { drawWorkload } from './workload.ts'
import type { WriteKind } from './writer.ts'

/** Faults strike for so long, in ms. */
const SPAN = 12_000
/** Then nothing is written any more, and everything heals. */
const HEALING = 6_000
/** Then nothing is asked any more, and everything gets its answer. */
const ENDING = 12_000

/** What is simulated. */
export interface WorldOptions {
  readonly seed: number
  readonly fault: Fault
  readonly mutant?: Mutant | undefined
  /** For how many ms faults strike. @default 12_000 */
  readonly span?: number | undefined
  /** How many lines of what happens are kept. @default 0 */
  readonly lines?: number | undefined
}

/** What came of it. */
export interface Outcome {
  readonly reads: number
  /** Of these, answered out of a tier or with another's run. */
  readonly hits: number
  readonly violation: Violation | undefined
  readonly worst: { readonly bounded: number; readonly degraded: number }
  /** The same for the same seed. */
  readonly events: number
}

/** Everything there is. */
export class World {
  readonly queue = new EventQueue()
  readonly random: Random
  readonly site: Site
  readonly trace: Trace
  readonly members: readonly Member[]
  readonly #options: WorldOptions
  readonly #judge: Judge
  readonly #around: Surroundings
  readonly #touched = new Set<VirtualProcess>()
  #violation: Violation | undefined
  readonly #span: number
  #isWriting = true
  #isReading = true
  #awaiting: ((member: Member) => void) | undefined

  constructor(options: WorldOptions) {
    this.#options = options
    this.#span = options.span ?? SPAN
    const random = new Random(options.seed)
    this.random = random.fork()
    const workload = drawWorkload(random)
    const shop = shopRoutes(random)
    const things = Array.from({ length: workload.things }, (_, i) => String(i))
    const values = new Uint32Array(things.length)
    const { queue } = this
    const now = () => queue.now
    this.trace = new Trace(now, options.lines ?? 0)
    const found = (violation: Violation) => {
      this.#violation ??= violation
    }
    this.#judge = new Judge({ routes: shop, things, values, now, found, ageSlack: 15_000 })
    this.site = new Site({
      queue,
      random: random.fork(),
      others: options.mutant?.scripts ?? new Map(),
      trace: this.trace,
      announced: (text) => this.#announced(text),
    })
    this.#around = {
      queue,
      judge: this.#judge,
      workload,
      shop,
      things,
      values,
      trace: this.trace,
      runs: new RunCount(queue, this.#judge, shop),
      isMarked: (tag) => String(this.site.primary.store.get(`tiercache:v:${tag}`)).startsWith('!'),
    }
    const fleet: Fleet = {
      ...this.#around,
      random,
      resolve: () => this.site.reached,
      touched: (process) => void this.#touched.add(process),
      isOpen: () => this.#isReading,
      weaken: options.mutant?.weaken ?? (() => ({ parts: {} })),
    }
    this.members = Array.from({ length: workload.processes }, (_, i) => new Member(`app${i}`, fleet))
  }

  async run(): Promise<Outcome> {
    // As whatever comes later: in a microtask, behind which a tick is the end of all of them.
    await undefined
    this.#strikeLater()
    this.#writeLater()
    for (const member of this.members) this.#burstLater(member)
    await this.#until(this.#span)
    this.#isWriting = false
    await this.#until(this.#span + HEALING)
    this.#isReading = false
    await this.#until(this.#span + HEALING + ENDING)
    this.#judgeQuiet()
    const { reads, hits, worst } = this.#judge
    return { reads, hits, worst, violation: this.#violation, events: this.queue.scheduled }
  }

  pickMember(): Member {
    return this.random.pick(this.members)
  }

  /** Kills a process: what its announced writes have done is bound to show once their markers are gone. */
  kill(member: Member): void {
    const { unsettled } = member.life.writer
    this.trace.note(member.life.process.name, 'is killed')
    member.kill()
    for (const { thing, value } of unsettled) {
      const tag = member.life.tagOf(thing)
      this.queue.after(2 * INTENT_TIMES.life + 3_000, () => this.#judge.bumped(tag, value))
    }
  }

  /** Calls with the next member that has written what it announced, and not answered yet. */
  awaitWriter(action: (member: Member) => number): number {
    this.#awaiting = action
    return 3_000
  }

  async #until(end: number): Promise<void> {
    while (this.#violation === undefined && this.queue.nextAt <= end) {
      this.queue.step()
      if (this.#touched.size > 0) await this.#settle()
    }
  }

  /** What follows from an event by promises alone happens before the next. */
  async #settle(): Promise<void> {
    await drained()
    for (const member of this.members) {
      const { process, writer } = member.life
      if (!this.#touched.has(process) || !process.alive) continue
      if (this.#awaiting !== undefined && writer.unsettled.size > 0) this.#strikeWriter(member)
      if (!this.#isReading || !member.isEager(this.queue.now)) continue
      member.life.burst(this.#around.workload.burst)
      await drained()
    }
    for (const process of this.#touched) process.settled()
    this.#touched.clear()
  }

  #strikeWriter(member: Member): void {
    const action = this.#awaiting
    this.#awaiting = undefined
    action?.(member)
  }

  #strikeLater(): void {
    const ms = exponential(this.random, 900)
    this.queue.after(ms, () => {
      if (this.queue.now > this.#span - 1_000) return
      const lasts = this.#options.fault.strike(this)
      this.trace.note('fault', `${this.#options.fault.name} for ${lasts.toFixed(0)} ms`)
      if (this.#options.fault.name !== 'none') this.#trouble(this.queue.now + lasts)
      this.queue.after(this.random.chance(0.3) ? 0 : lasts, () => this.#strikeLater())
    })
  }

  #trouble(until: number): void {
    // Whether markers outlive this, nobody is told.
    for (const tag of this.#around.things.map(thingTag)) this.#judge.marked(tag, false)
    for (const { life } of this.members) this.#judge.trouble(life.knowledge, until)
  }

  #writeLater(): void {
    const { workload, things } = this.#around
    this.queue.after(exponential(this.random, workload.writeEvery), () => {
      if (!this.#isWriting) return
      const { life } = this.pickMember()
      const thing = Math.floor(this.random.next() * things.length)
      const kind = this.#drawKind()
      life.process.perform(() => void life.writer.write(thing, kind))
      this.#writeLater()
    })
  }

  #drawKind(): WriteKind {
    if (this.random.chance(this.#around.workload.intents)) return 'intent'
    return this.random.chance(0.03) ? this.random.pick(['route', 'everything']) : 'thing'
  }

  #burstLater(member: Member): void {
    this.queue.after(exponential(this.random, 20), () => {
      const { process } = member.life
      if (!this.#isReading) return
      if (process.alive && !process.standsStill) process.perform(() => member.life.burst(this.#around.workload.burst))
      this.#burstLater(member)
    })
  }

  #announced(text: string): void {
    const [kind, token = '', ...tag] = text.split(' ')
    if (kind !== 'bump') return
    const { things, runs } = this.#around
    this.#judge.bumped(tag.join(' '))
    this.#judge.marked(tag.join(' '), token.startsWith('!'))
    if (!token.startsWith('!')) return
    // While a writer is at work nothing is shared.
    for (const place of this.#judge.placesOf(tag.join(' '))) {
      runs.unshared(Math.floor(place / things.length), place % things.length)
    }
  }

  /** Everything is whole again, and has been for a while. */
  #judgeQuiet(): void {
    if (this.#violation !== undefined) return
    for (const { life } of this.members) {
      this.#judge.judgeJournal(life.knowledge)
      const [waiting] = life.unanswered
      if (waiting === undefined) continue
      const { name } = this.#around.shop[waiting.route]!
      const message = `a request for ${name} at ${waiting.start.toFixed(3)} never got an answer`
      this.#judge.broke('answered', message, life.knowledge, waiting.thing)
    }
  }
}

/** Everything that hangs on promises alone has happened. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}

function exponential(random: Random, mean: number): number {
  return -Math.log(1 - random.next()) * mean
}
