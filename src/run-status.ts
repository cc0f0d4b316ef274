/** What `Cache-Status` says of a run whose answer may be kept (RFC 9211). */
import type { Instant } from './clock.ts'
import type { Entry } from './entry.ts'
import { type Forwarded, joinMembers, tierMember } from './http/cache-status.ts'
import type { Tiers } from './store/tiers.ts'

/** How a run was come to, and what becomes of its answer if it becomes whole. */
export interface RunStatus {
  readonly forwarded: { readonly fwd: Forwarded; readonly fwdStatus?: number | undefined }
  readonly isStored: boolean
  /** In the shared tier, too. */
  readonly isShared: boolean
  /** Why it is not as usual. */
  readonly detail: string | undefined
}

/** A member for each tier. */
export function runStatus({ shared }: Tiers, { forwarded, isStored, isShared, detail }: RunStatus): string {
  const upper = shared === undefined ? undefined : tierMember('l2', { ...forwarded, stored: isShared })
  return joinMembers(upper, tierMember('l1', { ...forwarded, stored: isStored }, { detail }))
}

/** Why the handler was asked (RFC 9211 §2.2), and what it said of a former answer. */
export function forwardedFor(
  former: Entry | undefined,
  startedAt: Instant,
  status: number | undefined,
): RunStatus['forwarded'] {
  if (former === undefined) return { fwd: 'miss' }
  const isStale = startedAt >= former.staleAt || former.policy?.alwaysRevalidate === true
  return { fwd: isStale ? 'stale' : 'request', fwdStatus: status }
}
