/** Brings a stored answer up to date with the 304 that confirmed it (RFC 9111 §3.2). */
import type { ResponseHead, StoredResponse, Validators } from './exchange.ts'
import { fieldLines, type HeaderField, storableFields } from './headers.ts'

/** What a stored answer can be confirmed by; undefined where it has nothing of the kind. */
export function validatorsOf({ headers }: StoredResponse): Validators | undefined {
  const [etag] = fieldLines(headers, 'etag')
  const [lastModified] = fieldLines(headers, 'last-modified')
  return etag === undefined && lastModified === undefined ? undefined : { etag, lastModified }
}

/** Whether a 304 is about this stored answer: one with other validators is about another (RFC 9111 §4.3.4). */
export function confirmedBy(stored: StoredResponse, { headers }: ResponseHead): boolean {
  const [etag, ownEtag] = [fieldLines(headers, 'etag')[0], fieldLines(stored.headers, 'etag')[0]]
  if (etag !== undefined) return isWeak(etag) ? opaque(etag) === opaque(ownEtag) : etag === ownEtag
  const [modified, own] = [fieldLines(headers, 'last-modified')[0], fieldLines(stored.headers, 'last-modified')[0]]
  return modified === undefined || own === undefined || modified === own
}

const isWeak = (etag: string) => etag.startsWith('W/')
const opaque = (etag = '') => etag.replace(/^W\//, '')

/**
 * The stored answer with the fields of the 304 in the place of its own: all of them, but for the length and those that are not stored.
 *
 * @param touched lower-case names of those that the handler set, where others are there for this client alone
 */
export function freshened(
  stored: StoredResponse,
  { headers }: ResponseHead,
  touched?: ReadonlySet<string>,
): StoredResponse {
  const own = touched === undefined ? headers : headers.filter(([name]) => touched.has(name.toLowerCase()))
  const news = storableFields(own, headers)
  const renewed = new Set(news.map(([name]) => name.toLowerCase()))
  const rest = stored.headers.filter(([name]: HeaderField) => !renewed.has(name.toLowerCase()))
  return { ...stored, headers: [...rest, ...news] }
}

/** The answer with the `Date` it was made at, where it named one: its age counts from there (RFC 9111 §4.2.3). */
export function dated(response: StoredResponse, date: string | undefined): StoredResponse {
  const others = response.headers.filter(([name]) => name.toLowerCase() !== 'date')
  return { ...response, headers: date === undefined ? others : [...others, ['Date', date]] }
}
