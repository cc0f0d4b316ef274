/** Whether an answer may be sent in a coding of the cache's own, and would gain by it. */
import compressible from 'compressible'
import type { ResponseHead } from './exchange.ts'
import { fieldLines, fieldValue } from './headers.ts'

/** Fields that are true of the very bytes they came with, or say that others have coded or cut them. */
const bound = ['content-encoding', 'content-range', 'content-md5', 'content-digest', 'repr-digest', 'digest'] as const

/** By its fields alone, whatever its length: compressible, not coded yet, and nothing forbids it (RFC 9110 §7.7). */
export function isTransformable({ status, headers }: ResponseHead): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false
  const type = fieldLines(headers, 'content-type')[0]
  if (type === undefined || compressible(type) !== true) return false
  if (bound.some((name) => fieldLines(headers, name).length > 0)) return false
  // Wherever it stands: in a field that is malformed, too.
  return !/no-transform/i.test(fieldValue(headers, 'cache-control') ?? '')
}
