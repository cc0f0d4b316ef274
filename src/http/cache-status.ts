/** Writes the `Cache-Status` field (RFC 9211): one member per tier, the one nearest the client last. */

/** What a tier did with a request. */
export type TierStatus =
  | { readonly hit: true; readonly ttl: number }
  | { readonly fwd: 'miss' | 'bypass'; readonly stored?: boolean }

/** Remarks on a member: `collapsed` (RFC 9211 §2.6) and a `detail` token. */
export interface Remarks {
  readonly collapsed?: boolean | undefined
  readonly detail?: string | undefined
}

/**
 * One member.
 *
 * @param tier `l1` or `l2`
 * @param status `ttl` in milliseconds; written in whole seconds, negative for what is no longer fresh
 */
export function tierMember(tier: string, status: TierStatus, remarks: Remarks = {}): string {
  let member = `tiercache-${tier}`
  if ('hit' in status) member += `; hit; ttl=${Math.floor(status.ttl / 1_000)}`
  else member += `; fwd=${status.fwd}${status.stored === true ? '; stored' : ''}`
  if (remarks.collapsed === true) member += '; collapsed'
  if (remarks.detail !== undefined) member += `; detail=${remarks.detail}`
  return member
}

/** Joins what caches nearer the origin said with our own members. */
export function joinMembers(nearerOrigin: string | undefined, own: string): string {
  return nearerOrigin === undefined || nearerOrigin === '' ? own : `${nearerOrigin}, ${own}`
}
