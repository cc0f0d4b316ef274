// One life of one process: the real cache over simulated parts, what it is asked and what it writes.
import { type Core, createCore } from '../../src/cache.ts'
import type { CacheRequest } from '../../src/http/exchange.ts'
import { placeOf } from '../../src/place.ts'
import type { Route } from '../../src/route.ts'
import type { Place } from '../../src/visit.ts'
import type { Weakness } from '../consistency/mutants/mutant.ts'
import { BumpWatch } from './bump-watch.ts'
import type { EventQueue } from './event-queue.ts'
import type { Judge, Knowledge } from './judge.ts'
import type { RunCount } from './run-count.ts'
import { type ShopRoute, type Subject, thingTag } from './shop.ts'
import { SimulatedExchange } from './simulated-exchange.ts'
import type { Trace } from './trace.ts'
import type { Asked } from './verdict.ts'
import type { VirtualProcess } from './virtual-process.ts'
import type { Workload } from './workload.ts'
import { Writer } from './writer.ts'

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

/** From birth to death. */
export class Life {
  readonly around: Surroundings
  readonly process: VirtualProcess
  readonly knowledge: Knowledge
  readonly writer: Writer
  readonly #core: Core<Subject>
  readonly #weakness: Weakness
  readonly #routes: readonly { readonly route: Route; readonly place: Place; readonly isLate: boolean }[]
  readonly #requests: readonly CacheRequest[]
  /** Places of routes that may lag, and of those that may not. */
  readonly #bounded: readonly number[]
  readonly #strong: readonly number[]
  /** Requests that have no answer yet. */
  readonly unanswered = new Set<Asked>()

  constructor(around: Surroundings, process: VirtualProcess, redis: object, weakness: Weakness) {
    const { judge, workload, shop, things } = around
    this.around = around
    this.process = process
    this.#weakness = weakness
    this.knowledge = judge.begin(process.name)
    const bumps = new BumpWatch()
    const memory = { maxEntries: workload.maxEntries }
    this.#core = createCore<Subject>({ redis, memory }, bumps.watching(weakness.parts))
    this.writer = new Writer({ around, process, knowledge: this.knowledge, core: this.#core, bumps, weakness })
    this.#routes = shop.map(({ name, ttl, isLate, options }) => {
      const route = this.#core.route(`${ttl}ms`, { ...options, name })
      return { route, place: placeOf([name]), isLate }
    })
    this.#requests = shop.flatMap(({ name }) => things.map((thing) => requestFor(`${name}/${thing}`)))
    const places = this.#requests.map((_, place) => place)
    const isStrong = (place: number) => shop[Math.floor(place / things.length)]!.bound === 0
    this.#bounded = places.filter((place) => !isStrong(place))
    this.#strong = places.filter(isStrong)
  }

  tagOf(thing: number): string {
    return thingTag(this.around.things[thing]!)
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
      const { length } = this.around.things
      this.read(Math.floor(place / length), place % length)
      next = next + 1 === places.length ? 0 : next + 1
    }
  }

  read(route: number, thing: number): void {
    const { judge, things } = this.around
    const asked = judge.ask(this.knowledge, route, thing)
    const { isLate, route: policy, place } = this.#routes[route]!
    const request = this.#requests[route * things.length + thing]!
    const exchange = new SimulatedExchange(this, asked, request, [things[thing]!], isLate)
    const waiting = this.#core.handle(this.#weakness.exchange?.(exchange) ?? exchange, policy, place)
    if (exchange.isAnswered) return
    this.unanswered.add(asked)
    exchange.answered = () => this.unanswered.delete(asked)
    waiting?.catch((error: unknown) => judge.broke('never throws', String(error), this.knowledge, thing))
  }

  /** Waits for something that happens elsewhere. */
  elsewhere(ms: number, action: () => void): void {
    this.around.queue.at(this.process.present + ms, action)
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
