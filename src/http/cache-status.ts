/** Writes the `Cache-Status` field (RFC 9211): one member per tier, the one nearest the client last. */

/** What a tier did with a request. */
export type TierStatus =
  | { readonly hit: true; readonly ttl?: number }
  | { readonly fwd: Forwarded; readonly stored?: boolean; readonly fwdStatus?: number | undefined }

/** Why a tier did not answer by itself (RFC 9211 §2.2). */
export type Forwarded = 'miss' | 'bypass' | 'stale' | 'request'

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
  if ('hit' in status) member += `; hit${status.ttl === undefined ? '' : `; ttl=${Math.floor(status.ttl / 1_000)}`}`
  else {
    member += `; fwd=${status.fwd}`
    if (status.fwdStatus !== undefined) member += `; fwd-status=${status.fwdStatus}`
    if (status.stored === true) member += '; stored'
  }
  if (remarks.collapsed === true) member += '; collapsed'
  if (remarks.detail !== undefined) member += `; detail=${item(remarks.detail)}`
  return member
}

/** A token where the text is one, else a string of what such a string may hold (RFC 8941 §3.3.3, §3.3.4). */
function item(text: string): string {
  if (/^[a-z*][\w.:*/-]*$/i.test(text)) return text
  return `"${text.replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '\\$&')}"`
}

/** Joins what caches nearer the origin said with our own members. */
export function joinMembers(nearerOrigin: string | undefined, own: string): string {
  return nearerOrigin === undefined || nearerOrigin === '' ? own : `${nearerOrigin}, ${own}`
}
