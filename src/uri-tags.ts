/** Tags that answers carry where their header fields decide: one for the URL, one for each group, and those that a write invalidates. */
import { sha256 } from './fingerprint.ts'
import type { CacheRequest, ResponseHead } from './http/exchange.ts'
import { fieldLines, fieldValue, listMembers } from './http/headers.ts'
import { type CountingRules, countedUrl } from './query.ts'

/** Longer tags are hashed: they are kept with every entry. */
const LONGEST = 200
/** Groups of one answer, and of one write, that are looked at (RFC 9875 §2.1 asks for at least 32). */
const MOST_GROUPS = 64

/** What a request is addressed to. */
export type Target = Pick<CacheRequest, 'scheme' | 'host' | 'url'>

/**
 * The tag of the URL that a request is for.
 *
 * @param rules those of the key: all URLs that share an answer must share the tag
 */
export function uriTag(target: Target, rules: CountingRules): string {
  const own = resolved(target)
  if (own !== undefined) return tagOf(own, rules)
  return bounded(`uri:${target.scheme}://${target.host}${countedUrl(target.url, rules)}`)
}

/** The tags of the groups that an answer says it is in (RFC 9875 §2). */
export function groupTags(target: Target, { headers }: Pick<ResponseHead, 'headers'>): readonly string[] {
  return groups(target, fieldValue(headers, 'cache-groups'))
}

/** What an unsafe request invalidates once it has succeeded (RFC 9111 §4.4, RFC 9875 §3). */
export function invalidatedBy(
  target: Target,
  { status, headers }: ResponseHead,
  rules: CountingRules,
): readonly string[] {
  if (status < 200 || status >= 400) return []
  const own = resolved(target)
  const tags = [uriTag(target, rules), ...groups(target, fieldValue(headers, 'cache-group-invalidation'))]
  for (const name of ['location', 'content-location']) {
    const named = own === undefined ? undefined : parsed(fieldLines(headers, name)[0], own)
    // Of another origin anybody could say anything.
    if (named !== undefined && named.origin === own!.origin) tags.push(tagOf(named, rules))
  }
  return [...new Set(tags)]
}

function tagOf({ origin, pathname, search }: URL, rules: CountingRules): string {
  return bounded(`uri:${origin}${countedUrl(`${pathname}${search}`, rules)}`)
}

function groups(target: Target, field: string | undefined): readonly string[] {
  if (field === undefined) return []
  const names = listMembers(field).map((member) => /^"((?:[ !#-[\]-~]|\\["\\])*)"(?:\s*;.*)?$/.exec(member)?.[1])
  // A list that is malformed anywhere is ignored whole (RFC 9651 §4.2).
  if (names.includes(undefined)) return []
  const origin = resolved(target)?.origin ?? `${target.scheme}://${target.host}`
  return names.slice(0, MOST_GROUPS).map((name) => bounded(`group:${origin} ${name}`))
}

/** Where a client names the origin too, the path is what routes go by (RFC 9112 §3.2.2). */
function resolved({ scheme, host, url }: Target): URL | undefined {
  const path = url.replace(/^https?:\/\/[^/?#]*(?=\/)/i, '')
  return parsed(`${scheme}://${host}${path.startsWith('/') ? path : `/${path}`}`)
}

function parsed(text: string | undefined, base?: URL): URL | undefined {
  if (text === undefined) return undefined
  try {
    const url = new URL(text, base)
    url.hash = ''
    return url
  } catch {
    return undefined
  }
}

function bounded(tag: string): string {
  return tag.length <= LONGEST ? tag : `${tag.slice(0, LONGEST)}${sha256([tag])}`
}
