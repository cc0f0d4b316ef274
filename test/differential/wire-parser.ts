// Reads HTTP/1.1 answers off a connection without improving them: doubled fields, framing and breaks stay visible.

/** One answer as it came. */
export interface WireAnswer {
  /** `HTTP/1.1 200 OK`; empty when the connection ended before any head. */
  readonly statusLine: string
  readonly status: number
  /** Names and values as they came, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
  readonly trailers: string
  /** Status lines of informational answers before the final one. */
  readonly hints: readonly string[]
  /** False where the connection ended before the message did. */
  readonly whole: boolean
}

/** All values of a field, in order. */
export function values({ fields }: Pick<WireAnswer, 'fields'>, lowerName: string): string[] {
  return fields.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value)
}

/** What came when nothing came. */
export const nothing: WireAnswer = {
  statusLine: '',
  status: 0,
  fields: [],
  body: Buffer.alloc(0),
  trailers: '',
  hints: [],
  whole: false,
}

/** An answer, and where in the bytes it ends. */
interface Parsed {
  readonly answer: WireAnswer
  readonly end: number
}

type Head = Omit<WireAnswer, 'body' | 'trailers' | 'whole'> & { readonly end: number }

/**
 * Reads the first answer in `bytes`; undefined where it is not all there yet.
 *
 * @param ended whether no more bytes will come
 */
export function parseAnswer(bytes: Buffer, isHead: boolean, ended: boolean): Parsed | undefined {
  const head = parseHead(bytes)
  if (head === undefined) return ended ? { answer: { ...nothing, body: bytes }, end: bytes.length } : undefined
  const { end, ...answer } = head
  if (isHead || answer.status === 204 || answer.status === 304)
    return { answer: { ...answer, body: nothing.body, trailers: '', whole: true }, end }
  const rest = bytes.subarray(end)
  const read = chunkedOrMeasured(answer, rest)
  if (read !== undefined) return { answer: { ...answer, ...read.content, whole: true }, end: end + read.length }
  if (!ended) return undefined
  const untilClose = values(answer, 'content-length').length === 0 && values(answer, 'transfer-encoding').length === 0
  return { answer: { ...answer, body: Buffer.from(rest), trailers: '', whole: untilClose }, end: bytes.length }
}

function parseHead(bytes: Buffer): Head | undefined {
  const hints: string[] = []
  let start = 0
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start)
    if (end === -1) return undefined
    const [statusLine = '', ...lines] = bytes.toString('latin1', start, end).split('\r\n')
    const status = Number(statusLine.split(' ')[1])
    start = end + 4
    if (status >= 200 || status === 101) return { statusLine, status, fields: lines.map(fieldOf), hints, end: start }
    hints.push(statusLine)
  }
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

interface Read {
  readonly content: Pick<WireAnswer, 'body' | 'trailers'>
  readonly length: number
}

function chunkedOrMeasured(head: Pick<WireAnswer, 'fields'>, rest: Buffer): Read | undefined {
  if (values(head, 'transfer-encoding').length > 0) return chunked(rest)
  const [announced] = values(head, 'content-length')
  if (announced === undefined || rest.length < Number(announced)) return undefined
  return {
    content: { body: Buffer.from(rest.subarray(0, Number(announced))), trailers: '' },
    length: Number(announced),
  }
}

function chunked(rest: Buffer): Read | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    if (line === -1) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, line), 16)
    at = line + 2
    if (size === 0) return trailersAfter(chunks, rest, at)
    if (at + size + 2 > rest.length) return undefined
    chunks.push(rest.subarray(at, at + size))
    at += size + 2
  }
}

function trailersAfter(chunks: readonly Buffer[], rest: Buffer, at: number): Read | undefined {
  const end = rest.indexOf('\r\n\r\n', at - 2)
  if (end === -1) return undefined
  return { content: { body: Buffer.concat(chunks), trailers: rest.toString('latin1', at, end) }, length: end + 4 }
}
