// What a handler's answer depends on, together with the options that say so: an answer out of the cache must equal a fresh one.
import type { CacheRouteOptions } from '../../src/route.ts'

/** A request as a handler sees it, on either framework. */
export interface Seen {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The path, without the query. */
  readonly path: string
  readonly query: string
  readonly body: unknown
}

/** Options whose functions are told what was `Seen`. */
export type SeenOptions = CacheRouteOptions<readonly [seen: Seen]>

/** One way to depend on a request. */
interface Keying {
  readonly options?: SeenOptions
  /** The fields that `Vary` names. */
  readonly vary?: string
  /** Plain data; the answer is a function of it. */
  reads(seen: Seen): unknown
  /** The body is sent in the coding this names. */
  readonly coded?: boolean
}

const FLAG = 'is_not_cache'

/** Parameters in no order; those of one name in theirs. */
function parameters(seen: Seen, counts: (name: string) => boolean): unknown {
  const groups = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(seen.query))
    if (counts(name)) groups.set(name, [...(groups.get(name) ?? []), value])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

const unflagged = (name: string) => name !== FLAG
const query = (seen: Seen) => parameters(seen, unflagged)

/** A field as a list, in which blanks mean nothing (RFC 9111 §4.1). */
function field({ headers }: Seen, name: string): unknown {
  const value = headers[name]
  return value === undefined
    ? null
    : String(value)
        .split(',')
        .map((member) => member.trim())
        .filter(Boolean)
}

function session({ headers }: Seen): string {
  return /(?:^|;\s*)sid=([^;]*)/.exec(String(headers.cookie ?? ''))?.[1] ?? 'nobody'
}

/** Whether the answer goes out in gzip. */
export function takesGzip({ headers }: Seen): boolean {
  return String(headers['accept-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .some((member) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/.test(member))
}

export const keyings: Readonly<Record<string, Keying>> = {
  query: { reads: query },
  'no query': { options: { query: { allow: ['nothing'] } }, reads: () => 'always the same' },
  'query but some': {
    options: { query: { ignore: ['utm_*', 'b'] } },
    reads: (seen) => parameters(seen, (name) => unflagged(name) && !name.startsWith('utm_') && name !== 'b'),
  },
  'query of one': { options: { query: { allow: ['a'] } }, reads: (seen) => parameters(seen, (name) => name === 'a') },
  'flag of its own': { options: { bypass: false }, reads: (seen) => parameters(seen, () => true) },
  'header by option': { options: { vary: ['X-Lang'] }, reads: (seen) => [query(seen), field(seen, 'x-lang')] },
  'header by Vary': { vary: 'X-Lang', reads: (seen) => [query(seen), field(seen, 'x-lang')] },
  'headers by both': {
    options: { vary: ['x-lang'] },
    vary: 'x-theme, X-LANG',
    reads: (seen) => [field(seen, 'x-theme'), field(seen, 'x-lang')],
  },
  coding: { vary: 'Accept-Encoding', coded: true, reads: (seen) => [query(seen), takesGzip(seen)] },
  'cookie by option': { options: { vary: ['cookie'] }, reads: (seen) => [query(seen), session(seen)] },
  'cookie by Vary': { vary: 'Cookie', reads: (seen) => [query(seen), session(seen)] },
  'cookie by function': { options: { varyBy: session }, reads: (seen) => [query(seen), session(seen)] },
  'anything by *': { vary: '*', reads: (seen) => [field(seen, 'x-trace'), session(seen)] },
  authorization: { reads: (seen) => [query(seen), field(seen, 'authorization')] },
  'authorization by option': {
    options: { vary: ['authorization'] },
    reads: (seen) => [query(seen), field(seen, 'authorization')],
  },
  'authorized, yet public': { options: { public: true }, reads: query },
  body: {
    options: { body: true, methods: ['GET', 'POST'] },
    reads: (seen) => [query(seen), sorted(seen.body)],
  },
}

/** Further options, which change no answer. */
export const extras: Readonly<Record<string, SeenOptions>> = {
  strong: { consistency: 'strong' },
  negative: { negativeTtl: true },
  alone: { collapse: false },
  small: { maxBodyBytes: '2kb' },
  fleet: { lock: 'fleet' },
  tagged: { tags: ({ path }) => [`tag of ${path}`] },
  refresh: { bypass: { mode: 'refresh' } },
  particular: { storable: async ({ status }) => status === 200 },
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? null
  if (Array.isArray(value)) return value.map(sorted)
  return Object.entries(value)
    .filter(([name]) => unflagged(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => [name, sorted(one)])
}
