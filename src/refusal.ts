/** Which requests may not meet the cache at all, and why. */
import type { CacheRequest } from './http/exchange.ts'
import { queryPairs } from './query.ts'
import type { Route } from './route.ts'

/** Why the request goes around the cache, or undefined when it may meet it. `method` means: pass it untouched. */
export function refusal(route: Route, request: CacheRequest): string | undefined {
  const { headers } = request
  if (!route.methods.includes(request.method)) return 'method'
  if (headers.authorization !== undefined && !route.public && !route.vary.includes('authorization'))
    return 'authorization'
  if (headers.range !== undefined) return 'range'
  if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined) return 'precondition'
  if (headers.upgrade !== undefined) return 'upgrade'
  if (hasBody(request) && !coversBody(route, request)) return 'body'
  return undefined
}

/** Whether the request asks to go around the cache: `?flag=1` or `?flag=true`, or the same in a body that is fingerprinted. */
export function isFlagged(route: Route, request: CacheRequest): boolean {
  const { flag } = route
  if (flag === undefined) return false
  if (route.body && typeof request.body === 'object' && request.body !== null) {
    if (isYes((request.body as Record<string, unknown>)[flag])) return true
  }
  const mark = request.url.indexOf('?')
  if (mark === -1) return false
  const query = request.url.slice(mark + 1)
  // An encoded name still is the name.
  if (!query.includes(flag) && !/[%+]/.test(query)) return false
  return queryPairs(query).some(({ name, raw }) => name === flag && isYes(raw.slice(raw.indexOf('=') + 1)))
}

function isYes(value: unknown): boolean {
  return value === '1' || value === 'true' || value === 1 || value === true
}

/** Of a multipart body the files are elsewhere: what was parsed is not all the handler sees. */
function coversBody(route: Route, { headers, body }: CacheRequest): boolean {
  return route.body && body !== undefined && !/^\s*multipart\//i.test(headers['content-type'] ?? '')
}

function hasBody({ headers }: CacheRequest): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
