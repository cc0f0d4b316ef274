/** What goes out in the place of a handler's answer: the former one, where the handler fails or takes too long, or the user's fallback. */
import { type Clock, within } from './clock.ts'
import { deliveryOf } from './delivery.ts'
import type { Entry } from './entry.ts'
import { type FallbackAnswer, fallbackResponse, HandlerTimeoutError } from './fallback.ts'
import type { Backoffs } from './guard/backoffs.ts'
import { gatewayTimeout } from './http/bare-answer.ts'
import type { Replacement } from './http/exchange.ts'
import { negotiated } from './http/representation.ts'
import { andThen, attempt, type MaybePromise } from './maybe.ts'
import type { Listener } from './observe/events.ts'
import { passedBy } from './passing.ts'
import { mayRescue } from './reuse.ts'
import type { Late } from './run-limits.ts'
import type { Tiers } from './store/tiers.ts'
import type { Visit } from './visit.ts'

/** What standing in works with. */
export interface StandInParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly backoffs: Backoffs
  readonly tell: Listener
}

/** What stands in for one request. */
export class StandIn {
  readonly #parts: StandInParts
  readonly #visit: Visit
  readonly #isLive: (entry: Entry) => boolean
  #isAnswered = false

  /** @param isLive whether no invalidation of an entry is known: stale is one thing, wrong another */
  constructor(parts: StandInParts, visit: Visit, isLive: (entry: Entry) => boolean) {
    this.#parts = parts
    this.#visit = visit
    this.#isLive = isLive
  }

  /** One of these has gone out: nothing else need be made. */
  answered(): void {
    this.#isAnswered = true
  }

  /** The former answer for a handler that failed (RFC 5861 §4); it is not asked again for a while. */
  rescue(): Entry | undefined {
    const { route, asked, exchange, isPatient } = this.#visit
    const former = this.#former()
    const now = this.#parts.clock.now()
    if (former === undefined) return undefined
    const isAllowed =
      route.honour === undefined
        ? now < former.staleAt + (isPatient ? route.staleIfError : Math.max(route.staleFor, route.staleIfError))
        : mayRescue(former, asked, now, exchange.request.headers.authorization !== undefined)
    if (!isAllowed) return undefined
    this.#leaveAlone()
    return former
  }

  /** The former answer for a handler that takes too long. */
  stale(): Replacement | undefined {
    const { route, isPatient, asked, exchange } = this.#visit
    const { headers } = exchange.request
    const authorized = headers.authorization !== undefined
    const former = this.#former()
    const now = this.#parts.clock.now()
    if (former === undefined) return undefined
    // By the route's own windows: what is stored may be kept for longer by a process that was deployed with others.
    const isInTime =
      route.honour === undefined
        ? now < former.staleAt + Math.max(route.staleFor, route.staleIfError)
        : now < former.expiresAt && mayRescue(former, asked, now, authorized)
    if (!isInTime) return undefined
    if (isPatient) this.#leaveAlone()
    const coding = negotiated(route.compress, former.response, headers)
    const delivery = deliveryOf(former, 'l1', now, isPatient ? { detail: 'timeout' } : {})
    return { response: former.response, delivery: { ...delivery, negotiated: coding } }
  }

  /** What the client gets where nothing stale is at hand in time. */
  late(): MaybePromise<Late> {
    const answer = this.fallback(() => new HandlerTimeoutError(this.#visit.route.hard!))
    return andThen(answer, (replacement): Late => {
      if (replacement !== undefined) return { ...replacement, by: 'fallback' }
      return { response: gatewayTimeout, delivery: this.#delivery('timeout'), by: 'timeout' }
    })
  }

  /**
   * What the user's function answers, if anything; its own failure lets the first one out.
   *
   * @param error made where the function is called alone: a stack costs more than an answer, and a whole crowd may fail
   */
  fallback(error: () => Error): MaybePromise<Replacement | undefined> {
    const { route, exchange } = this.#visit
    const { fallback } = route
    if (fallback === undefined || exchange.detached === true || this.#isAnswered) return undefined
    return attempt(
      () => andThen(this.#inTime(fallback(exchange.subject[0], error())), (answer) => this.#made(answer)),
      (failure) => {
        this.#parts.tell({
          type: 'function-failed',
          route: this.#visit.place.name,
          function: 'fallback',
          error: failure,
        })
        return undefined
      },
    )
  }

  /** Its asker waits for as long as for a run at most: a promise that nobody keeps must not hold the failure back for ever. */
  #inTime(answer: unknown): MaybePromise<FallbackAnswer | undefined> {
    const { flightDeadline } = this.#visit.route
    const given = andThen(answer as MaybePromise<FallbackAnswer | undefined>, (one) => one)
    if (!(given instanceof Promise)) return given
    const late = () => new Error(`\`fallback\` did not answer within ${flightDeadline} ms`)
    return within(this.#parts.clock, flightDeadline, given, late)
  }

  #made(answer: FallbackAnswer | undefined): Replacement | undefined {
    if (answer === undefined) return undefined
    return { response: fallbackResponse(answer), delivery: this.#delivery('fallback') }
  }

  #delivery(detail: string): Replacement['delivery'] {
    return { cacheStatus: passedBy(this.#parts.tiers, 'miss', detail) }
  }

  #former(): Entry | undefined {
    const { former, exchange } = this.#visit
    return former !== undefined && exchange.detached !== true && this.#isLive(former) ? former : undefined
  }

  #leaveAlone(): void {
    const { route, key } = this.#visit
    if (route.honour === undefined) this.#parts.backoffs.failed(key, this.#parts.clock.now() + route.backoff)
  }
}
