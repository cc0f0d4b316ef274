/** Entity-tags of coded representations: other bytes must have another tag (RFC 9110 §8.8.3.3). */
import type { Coding } from './coding.ts'

/**
 * The tag of an answer in a coding: `"v1"` becomes `"v1--br"`, and a weak one stays weak. Two hyphens, as Jetty has them: with one, a
 * version and its Breton translation may well be called `"v1"` and `"v1-br"`.
 *
 * @returns undefined for what is no entity-tag: it could not tell the two apart
 */
export function codedTag(etag: string | undefined, coding: Coding | undefined): string | undefined {
  if (coding === undefined || etag === undefined) return etag
  return /^(?:W\/)?"[^"]*"$/.test(etag) ? `${etag.slice(0, -1)}--${coding}"` : undefined
}
