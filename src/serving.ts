/** Whether a stored answer whose versions are the present ones may answer a request: as it is, or while it is renewed. */
import type { Clock, Instant } from './clock.ts'
import type { Entry } from './entry.ts'
import type { Backoffs } from './guard/backoffs.ts'
import { isDueEarly } from './guard/lives.ts'
import type { Exchange } from './http/exchange.ts'
import { isReadable } from './http/readable.ts'
import type { Renewals } from './renewals.ts'
import { reuse } from './reuse.ts'
import type { Unshared } from './unshared.ts'
import type { Visit } from './visit.ts'

/** What deciding works with. */
export interface ServingParts {
  readonly clock: Clock
  readonly random: () => number
  readonly backoffs: Backoffs
  readonly renewals: Renewals
  readonly unshared: Unshared
}

/** What `Cache-Status` says of a stale answer whose handler has failed, now or a moment ago. */
export const STALE_IF_ERROR = 'stale-if-error'

/** Decides by age: the route's rules, or the header fields where the route honours them. */
export class Serving {
  readonly #parts: ServingParts

  constructor(parts: ServingParts) {
    this.#parts = parts
  }

  /** Whether the entry may answer; else it is what the handler is asked to confirm, or what stands in for its failure. */
  mayAnswer(visit: Visit, entry: Entry, now = this.#parts.clock.now()): boolean {
    const isHonoured = visit.route.honour !== undefined
    // What was stored by other rules, as by a process that was not deployed anew yet, might never have been by these.
    if (isHonoured !== (entry.policy !== undefined)) return false
    return isHonoured ? this.#mayByHeaders(visit, entry, now) : this.#mayByRoute(visit, entry, now)
  }

  #mayByRoute(visit: Visit, entry: Entry, now: Instant): boolean {
    const { route, exchange, key } = visit
    if (now < entry.staleAt && !isRenewed(exchange, entry)) {
      this.#renewEarly(visit, entry, now)
      return true
    }
    visit.former = entry
    // What nobody else may have takes the place of what all had: the handler has said so since.
    if (exchange.detached === true || this.#parts.unshared.has(key)) return false
    if (now < entry.staleAt + route.staleIfError && this.#parts.backoffs.has(key, now)) {
      visit.remark = STALE_IF_ERROR
      return true
    }
    if (now >= entry.staleAt + route.staleFor) return false
    visit.isPatient = this.#parts.renewals.start(visit, entry)
    return visit.isPatient
  }

  #mayByHeaders(visit: Visit, entry: Entry, now: Instant): boolean {
    const { headers } = visit.exchange.request
    // What it cannot read is not what it is asked to confirm either.
    if (!isReadable(entry.response.headers, headers)) return false
    const decision = reuse(entry, visit.asked, now, headers.authorization !== undefined)
    const mayUse = decision === 'use' && !isRenewed(visit.exchange, entry)
    if (mayUse) this.#renewEarly(visit, entry, now)
    if (mayUse || (decision === 'renew' && this.#parts.renewals.start(visit, entry))) return true
    visit.former = entry
    return false
  }

  #renewEarly(visit: Visit, entry: Entry, now: Instant): void {
    const { earlyRefresh } = visit.route
    if (earlyRefresh === undefined || !isDueEarly(entry, earlyRefresh, now, this.#parts.random)) return
    this.#parts.renewals.start(visit, entry)
  }
}

/** Copies of one answer differ by this many ms at most, when they come back from another tier. */
const SAME_MS = 5

/** Whether the request was sent to put something in the place of this very entry. */
function isRenewed({ renews }: Exchange, { staleAt }: Entry): boolean {
  return renews !== undefined && staleAt <= renews + SAME_MS
}
