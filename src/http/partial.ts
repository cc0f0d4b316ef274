/** Makes the answer to a `Range` request from a whole stored one: its parts as 206, or 416 (RFC 9110 §14, §15.3.7, §15.5.17). */
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { describesBody, isOfSameAnswer } from './conditional.ts'
import type { StoredResponse } from './exchange.ts'
import { fieldLines, fieldValue, type HeaderField, listMembers } from './headers.ts'
import { type ByteRange, byteRanges } from './range.ts'

/**
 * What a GET with `Range` gets; undefined where that is the whole answer.
 *
 * @param madeAt wall-clock ms at which the stored answer was made, at the latest known
 */
export function partialAnswer(
  request: IncomingHttpHeaders,
  stored: StoredResponse,
  madeAt: number,
): StoredResponse | undefined {
  const { headers, body, removed } = stored
  if (request.range === undefined || !hasParts(stored) || !isOfSameAnswer(request, headers, madeAt)) return undefined
  const ranges = byteRanges(request.range, body.length)
  if (ranges === 'whole') return undefined
  if (ranges === 'unsatisfiable') return { status: 416, headers: refusalFields(stored), removed, body: Buffer.alloc(0) }
  const [only, ...others] = ranges as [ByteRange, ...ByteRange[]]
  if (others.length === 0) {
    const fields = [...partFields(headers), ['Content-Range', contentRange(only, body)] as const]
    return { status: 206, headers: fields, removed, body: slice(body, only) }
  }
  // Of a coded body the coding would be said of the whole multipart: clients would try to decode that.
  return fieldLines(headers, 'content-encoding').length > 0 ? undefined : multipart(stored, ranges)
}

/** Only a 200 has parts (RFC 9110 §14.2), and none where the handler speaks of other units, or of none. */
function hasParts({ status, headers }: StoredResponse): boolean {
  if (status !== 200) return false
  const units = fieldValue(headers, 'accept-ranges')
  return units === undefined || listMembers(units.toLowerCase()).includes('bytes')
}

/** Several parts in one body. A boundary that nobody can guess stands in no body (RFC 9110 §14.6). */
function multipart({ headers, body, removed }: StoredResponse, ranges: readonly ByteRange[]): StoredResponse {
  const boundary = randomBytes(18).toString('hex')
  const [type] = fieldLines(headers, 'content-type')
  const typed = type === undefined ? '' : `Content-Type: ${type}\r\n`
  const parts = ranges.flatMap((range) => [
    Buffer.from(`--${boundary}\r\n${typed}Content-Range: ${contentRange(range, body)}\r\n\r\n`, 'latin1'),
    slice(body, range),
    Buffer.from('\r\n'),
  ])
  const others = partFields(headers).filter(([name]) => name.toLowerCase() !== 'content-type')
  return {
    status: 206,
    headers: [...others, ['Content-Type', `multipart/byteranges; boundary=${boundary}`]],
    removed,
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  }
}

function slice(body: Buffer, { first, last }: ByteRange): Buffer {
  return body.subarray(first, last + 1)
}

function contentRange({ first, last }: ByteRange, body: Buffer): string {
  return `bytes ${first}-${last}/${body.length}`
}

/** The stored fields without digests, which are those of the whole body (RFC 9530 §2). */
function partFields(headers: readonly HeaderField[]): readonly HeaderField[] {
  return withUnit(headers.filter(([name]) => !/^content-(?:md5|digest)$/i.test(name)))
}

function withUnit(fields: readonly HeaderField[]): readonly HeaderField[] {
  return fieldLines(fields, 'accept-ranges').length > 0 ? fields : [...fields, ['Accept-Ranges', 'bytes']]
}

/** What speaks of the stored body, or lets others store it, is not said of a refusal. */
function refusalFields({ headers, body }: StoredResponse): readonly HeaderField[] {
  const others = headers.filter(([name]) => !describesBody(name) && !speaksOfStoring(name))
  return [...withUnit(others), ['Cache-Control', 'no-store'], ['Content-Range', `bytes */${body.length}`]]
}

function speaksOfStoring(name: string): boolean {
  return /^(?:etag|last-modified|expires|pragma|(?:.*-)?cache-control|surrogate-control)$/i.test(name)
}
