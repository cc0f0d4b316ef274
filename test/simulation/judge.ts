// Checks each answer when it is given: what was promised for it is known by then, and nothing needs to be kept.
import type { Instant } from './event-queue.ts'
import { Floor } from './floor.ts'
import { placesOf, type ShopRoute, thingTag } from './shop.ts'
import { type Answered, type Asked, brokenBy, SLOWEST } from './verdict.ts'

/** How long after trouble a process may still say that it had some, in ms. */
const RECOVERY = 2_500

/** A clause that was broken. */
export interface Violation {
  readonly check: string
  readonly message: string
  readonly at: Instant
  readonly process: string
  readonly thing: string
  /** Undefined where it is not about an answer. */
  readonly route: string | undefined
}

/** What one life of one process has shown to know. */
export interface Knowledge {
  readonly process: string
  /** Per place: the least value after its own writes. */
  readonly own: Uint32Array
  /** Per thing: the least value after what it is known to have validated. */
  readonly validated: Uint32Array
  /** From then on nothing was wrong around it. */
  calmFrom: Instant
}

/** Which of a floor's lags is which. */
const BOUND = 0
const STALE = 1
const RUN = 2
/** A run begins at most this long after the request that it is for, in ms. */
const UNTIL_RUN = 300

interface Options {
  readonly routes: readonly ShopRoute[]
  readonly things: readonly string[]
  /** The present value of each thing. */
  readonly values: Uint32Array
  readonly now: () => Instant
  readonly found: (violation: Violation) => void
  /** How much longer than its ttl an answer may seem fresh, in ms: its way to Redis does not count. */
  readonly ageSlack: number
}

/** All promises, and whether they were kept. */
export class Judge {
  readonly #options: Options
  /** Per route and thing. */
  readonly #floors: readonly Floor[]
  /** Per thing, for its own tag alone; asked with each route's bound. */
  readonly #thingFloors: readonly Floor[]
  readonly #places: ReadonlyMap<string, readonly number[]>
  /** Per thing. */
  readonly #markedSince: Instant[]
  /** The longest lag of an answer that did not say `degraded`, and of those that did, in ms. */
  readonly worst = { bounded: 0, degraded: 0 }
  reads = 0
  hits = 0

  constructor(options: Options) {
    this.#options = options
    const { routes, things } = options
    this.#floors = routes.flatMap(({ bound, maxStale }) =>
      things.map(() => {
        const limit = bound * SLOWEST
        return new Floor([limit, Math.max(limit, maxStale * SLOWEST), limit + UNTIL_RUN])
      }),
    )
    this.#thingFloors = things.map(() => new Floor(routes.map(({ bound }) => bound * SLOWEST)))
    this.#markedSince = things.map(() => Number.POSITIVE_INFINITY)
    this.#places = placesOf(routes, things)
  }

  /** Places whose answers carry a tag. */
  placesOf(tag: string): readonly number[] {
    return this.#places.get(tag) ?? []
  }

  thingAt(place: number): number {
    return place % this.#options.things.length
  }

  /** A tag has a new version: what was read before is dead for whoever validates from now on. */
  bumped(tag: string, value?: number): void {
    const { now, values } = this.#options
    for (const place of this.placesOf(tag)) {
      this.#floors[place]!.rise(now(), value ?? values[this.thingAt(place)]!)
    }
    const thing = this.#thingOf(tag)
    if (thing !== -1) this.#thingFloors[thing]!.rise(now(), value ?? values[thing]!)
  }

  /**
   * The answer of a write left the process that ran it.
   *
   * @param everywhere Redis is said to have confirmed it
   */
  wrote(knowledge: Knowledge, places: readonly number[], values: readonly number[], everywhere: boolean): void {
    for (const [i, place] of places.entries()) {
      const value = values[i]!
      knowledge.own[place] = Math.max(knowledge.own[place]!, value)
      if (!everywhere || this.#floors[place]!.current >= value) continue
      const message = `a write of ${value} is said to be known everywhere, and Redis never heard of it`
      this.broke('acknowledged', message, knowledge, this.thingAt(place))
    }
  }

  /** A writer's marker stands in the place of a thing's token, or does no more. */
  marked(tag: string, isMarked: boolean): void {
    const thing = this.#thingOf(tag)
    if (thing === -1) return
    const { now } = this.#options
    const since = isMarked ? Math.min(this.#markedSince[thing]!, now()) : Number.POSITIVE_INFINITY
    this.#markedSince[thing] = since
  }

  begin(process: string): Knowledge {
    const validated = Uint32Array.from(this.#thingFloors, ({ current }) => current)
    const own = new Uint32Array(this.#floors.length)
    return { process, own, validated, calmFrom: this.#options.now() + RECOVERY }
  }

  /** Something is or was wrong around a process, until an instant. */
  trouble(knowledge: Knowledge, until: Instant): void {
    knowledge.calmFrom = Math.max(knowledge.calmFrom, until + RECOVERY)
  }

  ask(knowledge: Knowledge, route: number, thing: number): Asked {
    const now = this.#options.now()
    const place = route * this.#options.things.length + thing
    const floor = this.#floors[place]!
    return {
      route,
      thing,
      start: now,
      bounded: floor.before(now, BOUND),
      stale: floor.before(now, STALE),
      own: knowledge.own[place]!,
      validated: knowledge.validated[thing]!,
      shows: this.#thingFloors[thing]!.before(now, route),
    }
  }

  /** Answered out of a tier, or with another's run. */
  answered(knowledge: Knowledge, asked: Asked, answer: Answered): void {
    this.reads++
    this.hits++
    const { routes, values, now, ageSlack } = this.#options
    const { value, cacheStatus } = answer
    const degraded = cacheStatus.includes('detail=degraded')
    const broken = brokenBy(asked, answer, {
      route: routes[asked.route]!,
      present: values[asked.thing]!,
      now: now(),
      degraded,
      calm: asked.start > knowledge.calmFrom,
      marked: this.#isMarkedFor(asked),
      ageSlack,
    })
    if (broken !== undefined) {
      const { name } = routes[asked.route]!
      this.#violated(broken.check, `${broken.message} (${name}: ${cacheStatus})`, knowledge, asked)
    }
    this.#noteLag(asked, value, degraded)
    if (!degraded && !cacheStatus.includes('collapsed')) this.#learn(knowledge, asked)
  }

  /** Answered by its own run, or refused. */
  passed(knowledge: Knowledge, asked: Asked, cacheStatus: string): void {
    this.reads++
    if (cacheStatus.includes('detail=degraded')) this.#judgeLabel(knowledge, asked, cacheStatus)
  }

  /** Once everything is quiet: whether what was acknowledged is known everywhere. */
  judgeJournal(knowledge: Knowledge): void {
    const { routes, things } = this.#options
    for (const [place, own] of knowledge.own.entries()) {
      if (own <= this.#floors[place]!.current) continue
      const route = Math.floor(place / things.length)
      const message = `a write of ${own} for ${routes[route]!.name} was answered, and Redis never heard of it`
      this.#violated('journal', message, knowledge, this.ask(knowledge, route, place % things.length))
    }
  }

  /** What broke outside of an answer. */
  broke(check: string, message: string, knowledge: Knowledge, thing: number): void {
    this.#violated(check, message, knowledge, { thing })
  }

  /** How often a place got a new version, and how many of them whoever runs now must have known of. */
  changes(route: number, thing: number): { readonly all: number; readonly old: number } {
    const floor = this.#floors[route * this.#options.things.length + thing]!
    return { all: floor.rises, old: floor.risesBefore(this.#options.now(), RUN) }
  }

  /** A writer's marker has stood long enough for whoever answers this to know of it. */
  #isMarkedFor({ thing, start, route }: Asked): boolean {
    return start > this.#markedSince[thing]! + this.#options.routes[route]!.bound * SLOWEST
  }

  #thingOf(tag: string): number {
    return this.#options.things.findIndex((name) => tag === thingTag(name))
  }

  #judgeLabel(knowledge: Knowledge, asked: Asked, cacheStatus: string): void {
    if (asked.start <= knowledge.calmFrom) return
    const { name } = this.#options.routes[asked.route]!
    this.#violated('label', `degraded, though Redis was there (${name}, ${cacheStatus})`, knowledge, asked)
  }

  #noteLag({ route, thing, start }: Asked, value: number, degraded: boolean): void {
    const floor = this.#floors[route * this.#options.things.length + thing]!
    if (value >= floor.current) return
    const lag = start - floor.above(value)!
    const kind = degraded ? 'degraded' : 'bounded'
    if (lag > this.worst[kind]) this.worst[kind] = lag
  }

  /** What was answered without a word was validated within the route's bound of the request. */
  #learn({ validated }: Knowledge, { thing, shows }: Asked): void {
    if (shows > validated[thing]!) validated[thing] = shows
  }

  #violated(
    check: string,
    message: string,
    { process }: Knowledge,
    about: Partial<Asked> & Pick<Asked, 'thing'>,
  ): void {
    const { found, now, things, routes } = this.#options
    const route = about.route === undefined ? undefined : routes[about.route]!.name
    found({ check, message, at: now(), process, thing: things[about.thing]!, route })
  }
}
