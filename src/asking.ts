/** What the user's functions say of a request: what its answer depends on, and its tags. */
import type { Fingerprints } from './fingerprint.ts'
import { andThen, attempt, type MaybePromise } from './maybe.ts'
import type { Listener, UserFunction } from './observe/events.ts'
import { checkedTags } from './route.ts'
import { ownText } from './text.ts'
import { uriTag } from './uri-tags.ts'
import type { Visit } from './visit.ts'

/** What asking works with. */
export interface AskingParts {
  readonly fingerprints: Fingerprints
  readonly tell: Listener
}

/** The fingerprint, or undefined when the user's function fails. */
export function keyOf(parts: AskingParts, visit: Visit): MaybePromise<string | undefined> {
  const { route, exchange, place } = visit
  const { fingerprints } = parts
  const { varyBy, body } = route
  if (varyBy === undefined && !body) return fingerprints.of(place.name, route, exchange.request)
  return attempt(
    () =>
      andThen(varyBy?.(...exchange.subject), (extra) => fingerprints.of(place.name, route, exchange.request, extra)),
    (error) => (varyBy === undefined ? undefined : reportFailure(parts, visit, 'varyBy', error)),
  )
}

/** Why a request has no fingerprint: the user's function failed, or its body is more than can be hashed. */
export function unhashable({ route }: Visit): string {
  return route.varyBy === undefined ? 'body' : 'vary-by-failed'
}

/** The tags of a request, or undefined when the user's function fails. */
export function tagsOf(parts: AskingParts, visit: Visit): MaybePromise<readonly string[] | undefined> {
  const { route, place, exchange } = visit
  const { tags, fixedTags } = route
  const own = route.honour === undefined ? fixedTags : [...fixedTags, uriTag(exchange.request, route)]
  const fixed = own.length === 0 ? place.tags : union(place.tags, own)
  if (tags === undefined) return fixed
  return attempt(
    () => andThen(tags(...exchange.subject), (named) => union(fixed, checkedTags(named, 'tags').map(ownText))),
    (error) => reportFailure(parts, visit, 'tags', error),
  )
}

/** Tells of a user's function that failed. */
export function reportFailure({ tell }: AskingParts, { place }: Visit, name: UserFunction, error: unknown): undefined {
  tell({ type: 'function-failed', route: place.name, function: name, error })
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return [...new Set([...a, ...b])]
}
