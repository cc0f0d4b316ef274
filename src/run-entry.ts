/** What the answer of a run becomes as an entry: how long it lives, and what its own fields let the cache do. */
import type { Instant } from './clock.ts'
import type { Entry, StoredPolicy } from './entry.ts'
import type { ResponseHead } from './http/exchange.ts'
import type { HeaderPolicy } from './http/header-policy.ts'
import { fieldValue } from './http/headers.ts'
import type { Route } from './route.ts'

/** What the life of an answer depends on. */
export interface Life {
  readonly status: number
  /** Whether it says that there is nothing; undefined where nobody knows yet. */
  readonly isNegative: boolean | undefined
  /** What its own fields allow, where the route honours them. */
  readonly policy: HeaderPolicy | undefined
  /** How old it was when it came, in ms (RFC 9111 §4.2.3). */
  readonly initialAge: number
  readonly headAt: Instant
  /** Drawn once: of the life that the route gives. */
  readonly factor: number
}

/** When an answer was made, and when it stops being fresh and of use. */
export function instantsOf(life: Life, route: Route, now: Instant): Pick<Entry, 'storedAt' | 'staleAt' | 'expiresAt'> {
  const { policy, initialAge, headAt, factor } = life
  if (policy === undefined) {
    const staleAt = now + Math.max(1, (route.lifeOf(life.status, life.isNegative) ?? 0) * factor)
    // That there is nothing is soon found out anew.
    const window = life.isNegative === true ? 0 : Math.max(route.staleFor, route.staleIfError)
    return { storedAt: now - initialAge, staleAt, expiresAt: staleAt + window }
  }
  const storedAt = headAt - initialAge
  const staleAt = Math.min(storedAt + policy.lifetime * factor, headAt + route.ttl * factor)
  // Kept as long again, to be confirmed or to stand in.
  return { storedAt, staleAt, expiresAt: headAt + 2 * route.ttl }
}

/** What an answer's `Age` says, in ms; what is no age is none. */
export function namedAge(head: ResponseHead): number {
  const age = fieldValue(head.headers, 'age') ?? ''
  return /^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0
}

/** What of a policy goes with the entry: the rest is in its instants. */
export function storedPolicy({ lifetime: _, initialAge: __, date: ___, ...kept }: HeaderPolicy): StoredPolicy {
  return kept
}
