/** Brings a stored answer up to date with the 304 that confirmed it (RFC 9111 §3.2). */
import type { ResponseHead, StoredResponse } from './exchange.ts'
import { type HeaderField, storableFields } from './headers.ts'

/** What describes the stored bytes stays as it was stored. */
const keptFields = new Set(['content-length', 'content-encoding', 'content-type', 'content-range', 'etag'])

/** The stored answer with the fields of the 304 in the place of its own. */
export function freshened(stored: StoredResponse, { headers }: ResponseHead): StoredResponse {
  const news = storableFields(headers).filter(([name]) => !keptFields.has(name.toLowerCase()))
  const renewed = new Set(news.map(([name]) => name.toLowerCase()))
  const rest = stored.headers.filter(([name]: HeaderField) => !renewed.has(name.toLowerCase()))
  return { ...stored, headers: [...rest, ...news] }
}
