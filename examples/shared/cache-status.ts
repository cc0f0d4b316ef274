/** Reads what the cache says it did from `Cache-Status` (RFC 9211). */

export interface Verdict {
  /** One of hit, miss, bypass, collapsed; undefined where no cache was asked. */
  outcome: string | undefined
  /** The tier that answered a hit: `l1` or `l2`. */
  tier: string | undefined
}

/** Reads the members that tiercache wrote, the tier nearest to the client last. */
export function readCacheStatus(field: string | undefined): Verdict {
  const members = (field ?? '').match(/(?:[^,"]|"[^"]*")+/g) ?? []
  const tiers = members.map((member) => member.split(';').map((part) => part.trim())).filter(isTier)
  // An entry keeps what the tiers behind it said when it was made, so the hit nearest to the client counts.
  const hit = tiers.findLast((parts) => parts.includes('hit'))
  if (hit !== undefined) return { outcome: 'hit', tier: hit[0]?.replace('tiercache-', '') }
  const collapsed = tiers.some((parts) => parts.includes('collapsed'))
  const forward = tiers.at(-1)?.find((part) => part.startsWith('fwd='))
  return { outcome: collapsed ? 'collapsed' : forward?.slice('fwd='.length), tier: undefined }
}

function isTier([name = '']: string[]): boolean {
  return name.startsWith('tiercache-')
}
