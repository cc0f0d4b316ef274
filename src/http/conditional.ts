/** Answers conditional requests from an entry (RFC 9110 §13). */
import type { IncomingHttpHeaders } from 'node:http'
import { fieldLines, type HeaderField } from './headers.ts'
import { httpDate } from './http-date.ts'

/** Whether the client's copy is still good, so that 304 is the answer. Only ever asked for a 2xx answer to GET or HEAD. */
export function isNotModified(request: IncomingHttpHeaders, headers: readonly HeaderField[]): boolean {
  const noneMatch = request['if-none-match']
  // If-None-Match wins: If-Modified-Since is not even looked at (RFC 9110 §13.1.3).
  if (noneMatch !== undefined) return matchesEtag(noneMatch, fieldLines(headers, 'etag')[0])
  const since = request['if-modified-since']
  if (since === undefined) return false
  const modified = httpDate(fieldLines(headers, 'last-modified')[0])
  const known = httpDate(since)
  return modified !== undefined && known !== undefined && modified <= known
}

/** Whether the request carries a validator that we answer ourselves. */
export function isConditional(request: IncomingHttpHeaders): boolean {
  return request['if-none-match'] !== undefined || request['if-modified-since'] !== undefined
}

/** A date this much older than the answer was not followed by a second change within it, whoever's clock it is of (RFC 9110 §8.8.2.2). */
const STRONG_AFTER_MS = 60_000

/**
 * Whether the parts that a client has are of this very answer (RFC 9110 §13.1.5), byte for byte: weak validators never say so.
 *
 * @param madeAt wall-clock ms at which the answer was made
 */
export function isOfSameAnswer(request: IncomingHttpHeaders, headers: readonly HeaderField[], madeAt: number): boolean {
  if (request['if-range'] === undefined) return true
  const validator = String(request['if-range'])
  const [etag] = fieldLines(headers, 'etag')
  if (etag === validator && /^"[^"]*"$/.test(etag)) return true
  const modified = httpDate(fieldLines(headers, 'last-modified')[0])
  return modified !== undefined && modified === httpDate(validator) && madeAt - modified >= STRONG_AFTER_MS
}

/** Whether a status may be answered with 304: the 2xx ones. */
export function isSuccessful(status: number): boolean {
  return status >= 200 && status < 300
}

/** Fields that describe a body and so stay out of a 304 (RFC 9110 §15.4.5). */
export function describesBody(name: string): boolean {
  return /^content-(?!location$|security-policy)/i.test(name)
}

/** Whether a list of entity-tags has this one, compared weakly; `*` has any (RFC 9110 §13.1.2). */
export function matchesEtag(list: string, etag: string | undefined): boolean {
  if (list.trim() === '*') return true
  if (etag === undefined) return false
  const wanted = opaque(etag)
  // In an entity-tag a backslash is a character like any other (RFC 9110 §8.8.3), so this is no list of quoted strings.
  return [...list.matchAll(/(?<=^|,)\s*((?:W\/)?"[^"]*")\s*(?=,|$)/g)].some(([, member]) => opaque(member!) === wanted)
}

/** The tag without its weakness: If-None-Match compares weakly (RFC 9110 §8.8.3.2). */
function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
