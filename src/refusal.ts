/** Which requests may not meet the cache at all, and why. */
import { isConditional } from './http/conditional.ts'
import type { CacheRequest } from './http/exchange.ts'
import { unwatched } from './http/watched-bag.ts'
import { queryPairs } from './query.ts'
import type { Route } from './route.ts'

/** Why the request goes around the cache, or undefined when it may meet it. `method` means: pass it untouched. */
export function refusal(route: Route, request: CacheRequest): string | undefined {
  if (!route.methods.includes(request.method)) return 'method'
  // No reading of the handler's, should another cache watch this one.
  const headers = unwatched(request.headers)
  if (headers.authorization !== undefined && !sharesAuthorized(route)) return 'authorization'
  if (hasPrecondition(request)) return 'precondition'
  if (headers.upgrade !== undefined) return 'upgrade'
  if (request.hasBody && !coversBody(route, request)) return 'body'
  return undefined
}

/** Where header fields decide, the answer says whether it may be shared (RFC 9111 §3.5). */
function sharesAuthorized(route: Route): boolean {
  return route.public || route.honour !== undefined || route.vary.includes('authorization')
}

/**
 * What the bypass flag says: `yes` = go around the cache, `no` = as if it were not there. `odd` = any other value: the handler may
 * show it, so such a request may read what is stored but what its run answers is for nobody else.
 */
export type Flag = 'absent' | 'yes' | 'no' | 'odd'

/**
 * Reads the flag from the query, and from a body that is fingerprinted.
 *
 * @param refused a guard refused to listen to a yes: it counts as no
 */
export function readFlag(route: Route, request: CacheRequest, refused = false): Flag {
  const { flag } = route
  if (flag === undefined || (!route.body && !request.url.includes('?'))) return 'absent'
  const values = [...queryFlags(flag, request.url), ...bodyFlags(flag, route, request)]
  if (values.length === 0) return 'absent'
  if (!refused && values.some(isYes)) return 'yes'
  return values.every((value) => isNo(value) || isYes(value)) ? 'no' : 'odd'
}

function queryFlags(flag: string, url: string): readonly unknown[] {
  const mark = url.indexOf('?')
  if (mark === -1) return none
  const query = url.slice(mark + 1)
  // An encoded name still is the name.
  if (!query.includes(flag) && !query.includes('%') && !query.includes('+')) return none
  const [read = ''] = query.split('#', 1)
  const pairs = queryPairs(read).filter(({ name }) => name === flag)
  return pairs.map(({ raw }) => (raw.includes('=') ? raw.slice(raw.indexOf('=') + 1) : ''))
}

function bodyFlags(flag: string, route: Route, request: CacheRequest): readonly unknown[] {
  if (!route.body) return none
  const { body } = request
  const present = typeof body === 'object' && body !== null && Object.hasOwn(body, flag)
  return present ? [(body as Record<string, unknown>)[flag]] : none
}

const none: readonly unknown[] = Object.freeze([])

const isYes = (value: unknown) => isOneOf(value, ['1', 'true'])
const isNo = (value: unknown) => isOneOf(value, ['', '0', 'false'])

function isOneOf(value: unknown, texts: readonly string[]): boolean {
  return (
    (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') &&
    texts.includes(String(value))
  )
}

/** Conditions that only the handler can judge: all but the two that ask for a 304, and those too where 304 is no answer. */
function hasPrecondition({ method, headers }: CacheRequest): boolean {
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) return true
  return method !== 'GET' && method !== 'HEAD' && isConditional(headers)
}

/** Of a multipart body the files are elsewhere: what was parsed is not all the handler sees. */
function coversBody(route: Route, { headers, body }: CacheRequest): boolean {
  return route.body && body !== undefined && !/^\s*multipart\//i.test(headers['content-type'] ?? '')
}
