/** One request on its way through the engine, and what it has cost so far. */
import type { Clock, Instant } from './clock.ts'
import type { Entry } from './entry.ts'
import { type Directives, noDirectives } from './http/cache-control.ts'
import type { Exchange } from './http/exchange.ts'
import type { Interval } from './observe/events.ts'
import { requestDirectives } from './reuse.ts'
import type { Route } from './route.ts'
import type { Terms } from './versions/versions.ts'

/** Where a route stands in the application: its name and the tags every answer of it carries. */
export interface Place {
  readonly name: string
  readonly tags: readonly string[]
  /** Names of routes that may turn out to answer: their versions are read once, before the first run. */
  readonly early?: readonly string[]
}

const none: readonly Interval[] = Object.freeze([])

/** A request, its route, and its intervals. */
export class Visit {
  readonly exchange: Exchange
  readonly route: Route
  readonly place: Place
  readonly startedAt: Instant
  /** How well versions must be known to answer this request. */
  readonly terms: Terms
  /** Milliseconds that it has waited for Redis. */
  waited = 0
  readonly intervals: Interval[] = []
  /** May be answered from the cache, but its own run is for nobody else. */
  readOnly = false
  /** What the request's own fields ask for, where the route honours them. */
  readonly asked: Directives
  /** A stored answer that must be confirmed by the handler before it is used again, or stands in for its failure. */
  former: Entry | undefined
  /** Has waited for a run without knowing whether its answer may be its own. */
  isUnsure = false
  /** Waits for the handler; else the former answer goes out as soon as the handler was asked. */
  isPatient = true
  /** What `Cache-Status` says of its answer besides. */
  remark: string | undefined
  /** Asks for a part: answered from what is stored, else by the handler, whose answer is for nobody else. */
  readonly ranged: boolean
  /** The fingerprint; empty until it is taken. */
  base = ''
  /** The same, or the key of the variant that the request asks for. */
  key = ''
  readonly #clock: Clock
  readonly #timed: boolean
  #last: Instant

  /** @param timed whether anyone wants to know the intervals */
  constructor(exchange: Exchange, route: Route, place: Place, clock: Clock, timed: boolean) {
    this.exchange = exchange
    this.route = route
    this.place = place
    this.ranged = exchange.request.headers.range !== undefined
    this.#clock = clock
    this.#timed = timed
    this.asked = route.honour === undefined ? noDirectives : requestDirectives(exchange.request)
    this.startedAt = this.#last = clock.now()
    this.terms = route.strong ? { ...route.terms, since: this.startedAt } : route.terms
  }

  /** Ends the interval since the last mark. */
  mark(name: string): void {
    if (!this.#timed) return
    const now = this.#clock.now()
    this.intervals.push({ name, ms: now - this.#last })
    this.#last = now
  }

  /** The intervals so far, for an event. */
  taken(): readonly Interval[] {
    return this.#timed ? [...this.intervals] : none
  }

  /** Milliseconds since the request came in. */
  get ms(): number {
    return this.#clock.now() - this.startedAt
  }
}
