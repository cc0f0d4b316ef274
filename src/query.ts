/** The query string as the fingerprint sees it: order-free between names, order kept within one. */

/** A raw `name=value` pair and the name a handler would know it by. */
export interface QueryPair {
  /** The pair as it was sent. Values stay encoded: two encodings of one text are a miss at worst, never a mix-up. */
  readonly raw: string
  /** The decoded name. */
  readonly name: string
  /** The name up to its first bracket: `a[b]` and `a[]` feed the same parameter `a`. */
  readonly root: string
}

/** Which parameters reach the fingerprint. A trailing `*` matches any rest. */
export type QueryRule = { readonly allow: readonly string[] } | { readonly ignore: readonly string[] }

/** Parsers stop after a number of parts, counting empty ones: past this many, order and presence are not ours to judge. */
const MOST_PARTS = 100

/**
 * Path and query of a request target, or undefined where the framework's parsers may see something else than we do: a fragment ends
 * the query for them, blanks are trimmed, parts past their limit are dropped, and what does not decode is replaced.
 */
export function splitTarget(url: string): { readonly path: string; readonly query: string } | undefined {
  if (/[#\s\u00a0\ufeff]/.test(url)) return undefined
  const mark = url.indexOf('?')
  if (mark === -1) return { path: url, query: '' }
  const query = url.slice(mark + 1)
  const odd = query.startsWith('&') || query.endsWith('&') || query.includes('&&')
  if (query !== '' && (odd || query.split('&', MOST_PARTS + 1).length > MOST_PARTS)) return undefined
  return isDecodable(query) ? { path: url.slice(0, mark), query } : undefined
}

/** What of a query makes no difference to an answer. */
export interface CountingRules {
  readonly query?: QueryRule | undefined
  /** The bypass flag's name: always cut out. */
  readonly flag: string | undefined
}

/** The pairs that count, in an order that is the same for all that mean the same. */
export function countedPairs(query: string, rules: CountingRules): QueryPair[] {
  return orderFree(queryPairs(query).filter(({ name, root }) => name !== rules.flag && isCounted(root, rules.query)))
}

/** Path and query as they count: one text for all that share a key by them. */
export function countedUrl(url: string, rules: CountingRules): string {
  const target = splitTarget(url)
  if (target === undefined) return url
  const pairs = countedPairs(target.query, rules)
  return pairs.length === 0 ? target.path : `${target.path}?${pairs.map(({ raw }) => raw).join('&')}`
}

/** Splits the part after `?`. */
export function queryPairs(query: string): QueryPair[] {
  const pairs: QueryPair[] = []
  for (const raw of query.split('&')) {
    if (raw === '') continue
    const equals = raw.indexOf('=')
    const name = decode(equals === -1 ? raw : raw.slice(0, equals))
    pairs.push({ raw, name, root: name.replace(/^\[/, '').split(/[[\]]/, 1)[0]! })
  }
  return pairs
}

/** Sorts by root name; pairs of one root keep the order they came in, since a handler sees that order. */
export function orderFree(pairs: readonly QueryPair[]): QueryPair[] {
  return [...pairs].sort((a, b) => (a.root < b.root ? -1 : a.root > b.root ? 1 : 0))
}

/** Whether the rule lets a parameter into the fingerprint. */
export function isCounted(name: string, rule: QueryRule | undefined): boolean {
  if (rule === undefined) return true
  return 'allow' in rule
    ? rule.allow.some((pattern) => matches(name, pattern))
    : !rule.ignore.some((pattern) => matches(name, pattern))
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/** Names that do not decode become one and the same name in some parsers. */
function isDecodable(query: string): boolean {
  if (!query.includes('%')) return true
  try {
    decodeURIComponent(query)
    return true
  } catch {
    return false
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
