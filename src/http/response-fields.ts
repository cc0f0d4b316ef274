/** Reads and writes the header fields of a `ServerResponse` whose head has not left yet. */
import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import type { HeaderField } from './headers.ts'

/** Every field set so far, names as written, numbers as text. */
export function currentFields(res: ServerResponse): HeaderField[] {
  // Not in the types for Node 20, and not at all on the HTTP/2 compatibility response, which knows lower-case names only.
  const { getRawHeaderNames } = res as { getRawHeaderNames?: () => string[] }
  const names = getRawHeaderNames?.call(res) ?? res.getHeaderNames()
  const fields: HeaderField[] = []
  for (const name of names) {
    const value = res.getHeader(name)
    if (value === undefined) continue
    fields.push([name, Array.isArray(value) ? value.map(String) : String(value)])
  }
  return fields
}

/** Sets what `writeHead` was given: an object, a flat array `[k, v, k, v]` or pairs `[[k, v]]`. Doubled names in arrays keep both values. */
export function setFields(res: ServerResponse, headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) return
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) res.setHeader(name, value as string)
    return
  }
  const pairs: [string, string][] = Array.isArray(headers[0]) ? headers : chunked(headers)
  for (const [name] of pairs) res.removeHeader(name)
  for (const [name, value] of pairs) res.appendHeader(name, value)
}

/** Whether Node itself would add the length of a body that comes in one piece. */
export function mayAnnounceLength(res: ServerResponse): boolean {
  return !res.hasHeader('Content-Length') && !res.hasHeader('Transfer-Encoding') && !res.hasHeader('Trailer')
}

/** Whether `writeHead` takes these fields: a flat array has a value for each name. */
export function isFieldList(headers: unknown): boolean {
  return !Array.isArray(headers) || Array.isArray(headers[0]) || headers.length % 2 === 0
}

/** The reason phrase where it is not the standard one. */
export function customPhrase(res: ServerResponse): { statusMessage?: string } {
  // HTTP/2 has none, and warns whoever asks.
  const phrase: string | undefined = res.req.httpVersionMajor >= 2 ? undefined : res.statusMessage
  return phrase === undefined || phrase === '' || phrase === STATUS_CODES[res.statusCode]
    ? {}
    : { statusMessage: phrase }
}

/** Sets the reason phrase. HTTP/2 has none, and warns whoever sets one. */
export function setPhrase(res: ServerResponse, phrase: string): void {
  if (res.req.httpVersionMajor < 2) res.statusMessage = phrase
}

function chunked(flat: unknown[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] as string, flat[i + 1] as string])
  return pairs
}
