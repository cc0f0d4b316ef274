/** Brings a stored answer up to date with the 304 that confirmed it (RFC 9111 §3.2). */
import type { ResponseHead, StoredResponse, Validators } from './exchange.ts'
import { fieldLines, type HeaderField, storableFields } from './headers.ts'

/** What describes the stored bytes stays as it was stored. */
const keptFields = new Set(['content-length', 'content-encoding', 'content-type', 'content-range', 'etag'])

/** What a stored answer can be confirmed by; undefined where it has nothing of the kind. */
export function validatorsOf({ headers }: StoredResponse): Validators | undefined {
  const [etag] = fieldLines(headers, 'etag')
  const [lastModified] = fieldLines(headers, 'last-modified')
  return etag === undefined && lastModified === undefined ? undefined : { etag, lastModified }
}

/** Whether a 304 is about this stored answer: one with another ETag is about another (RFC 9111 §4.3.4). */
export function confirmedBy(stored: StoredResponse, { headers }: ResponseHead): boolean {
  const [etag] = fieldLines(headers, 'etag')
  const [own] = fieldLines(stored.headers, 'etag')
  return etag === undefined || own === undefined || weak(etag) === weak(own)
}

const weak = (etag: string) => etag.trim().replace(/^W\//, '')

/** The stored answer with the fields of the 304 in the place of its own. */
export function freshened(stored: StoredResponse, { headers }: ResponseHead): StoredResponse {
  const news = storableFields(headers).filter(([name]) => !keptFields.has(name.toLowerCase()))
  const renewed = new Set(news.map(([name]) => name.toLowerCase()))
  const rest = stored.headers.filter(([name]: HeaderField) => !renewed.has(name.toLowerCase()))
  return { ...stored, headers: [...rest, ...news] }
}
