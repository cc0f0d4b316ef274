/** Whether a client can read an answer that is stored encoded, where the answer does not say by what its coding was chosen. */
import type { IncomingHttpHeaders } from 'node:http'
import { negotiate } from './accept-encoding.ts'
import { fieldValue, type HeaderField, listMembers } from './headers.ts'

/** The registered codings (IANA, HTTP Content Coding Registry): of any other a client's `Accept-Encoding` says nothing that a cache could go by. */
const registered = new Set([
  'aes128gcm',
  'br',
  'compress',
  'dcb',
  'dcz',
  'deflate',
  'exi',
  'gzip',
  'pack200-gzip',
  'x-compress',
  'x-gzip',
  'zstd',
])

/** A client that says nothing of codings is taken for one that reads none. */
export function isReadable(headers: readonly HeaderField[], request: IncomingHttpHeaders): boolean {
  const encoded = fieldValue(headers, 'content-encoding')
  if (encoded === undefined) return true
  const codings = listMembers(encoded.toLowerCase()).filter((coding) => registered.has(coding))
  const field = request['accept-encoding']
  return codings.every((coding) => negotiate(field === undefined ? field : String(field), [coding]).codings.length > 0)
}
