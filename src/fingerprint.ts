/** Request to key: everything an answer may depend on, hashed so that no two different requests share a key. */
import { hash } from 'node:crypto'
import objectHash from 'object-hash'
import type { CacheRequest } from './http/exchange.ts'
import { acceptedCodings } from './http/vary.ts'
import { plainParts } from './plain.ts'
import { type CountingRules, countedPairs, splitTarget } from './query.ts'
import { Recent } from './recent.ts'

/** What a route wants covered, besides method, scheme, host, route, path and query. */
export interface FingerprintRules extends CountingRules {
  /** Lower-case names of request headers. */
  readonly vary: readonly string[]
  /** Cover the parsed body. */
  readonly body: boolean
}

/** Part of every key: keys made by another way of hashing are never met. */
const FORMAT = 'tiercache-1'

/** Longer request lines are hashed each time, so that the memo's size stays bounded. */
const LONGEST_MEMO_LINE = 1_024

/** A key, and all that a request to the same URL must share to have it too. */
interface Known {
  readonly key: string
  readonly rules: FingerprintRules
  readonly route: string
  readonly method: string
  readonly scheme: string
  readonly host: string
}

/** Makes keys and remembers those of the request lines seen last. */
export class Fingerprints {
  /** By URL alone: the cheapest look-up there is, for the route that was asked last under it. */
  readonly #byUrl: Recent<Known>
  readonly #byLine: Recent<string>

  /** @param capacity request lines remembered, at least half of them always the most recent */
  constructor(capacity = 10_000) {
    this.#byUrl = new Recent(capacity)
    this.#byLine = new Recent(capacity)
  }

  /**
   * The key of a request: 43 characters, 256 bits.
   *
   * @param route the route's name
   * @param extra what `varyBy` returned; undefined = nothing
   * @throws TypeError when `extra` or the body is not plain data
   */
  of(route: string, rules: FingerprintRules, request: CacheRequest, extra?: unknown): string {
    const base = rules.body ? compute(route, rules, request) : this.#remembered(route, rules, request)
    return extra === undefined ? base : sha256([base, structured(extra, 'What `varyBy` returns')])
  }

  #remembered(route: string, rules: FingerprintRules, request: CacheRequest): string {
    const { url, rewritten, scheme, host } = request
    if (url.length > LONGEST_MEMO_LINE) return compute(route, rules, request)
    const method = keyMethod(request.method)
    const isPlain = rules.vary.length === 0 && rewritten === undefined
    const known = isPlain ? this.#byUrl.get(url) : undefined
    const same = known !== undefined && known.rules === rules && known.route === route && known.method === method
    if (same && known.host === host && known.scheme === scheme) return known.key
    const key = this.#rememberedByLine(route, rules, request)
    if (isPlain) this.#byUrl.set(url, { key, rules, route, method, scheme, host })
    return key
  }

  #rememberedByLine(route: string, rules: FingerprintRules, request: CacheRequest): string {
    const line = rawLine(route, rules, request)
    const known = this.#byLine.get(line)
    if (known !== undefined) return known
    const key = compute(route, rules, request)
    if (line.length <= LONGEST_MEMO_LINE) this.#byLine.set(line, key)
    return key
  }
}

/** Neither line breaks nor, in a field's name, colons can occur in any of the parts but the route's name, which comes last. */
function rawLine(route: string, rules: FingerprintRules, request: CacheRequest): string {
  let line = `${keyMethod(request.method)}\n${request.scheme}\n${request.host}\n${request.url}\n${request.rewritten ?? '\n'}\n`
  for (const name of rules.vary) line += `${name}:${headerOf(request, name) ?? '\n'}\n`
  return `${line}${rules.flag ?? ''}\n${rules.query === undefined ? '' : JSON.stringify(rules.query)}\n${route}`
}

function compute(route: string, rules: FingerprintRules, request: CacheRequest): string {
  // What the framework may read otherwise than we do is taken as it stands.
  const { path, query } = splitTarget(request.url) ?? { path: request.url, query: '' }
  const parameters = {
    query: countedPairs(query, rules).map(({ raw }) => raw),
    rewritten: request.rewritten,
    vary: rules.vary.map((name) => [name, covered(name, headerOf(request, name))]),
    body: rules.body ? withoutFlag(request.body, rules.flag) : undefined,
  }
  const method = keyMethod(request.method)
  return sha256([
    FORMAT,
    method,
    request.scheme,
    authority(request),
    route,
    path,
    structured(parameters, 'The parsed body'),
  ])
}

/** Only what was sent: every object has a `constructor`. */
function headerOf({ headers }: CacheRequest, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? String(headers[name]) : undefined
}

/** Browsers and clients spell the same codings in many ways; of other headers nobody but the handler knows what is the same. */
function covered(name: string, value: string | undefined): unknown {
  if (value === undefined) return null
  return name === 'accept-encoding' ? acceptedCodings(value) : value
}

/** HEAD is answered from what GET stored. */
function keyMethod(method: string): string {
  return method === 'HEAD' ? 'GET' : method
}

/** The host without letter case and default port (RFC 9110 §4.2.3). */
function authority({ scheme, host }: CacheRequest): string {
  const defaultPort = scheme === 'https' ? ':443' : ':80'
  const lower = host.toLowerCase()
  return lower.endsWith(defaultPort) ? lower.slice(0, -defaultPort.length) : lower
}

function withoutFlag(body: unknown, flag: string | undefined): unknown {
  if (flag === undefined || typeof body !== 'object' || body === null || !Object.hasOwn(body, flag)) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== flag))
}

function structured(value: unknown, what: string): string {
  return objectHash(plainParts(value, what), { algorithm: 'sha256', encoding: 'base64' })
}

/** Hashes parts to 43 characters. They are joined with their lengths, so that `a|bc` never equals `ab|c`. */
export function sha256(parts: readonly string[]): string {
  return hash('sha256', parts.map((part) => `${part.length}:${part}`).join(''), 'base64url')
}
