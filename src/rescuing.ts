/** Runs of which nothing is kept (HEAD, parts, odd flags): where they fail, what stands in for them is what stands in for any. */
import type { Clock } from './clock.ts'
import { ageOf } from './delivery.ts'
import { HandlerFailedError } from './fallback.ts'
import type { Replacement, RunObserver } from './http/exchange.ts'
import { isFailure } from './http/failure.ts'
import { negotiated } from './http/representation.ts'
import type { MaybePromise } from './maybe.ts'
import { passedBy } from './passing.ts'
import { STALE_IF_ERROR } from './serving.ts'
import type { StandIn } from './stand-in.ts'
import type { Tiers } from './store/tiers.ts'
import type { Visit } from './visit.ts'

/** What rescuing works with. */
export interface RescuingParts {
  readonly clock: Clock
  readonly tiers: Tiers
}

/** Lets the former answer, else the user's fallback, go out in the place of a failure. */
export function rescuing(parts: RescuingParts, observer: RunObserver, visit: Visit, standIn: StandIn): RunObserver {
  const { route, former, exchange } = visit
  if (former === undefined && route.fallback === undefined) return observer
  const rescue = (error: () => Error): MaybePromise<Replacement | undefined> => {
    const stale = standIn.rescue()
    if (stale === undefined) return standIn.fallback(error)
    const delivery = {
      age: ageOf(stale, parts.clock.now()),
      cacheStatus: passedBy(parts.tiers, 'stale', STALE_IF_ERROR),
      negotiated: negotiated(route.compress, stale.response, exchange.request.headers),
    }
    return { response: stale.response, delivery }
  }
  return {
    ...observer,
    mayReplace: true,
    rescue: (error) => rescue(() => error),
    head: (head, length, seen, touched) => {
      const decision = observer.head(head, length, seen, touched)
      const found = isFailure(head.status) ? rescue(() => new HandlerFailedError(head.status)) : undefined
      return found instanceof Promise ? { ...decision, pending: found } : { ...decision, replacement: found }
    },
  }
}
