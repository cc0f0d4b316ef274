/** Decides whether an answer may be given to others although its handler read what is private to who asked. */
import type { Fingerprints } from './fingerprint.ts'
import type { ResponseHead, Seen } from './http/exchange.ts'
import { isDeclaredPublic, keyHint, uncoveredReads } from './http/private-reads.ts'
import { uncoveredVary } from './http/vary.ts'
import { andThen, attempt, type MaybePromise } from './maybe.ts'
import type { OnceTold } from './observe/once-told.ts'
import type { Visit } from './visit.ts'

/** Why such an answer is not stored. */
export const PRIVATE_READ = 'private-read'

/** What deciding works with. */
export interface VerdictParts {
  readonly fingerprints: Fingerprints
  readonly onceTold: OnceTold
}

/**
 * Whether others may have the answer: nothing private was read, the handler says that it is for all, or the key tells those apart
 * for whom it differs. What stands in the way is told.
 *
 * @param seen undefined where nobody watched
 */
export function privateVerdict(
  parts: VerdictParts,
  visit: Visit,
  head: ResponseHead,
  seen: Seen | undefined,
): MaybePromise<boolean> {
  if (seen === undefined || seen.reads.length === 0 || isDeclaredPublic(head, seen)) return true
  const { route, exchange } = visit
  const varied = uncoveredVary(head.headers, route.vary)
  const vary = varied === '*' ? route.vary : [...route.vary, ...varied]
  const uncovered = uncoveredReads(seen.reads, vary, exchange.request)
  if (uncovered.length === 0) return true
  return andThen(keyedReads(parts, visit, seen), (keyed) => {
    const left = uncovered.filter((path) => !keyed.includes(path))
    for (const read of left) tellOf(parts, visit, read)
    return left.length === 0
  })
}

/**
 * What `varyBy` reads, now that the handler has run, before it first waits. It counts only if the key is still the same: a session that
 * came into being after the key was taken is not in it.
 */
function keyedReads({ fingerprints }: VerdictParts, visit: Visit, seen: Seen): MaybePromise<readonly string[]> {
  const { route, exchange, place, base } = visit
  const { varyBy } = route
  if (varyBy === undefined) return []
  return attempt(
    () => {
      const { result, reads } = seen.readBy(() => varyBy(...exchange.subject))
      return andThen(result, (extra) =>
        fingerprints.of(place.name, route, exchange.request, extra) === base ? reads : [],
      )
    },
    () => [],
  )
}

function tellOf({ onceTold }: VerdictParts, { place }: Visit, read: string): void {
  const event = { type: PRIVATE_READ, route: place.name, read, hint: keyHint(read) } as const
  onceTold.tell(`${read} ${place.name}`, event)
}
