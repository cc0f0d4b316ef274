/** What a shared cache may do with an answer by its own header fields (RFC 9111), where a route honours them. */
import { type Directives, deltaSeconds, LONGEST_SECONDS, parseCacheControl, seconds } from './cache-control.ts'
import type { CacheRequest, ResponseHead } from './exchange.ts'
import { fieldLines, fieldValue, listMembers } from './headers.ts'
import { httpDate } from './http-date.ts'
import { targetedDirectives } from './targeted.ts'

/** How a route honours header fields; all off by default. */
export interface HonourRules {
  /** Guess a lifetime where none is given (RFC 9111 §4.2.2). */
  readonly heuristic: boolean
  /** Listen to `Tiercache-Cache-Control`, `CDN-Cache-Control` (RFC 9213) and `Surrogate-Control`. */
  readonly targeted: boolean
  /** Store answers with `Set-Cookie`. */
  readonly setCookie: boolean
  /** Answer with what is stale, where the handler fails, without a directive that allows it. */
  readonly staleOnError: boolean
}

/** An answer's policy. Durations in ms. */
export interface HeaderPolicy {
  /** How long it is fresh, counted from when it was made. */
  readonly lifetime: number
  /** How old it was when it came (RFC 9111 §4.2.3). */
  readonly initialAge: number
  /** Its own `Date`, where that is one: it goes with its age. */
  readonly date: string | undefined
  /** It says that it may answer requests with `Authorization` too (RFC 9111 §3.5). */
  readonly forAll: boolean
  readonly alwaysRevalidate: boolean
  readonly mustRevalidate: boolean
  readonly staleWhileRevalidate: number
  readonly staleIfError: number
}

/** Statuses that may be given a lifetime that nobody named (RFC 9110 §15.1). */
const heuristicStatuses = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/** Statuses whose caching this cache understands: those of RFC 9110 that are final, but for the partial ones. */
const understoodStatuses = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408,
  409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501, 502, 503, 504, 505,
])

/** Of the guessed lifetime: a tenth of the time since the last change (RFC 9111 §4.2.2), a day at most. */
const HEURISTIC_SHARE = 0.1
const LONGEST_GUESS = 86_400_000

/**
 * Why an answer may not be stored (RFC 9111 §3), or its policy.
 *
 * @param now the wall clock at which its head came
 */
export function headerPolicy(
  head: ResponseHead,
  request: Pick<CacheRequest, 'headers'>,
  rules: HonourRules,
  now: number,
): HeaderPolicy | string {
  const targeted = rules.targeted ? targetedDirectives(head.headers) : undefined
  const directives = targeted ?? parseCacheControl(fieldValue(head.headers, 'cache-control'))
  const refusal = refused(head, request, rules, directives)
  if (refusal !== undefined) return refusal
  const explicit = explicitLifetime(head, directives, targeted !== undefined, now)
  const guessed = explicit === undefined && rules.heuristic ? guessedLifetime(head, directives, now) : undefined
  // Without a lifetime it may still be kept to be asked for.
  const mayAsk = directives.has('no-cache') && hasValidator(head) && mayGuess(head, directives)
  const lifetime = explicit ?? guessed ?? (mayAsk ? 0 : undefined)
  if (lifetime === undefined) return 'no-freshness'
  return {
    lifetime,
    initialAge: initialAge(head, now),
    date: namedDate(head),
    forAll: isForAll(directives),
    alwaysRevalidate: directives.has('no-cache'),
    mustRevalidate: ['must-revalidate', 'proxy-revalidate', 's-maxage'].some((name) => directives.has(name)),
    staleWhileRevalidate: (seconds(directives, 'stale-while-revalidate') ?? 0) * 1_000,
    staleIfError: (seconds(directives, 'stale-if-error') ?? (rules.staleOnError ? LONGEST_SECONDS : 0)) * 1_000,
  }
}

function refused(
  head: ResponseHead,
  { headers }: Pick<CacheRequest, 'headers'>,
  { setCookie }: HonourRules,
  directives: Directives,
): string | undefined {
  const { status } = head
  if (status < 200 || status === 206 || status === 304) return `status-${status}`
  const understood = directives.has('must-understand') && understoodStatuses.has(status)
  if (directives.has('must-understand') && !understood) return `status-${status}`
  // Where must-understand is understood, no-store is for caches that do not (RFC 9111 §5.2.2.3).
  if (directives.has('no-store') && !understood) return 'no-store'
  if (directives.has('private')) return 'private'
  if (!setCookie && fieldLines(head.headers, 'set-cookie').length > 0) return 'set-cookie'
  return headers.authorization !== undefined && !isForAll(directives) ? 'authorization' : undefined
}

function isForAll(directives: Directives): boolean {
  return ['public', 's-maxage', 'must-revalidate'].some((name) => directives.has(name))
}

/** The first of s-maxage, max-age and Expires (RFC 9111 §4.2.1). */
function explicitLifetime(
  head: ResponseHead,
  directives: Directives,
  targeted: boolean,
  now: number,
): number | undefined {
  const named = seconds(directives, 's-maxage') ?? seconds(directives, 'max-age')
  if (named !== undefined) return named * 1_000
  const [expires] = fieldLines(head.headers, 'expires')
  if (targeted || expires === undefined) return undefined
  const until = httpDate(expires)
  // Whatever is no date, "0" above all, is in the past (RFC 9111 §5.3).
  return until === undefined ? 0 : Math.max(0, until - dateOf(head, now))
}

/** Whether it may be stored without a lifetime of its own (RFC 9111 §3, §4.2.2). */
function mayGuess({ status }: ResponseHead, directives: Directives): boolean {
  return heuristicStatuses.has(status) || directives.has('public')
}

function guessedLifetime(head: ResponseHead, directives: Directives, now: number): number | undefined {
  if (!mayGuess(head, directives)) return undefined
  const modified = httpDate(fieldLines(head.headers, 'last-modified')[0])
  if (modified === undefined) return undefined
  return Math.min(LONGEST_GUESS, Math.max(0, dateOf(head, now) - modified) * HEURISTIC_SHARE)
}

/** The larger of what `Age` says and what `Date` shows. */
function initialAge(head: ResponseHead, now: number): number {
  return Math.max(0, now - dateOf(head, now), ageOf(head) * 1_000)
}

/** Of several ages the first counts, and what is no age is none (RFC 9111 §5.1); one with a parameter still is one. */
function ageOf({ headers }: ResponseHead): number {
  const [first = ''] = listMembers(fieldLines(headers, 'age')[0] ?? '')
  return deltaSeconds(/^(\d+)\s*(?:;|$)/.exec(first)?.[1]) ?? 0
}

function dateOf(head: ResponseHead, now: number): number {
  return httpDate(namedDate(head)) ?? now
}

function namedDate({ headers }: ResponseHead): string | undefined {
  const [date] = fieldLines(headers, 'date')
  return httpDate(date) === undefined ? undefined : date
}

function hasValidator({ headers }: ResponseHead): boolean {
  return fieldLines(headers, 'etag').length > 0 || fieldLines(headers, 'last-modified').length > 0
}
