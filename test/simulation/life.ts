// One life of one process: the real cache over simulated parts, what it is asked and what it writes.
import { type Core, createCore } from '../../src/cache.ts'
import type { CacheRequest } from '../../src/http/exchange.ts'
import type { Act, Invalidation, WritePlace } from '../../src/invalidation.ts'
import type { Parts } from '../../src/parts.ts'
import { placeOf } from '../../src/place.ts'
import type { Route } from '../../src/route.ts'
import type { Versions } from '../../src/versions/versions.ts'
import type { Place } from '../../src/visit.ts'
import { altered } from '../consistency/mutants/altered.ts'
import type { Weakness } from '../consistency/mutants/mutant.ts'
import type { EventQueue } from './event-queue.ts'
import type { Judge, Knowledge } from './judge.ts'
import type { RunCount } from './run-count.ts'
import { type ShopRoute, type Subject, thingTag } from './shop.ts'
import { SimulatedExchange } from './simulated-exchange.ts'
import type { Trace } from './trace.ts'
import type { VirtualProcess } from './virtual-process.ts'
import type { Workload } from './workload.ts'

/** What the lives of all processes share. */
export interface Surroundings {
  readonly queue: EventQueue
  readonly judge: Judge
  readonly workload: Workload
  readonly shop: readonly ShopRoute[]
  readonly things: readonly string[]
  /** The present value of each thing. */
  readonly values: Uint32Array
  readonly runs: RunCount
  readonly trace: Trace
  /** Whether a writer's marker stands in the place of a tag's token. */
  readonly isMarked: (tag: string) => boolean
}

/** Of so many requests one is for a route that asks Redis each time. */
const STRONG_SHARE = 24

type Bumping = ReturnType<Versions['bump']> | undefined

/** How a write tells of itself. */
export type WriteKind = 'thing' | 'intent' | 'route' | 'everything'

/** A write that was announced and has happened, and is not answered yet. */
interface Unsettled {
  readonly thing: number
  readonly value: number
}

/** From birth to death. */
export class Life implements Surroundings {
  readonly queue: EventQueue
  readonly judge: Judge
  readonly workload: Workload
  readonly shop: readonly ShopRoute[]
  readonly things: readonly string[]
  readonly values: Uint32Array
  readonly runs: RunCount
  readonly trace: Trace
  readonly isMarked: (tag: string) => boolean
  readonly process: VirtualProcess
  readonly knowledge: Knowledge
  readonly core: Core<Subject>
  readonly #routes: readonly { readonly route: Route; readonly place: Place; readonly isLate: boolean }[]
  readonly #requests: readonly CacheRequest[]
  /** Places of routes that may lag, and of those that may not. */
  readonly #bounded: readonly number[]
  readonly #strong: readonly number[]
  readonly #writes: Record<'thing' | 'intent', Invalidation<Subject>>
  readonly #weakness: Omit<Weakness, 'parts'>
  #bumping: Bumping
  readonly #unsettled = new Set<Unsettled>()
  /** Requests that have no answer yet. */
  readonly unanswered = new Set<Asked>()

  constructor(around: Surroundings, process: VirtualProcess, redis: object, { parts, ...weakness }: Weakness) {
    this.queue = around.queue
    this.judge = around.judge
    this.workload = around.workload
    this.shop = around.shop
    this.things = around.things
    this.values = around.values
    this.runs = around.runs
    this.trace = around.trace
    this.isMarked = around.isMarked
    this.process = process
    this.#weakness = weakness
    this.knowledge = this.judge.begin(process.name)
    const memory = { maxEntries: this.workload.maxEntries }
    this.core = createCore<Subject>(
      { redis, memory },
      { ...parts, versions: (versions) => this.#watched(versions, parts) },
    )
    this.#routes = this.shop.map(({ name, ttl, isLate, options }) => {
      const route = this.core.route(`${ttl}ms`, { ...options, name })
      return { route, place: placeOf([name]), isLate }
    })
    this.#requests = this.shop.flatMap(({ name }) => this.things.map((thing) => requestFor(`${name}/${thing}`)))
    const places = this.#requests.map((_, place) => place)
    const isStrong = (place: number) => this.shop[Math.floor(place / this.things.length)]!.bound === 0
    this.#bounded = places.filter((place) => !isStrong(place))
    this.#strong = places.filter(isStrong)
    const target = (thing: string) => thingTag(thing)
    this.#writes = {
      thing: this.core.invalidation([target]),
      intent: this.core.invalidation([target, { mode: 'intent' }]),
    }
  }

  tagOf(thing: number): string {
    return thingTag(this.things[thing]!)
  }

  /** Writes that were announced, happened, and were not answered. */
  get unsettled(): readonly Unsettled[] {
    return [...this.#unsettled]
  }

  /** Many requests, one right after another, for different answers; the fewest of them for routes that ask Redis each time. */
  burst(size: number): void {
    this.#readSome(this.#bounded, size)
    this.#readSome(this.#strong, Math.ceil(size / STRONG_SHARE))
  }

  #readSome(places: readonly number[], count: number): void {
    let next = Math.floor(this.process.random.next() * places.length)
    for (let i = Math.min(count, places.length); i > 0 && !this.process.isBehind; i--) {
      const place = places[next]!
      this.read(Math.floor(place / this.things.length), place % this.things.length)
      next = next + 1 === places.length ? 0 : next + 1
    }
  }

  read(route: number, thing: number): void {
    const asked = this.judge.ask(this.knowledge, route, thing)
    const { isLate, route: policy, place } = this.#routes[route]!
    const request = this.#requests[route * this.things.length + thing]!
    const exchange = new SimulatedExchange(this, asked, request, [this.things[thing]!], isLate)
    const waiting = this.core.handle(this.#weakness.exchange?.(exchange) ?? exchange, policy, place)
    if (exchange.isAnswered) return
    this.unanswered.add(asked)
    exchange.answered = () => this.unanswered.delete(asked)
    waiting?.catch((error: unknown) => this.judge.broke('never throws', String(error), this.knowledge, thing))
  }

  /** Notes a run whose answer may be shared; the returned function ends it. */
  flying(asked: Asked): () => void {
    return this.runs.begin(this, asked)
  }

  /** A new value for a thing. */
  async write(thing: number, kind: WriteKind): Promise<void> {
    const about = `write ${kind} of thing:${this.things[thing]}`
    this.#note(`${about} begins`)
    const act = await this.#announce(thing, kind)
    if (act === undefined) return this.#note(`${about} is refused`)
    const { workload, process } = this
    this.#weakness.beforeWrite?.(this.#tagFor(thing, kind))
    await this.away(workload.readDelay(process.random))
    const written = await this.#commit(thing, kind)
    const places = this.judge.placesOf(this.#tagFor(thing, kind))
    const values = places.map((place) => this.values[this.judge.thingAt(place)]!)
    this.#note(`${about} acts, values ${values.join(' ')}`)
    this.#bumping = undefined
    const acting = act()
    // What is called is called at once.
    const bumping = this.#bumping as Bumping
    await acting
    const bumped = await bumping
    this.#note(`${about} is answered`)
    if (written !== undefined) this.#unsettled.delete(written)
    this.judge.wrote(this.knowledge, places, values, bumped?.applied === 'everywhere')
  }

  /** Waits for something that happens elsewhere. */
  elsewhere(ms: number, action: () => void): void {
    this.queue.at(this.process.present + ms, action)
  }

  away(ms: number): Promise<void> {
    return new Promise((resolve) => this.process.later(ms, resolve))
  }

  /** Notes what is said of bumps. */
  #watched(versions: Versions, { versions: weaken = (same) => same }: Partial<Parts>): Versions {
    const weak = weaken(versions)
    const bump = weak.bump.bind(weak)
    const watched: Versions['bump'] = (tags) => {
      this.#bumping = bump(tags)
      return this.#bumping
    }
    if (weak !== versions) return altered(weak, { bump: watched })
    versions.bump = watched
    return versions
  }

  /** What to do once the write has happened; undefined where it must not happen. */
  async #announce(thing: number, kind: WriteKind): Promise<Act | undefined> {
    const place = writePlace(this.things[thing]!)
    if (kind === 'thing') return this.#writes.thing.after(place)
    if (kind === 'intent') return (await this.#writes.intent.before(place))?.act
    return async () => void (await this.core.bump(this.#tagFor(thing, kind)))
  }

  /** The database takes the value whether or not anyone here is awake to hear of it. */
  #commit(thing: number, kind: WriteKind): Promise<Unsettled | undefined> {
    const { process, workload } = this
    return new Promise((resolve) => {
      this.elsewhere(workload.readDelay(process.random), () => {
        const value = ++this.values[thing]!
        this.trace.note('origin', `thing:${this.things[thing]} := ${value}, by ${process.name}`)
        const written = kind === 'intent' && this.#stillMarked(thing) ? { thing, value } : undefined
        if (written !== undefined) this.#unsettled.add(written)
        process.later(workload.readDelay(process.random), () => resolve(written))
      })
    })
  }

  /** An announced write finds its marker, as long as nothing went wrong. */
  #stillMarked(thing: number): boolean {
    if (!this.process.alive) return false
    const marked = this.isMarked(this.tagOf(thing))
    if (!marked && this.queue.now > this.knowledge.calmFrom) {
      this.judge.broke('intent', 'the marker was gone when its write happened', this.knowledge, thing)
    }
    return marked
  }

  #note(text: string): void {
    this.trace.note(this.process.name, text)
  }

  #tagFor(thing: number, kind: WriteKind): string {
    if (kind === 'everything') return '*'
    return kind === 'route' ? this.shop[thing % this.shop.length]!.name : this.tagOf(thing)
  }
}

function requestFor(url: string): CacheRequest {
  return Object.freeze({
    method: 'GET',
    scheme: 'http',
    host: 'shop',
    url,
    rewritten: undefined,
    headers: {},
    hasBody: false,
    body: undefined,
  })
}

function writePlace(thing: string): WritePlace<Subject> {
  return { subject: [thing], untargeted: () => [thingTag(thing)], route: () => 'writes', routes: () => [] }
}
