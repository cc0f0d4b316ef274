/** How requests are answered without a run of their own, and what listeners are told of it. */
import type { Clock } from './clock.ts'
import type { Coder } from './coder.ts'
import { deliveryOf, lifeToTell, type Source } from './delivery.ts'
import { type Entry, isLive } from './entry.ts'
import { HandlerFailedError } from './fallback.ts'
import type { Backoffs } from './guard/backoffs.ts'
import { bareAnswer, gatewayTimeout, unavailable } from './http/bare-answer.ts'
import type { Delivery, Replacement } from './http/exchange.ts'
import type { Listener, Outcome, OvertakenEvent, TierName } from './observe/events.ts'
import { serverTiming } from './observe/timing.ts'
import { passedBy } from './passing.ts'
import { StandIn } from './stand-in.ts'
import type { Tiers } from './store/tiers.ts'
import { keyOfEntry } from './variant.ts'
import type { Versions } from './versions/versions.ts'
import type { Visit } from './visit.ts'

/** What answering works with. */
export interface AnsweringParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly versions: Versions
  readonly coder: Coder
  readonly backoffs: Backoffs
  readonly tell: Listener
}

/** Answers. */
export class Answering {
  readonly #parts: AnsweringParts

  constructor(parts: AnsweringParts) {
    this.#parts = parts
  }

  /** Redis is configured, and away. */
  get degraded(): boolean {
    return this.#parts.versions.degraded
  }

  /** By an entry. */
  entry(visit: Visit, entry: Entry, outcome: Outcome, source: Source, wasDegraded = false): void {
    const now = this.#parts.clock.now()
    const { route, exchange, intervals } = visit
    const shown = outcome === 'hit' && now >= entry.staleAt ? 'stale' : outcome
    this.tell(visit, shown, outcome === 'collapsed' ? undefined : (source as TierName), visit.remark)
    const delivery = deliveryOf(entry, source, now, {
      detail: wasDegraded || this.degraded ? 'degraded' : visit.remark,
      serverTiming: route.serverTiming ? serverTiming(intervals) : undefined,
      advertised: route.advertise ? lifeToTell(entry, route, now) : undefined,
    })
    exchange.send(entry.response, route.compress === undefined ? delivery : this.#negotiated(visit, entry, delivery))
  }

  /** The run that this request waits for takes longer than the route lets it wait. */
  instead(visit: Visit, { response, delivery }: Replacement, by: OvertakenEvent['by']): void {
    const reason = by === 'stale' ? (visit.isPatient ? 'timeout' : undefined) : by
    this.tell(visit, by === 'stale' ? 'stale' : 'miss', undefined, reason)
    visit.exchange.send(response, delivery)
  }

  /** The run that this request waited for has failed, and the route lets nobody fail again for that. */
  async failure(visit: Visit, status: number): Promise<void> {
    const { route, exchange, intervals } = visit
    const fallback = await this.standIn(visit).fallback(() => new HandlerFailedError(status))
    if (exchange.gone) return
    this.tell(visit, 'collapsed', undefined, fallback === undefined ? 'failed' : 'fallback')
    const bare = { cacheStatus: passedBy(this.#parts.tiers, 'miss', 'failed', true) }
    const { response, delivery } = fallback ?? { response: bareAnswer(status), delivery: bare }
    exchange.send(response, { ...delivery, serverTiming: route.serverTiming ? serverTiming(intervals) : undefined })
  }

  /** The request wants what is stored or nothing (RFC 9111 §5.2.1.7). */
  nothing(visit: Visit): void {
    this.tell(visit, 'miss', undefined, 'only-if-cached')
    visit.exchange.send(gatewayTimeout, { cacheStatus: passedBy(this.#parts.tiers, 'miss', 'only-if-cached') })
  }

  /** The route wants to answer with Redis or not at all. */
  unavailable(visit: Visit): void {
    this.tell(visit, 'bypass', undefined, 'degraded')
    visit.exchange.send(unavailable, { cacheStatus: passedBy(this.#parts.tiers, 'bypass', 'degraded') })
  }

  /** What answers in the place of a run that this request waits for. */
  standIn(visit: Visit): StandIn {
    return new StandIn(this.#parts, visit, ({ versions }) => isLive(versions, this.#parts.versions, visit.terms))
  }

  tell(visit: Visit, outcome: Outcome, tier?: TierName, reason?: string): void {
    visit.exchange.errand?.meets(outcome, reason)
    this.#parts.tell({
      ...(visit.exchange.detached === true ? { background: true } : undefined),
      type: 'request',
      route: visit.place.name,
      key: visit.key === '' ? undefined : visit.key,
      outcome,
      tier,
      reason,
      degraded: this.degraded,
      ms: visit.ms,
      intervals: visit.taken(),
    })
  }

  /** On routes that code: what of the entry the client may get. */
  #negotiated({ route, base, exchange: { request } }: Visit, entry: Entry, delivery: Delivery): Delivery {
    const key = () => keyOfEntry(base, entry, request)
    const { coder } = this.#parts
    return {
      ...delivery,
      negotiated: coder.offer(entry, route.compress!, request.headers, key),
      fieldsOf: coder.fieldsOf,
    }
  }
}
