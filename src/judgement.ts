/** What may become of an answer, judged by its head: by the route, or by the answer's own header fields where the route honours them. */
import type { CacheRequest, ResponseHead } from './http/exchange.ts'
import { type HeaderPolicy, headerPolicy } from './http/header-policy.ts'
import { unkeepableBecause, unstorableBecause } from './http/storable.ts'
import type { Route } from './route.ts'

/** Why it is for its asker alone, or how long it may be used and how. */
export interface Judgement {
  readonly reason?: string | undefined
  /** Where the route honours header fields. */
  readonly policy?: HeaderPolicy | undefined
}

/**
 * Judges one answer.
 *
 * @param length bytes of the body, where they are known before it is sent
 * @param now the wall clock, to hold the answer's dates against
 */
export function judged(
  head: ResponseHead,
  request: Pick<CacheRequest, 'headers'>,
  route: Route,
  length?: number,
  now = Date.now(),
): Judgement {
  if (route.honour === undefined) return { reason: unstorableBecause(head, route, length) }
  const policy = headerPolicy(head, request, route.honour, now)
  if (typeof policy === 'string') return { reason: policy }
  return { reason: unkeepableBecause(head, route, length), policy }
}
