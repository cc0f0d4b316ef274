/** A request as `warm` takes it, made whole: which host, by which scheme, with which fields. */
import { CacheConfigError, describe, expected, rejectUnknown } from '../errors.ts'
import type { RequestFields } from '../http/detached.ts'
import { checkedHeaders, type WarmHeaders } from './warm-options.ts'

/** A URL; or a path, where a `host` stands among the header fields. Always a GET. */
export type WarmRequest = string | URL | { readonly url: string | URL; readonly headers?: WarmHeaders | undefined }

/** A request that says everything that its answer is stored under. */
export interface WarmTarget {
  readonly scheme: 'http' | 'https'
  /** Path and query. */
  readonly path: string
  /** What tells it from others in a report: as it was given. */
  readonly url: string
  /** By lower-case name, with `host`. */
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/**
 * Reads one request. Its own fields come before `common` ones, and the host of a whole URL before both.
 *
 * @throws CacheConfigError where it is none, or nobody says for which host
 */
export function warmTarget(request: unknown, common: WarmTarget['headers']): WarmTarget {
  const { url, headers } = parts(request)
  const fields = new Map([...common, ...headers])
  const isPath = /^\/(?!\/)/.test(url)
  // What the host is called makes no difference to how a path is read.
  const base = isPath ? 'http://host' : undefined
  const read = URL.canParse(url, base) ? new URL(url, base) : undefined
  if (read === undefined || !/^https?:$/.test(read.protocol)) throw notARequest(request)
  if (!isPath) fields.set('host', [read.host])
  if (!fields.has('host')) throw hostMissing(url)
  // As browsers and every other client send it, who read URLs in the same way.
  const path = `${read.pathname}${read.search}`
  return { scheme: read.protocol === 'https:' ? 'https' : 'http', path, url, headers: fields }
}

function parts(request: unknown): { readonly url: string; readonly headers: WarmTarget['headers'] } {
  if (typeof request === 'string' || request instanceof URL) return { url: String(request), headers: new Map() }
  if (typeof request !== 'object' || request === null) throw notARequest(request)
  rejectUnknown(request, ['url', 'headers'], 'request.')
  const { url, headers = {} } = request as { readonly url?: unknown; readonly headers?: unknown }
  if (typeof url !== 'string' && !(url instanceof URL)) throw notARequest(url)
  return { url: String(url), headers: checkedHeaders(headers, 'request.headers') }
}

function notARequest(got: unknown): CacheConfigError {
  return expected('invalid-option', 'requests', "URLs, paths such as '/products?page=1', or { url, headers }", got)
}

function hostMissing(url: string): CacheConfigError {
  return new CacheConfigError(
    'invalid-option',
    `Expected a host for ${describe(url)}, got none. Answers are stored under scheme and host as clients send them: ` +
      `give a whole URL such as 'https://shop.example${url}', or { headers: { host: 'shop.example' } }`,
  )
}

/** The fields as Node would have read them. */
export function requestFields(headers: WarmTarget['headers']): RequestFields {
  const lines = [...headers].flatMap(([name, values]) => values.map((value) => [name, value] as const))
  return {
    rawHeaders: lines.flat(),
    headers: Object.fromEntries(
      [...headers].map(([name, values]) => [name, values.join(name === 'cookie' ? '; ' : ', ')]),
    ),
    headersDistinct: Object.fromEntries([...headers].map(([name, values]) => [name, [...values]])),
  }
}
