// Whether an answer of the cached application is one that the bare application gives, or one that a cache may make of it.
import etag from 'etag'
import type { Outgoing } from './client.ts'
import { values, type WireAnswer } from './wire-parser.ts'

/** Fields that every answer has its own of, and those of one connection or one way of framing. */
const ownFields = ['age', 'date', 'cache-status', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']

/** What the bare application says. */
export interface Reference {
  readonly answer: WireAnswer
  /** What it says to GET without conditions and ranges: the whole answer, of which others are parts. */
  full(): Promise<WireAnswer>
  /** It came behind others on one connection, where what Node makes of informational answers depends on the order of events. */
  readonly piped?: boolean
}

/** Undefined where the answer is right, else how it differs. */
export async function difference(
  request: Outgoing,
  cached: WireAnswer,
  reference: Reference,
): Promise<string | undefined> {
  const plain = await same(cached, reference.answer, reference)
  if (plain === undefined) return undefined
  const full = await reference.full()
  if (isNotModified(request, full) && (await same(cached, notModified(full), reference)) === undefined) return undefined
  // What is stored for GET has fields that a framework leaves out for HEAD (RFC 9110 §9.3.2).
  const bodiless = request.method === 'HEAD' ? { ...full, body: Buffer.alloc(0) } : undefined
  if (bodiless !== undefined && (await same(cached, bodiless, reference)) === undefined) return undefined
  if (isUnsatisfiable(request, cached, full)) return undefined
  if (saysNoRanges(full) && (await same(cached, full, reference)) === undefined) return undefined
  const slice = sliceOf(request, cached, full)
  if (slice !== undefined && (await same(cached, slice, reference)) === undefined) return undefined
  return plain
}

async function same(cached: WireAnswer, expected: WireAnswer, reference: Reference): Promise<string | undefined> {
  // Of a broken answer nobody knows how much arrives.
  if (!expected.whole || !cached.whole)
    return cached.whole === expected.whole ? undefined : differs('whole', summary(cached), summary(expected))
  return (
    (cached.statusLine === expected.statusLine ? undefined : differs('status', summary(cached), summary(expected))) ??
    differentHints(cached, expected, reference) ??
    differs('trailers', cached.trailers, expected.trailers) ??
    (cached.body.equals(expected.body) ? undefined : differs('body', text(cached.body), text(expected.body))) ??
    (await differentFraming(cached, expected, reference)) ??
    (await differentFields(cached, expected, reference))
  )
}

/** Informational answers come before an answer, and are no part of what is stored. */
function differentHints(cached: WireAnswer, expected: WireAnswer, { piped = false }: Reference): string | undefined {
  const stored = /; (?:hit|collapsed)/.test(values(cached, 'cache-status').join())
  return piped || (stored && cached.hints.length === 0) ? undefined : differs('hints', cached.hints, expected.hints)
}

async function differentFields(
  cached: WireAnswer,
  expected: WireAnswer,
  reference: Reference,
): Promise<string | undefined> {
  const left = [...ownFields, ...named(expected), ...named(cached)]
  const ours = await isOurTag(cached, expected, reference)
  const found = grouped(cached, ours ? [...left, 'etag'] : left)
  const wanted = grouped(expected, left)
  for (const name of ['age', 'date', 'cache-status', 'connection']) {
    const lines = values(cached, name)
    if (lines.length > 1) return differs(name, lines, values(expected, name))
  }
  return differs('fields', found, wanted)
}

/** A strong ETag that only the cached application gives must be that of the whole body. */
async function isOurTag(cached: WireAnswer, expected: WireAnswer, reference: Reference): Promise<boolean> {
  const [tag, ...others] = values(cached, 'etag')
  if (tag === undefined || others.length > 0 || values(expected, 'etag').length > 0) return false
  return tag === etag((await reference.full()).body)
}

/** A stored body is whole, and says how long it is; what said so before still does. */
async function differentFraming(
  cached: WireAnswer,
  expected: WireAnswer,
  reference: Reference,
): Promise<string | undefined> {
  const found = values(cached, 'content-length')
  const wanted = values(expected, 'content-length')
  if (found.length > 1 || (found.length > 0 && values(cached, 'transfer-encoding').length > 0))
    return differs('framing', cached.fields, expected.fields)
  if (found.join() === wanted.join()) return undefined
  if (wanted.length > 0 || cached.status === 304) return differs('content-length', found, wanted)
  const { body } = await reference.full()
  return differs('content-length', found, [String(body.length)])
}

function grouped({ fields }: WireAnswer, left: readonly string[]): [string, string[]][] {
  const groups = new Map<string, string[]>()
  for (const [name, value] of fields)
    if (!left.includes(name.toLowerCase())) groups.set(name, [...(groups.get(name) ?? []), value])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Fields of one connection by its own word. */
function named(answer: WireAnswer): string[] {
  return values(answer, 'connection').flatMap((line) => line.toLowerCase().split(/\s*,\s*/))
}

/** Whether the client's validators are those of the whole answer (RFC 9110 §13.1.2, §13.1.3), or of the tag we give it. */
function isNotModified({ method, fields }: Outgoing, full: WireAnswer): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || full.status < 200 || full.status > 299) return false
  const tags = fields['If-None-Match']
  if (tags === undefined) {
    const since = Date.parse(fields['If-Modified-Since'] ?? '')
    return Date.parse(values(full, 'last-modified')[0] ?? '') <= since
  }
  const own = values(full, 'etag')[0] ?? etag(full.body)
  return tags === '*' || tags.split(/, (?=W\/"|")/).some((tag) => tag.replace(/^W\//, '') === own.replace(/^W\//, ''))
}

/** Without the fields that describe the body (RFC 9110 §15.4.5). */
function notModified(full: WireAnswer): WireAnswer {
  const describing = /^(?:content-(?!location$|security-policy)|transfer-encoding$|trailer$)/i
  const fields = full.fields.filter(([name]) => !describing.test(name))
  return {
    ...full,
    statusLine: 'HTTP/1.1 304 Not Modified',
    status: 304,
    fields,
    body: Buffer.alloc(0),
    trailers: '',
    whole: true,
  }
}

/** A handler that makes parts while it says that it makes none is taken by its word. */
function saysNoRanges(full: WireAnswer): boolean {
  const units = values(full, 'accept-ranges')
  return units.length > 0 && !units.join().toLowerCase().includes('bytes')
}

/** Whether it says that the whole answer has no such part, and it has none (RFC 9110 §15.5.17). */
function isUnsatisfiable({ method, fields }: Outgoing, cached: WireAnswer, { status, body }: WireAnswer): boolean {
  const [, first = ''] = /^bytes=(\d+)-\d*$/.exec(fields.Range ?? '') ?? []
  const isRight = cached.status === 416 && cached.body.length === 0 && cached.whole
  const isSaid = values(cached, 'content-range').join() === `bytes */${body.length}`
  return isRight && isSaid && method === 'GET' && status === 200 && first !== '' && Number(first) >= body.length
}

/** The part of the whole answer that a range asks for, where the cached application answers with one. */
function sliceOf({ method, fields }: Outgoing, { status }: WireAnswer, full: WireAnswer): WireAnswer | undefined {
  const { length } = full.body
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(fields.Range ?? '') ?? []
  if (method !== 'GET' || full.status !== 200 || first + last === '' || status !== 206) return undefined
  const start = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const end = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (start > end || start >= length) return undefined
  const kept = uncodable(full).filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name))
  return {
    ...full,
    statusLine: 'HTTP/1.1 206 Partial Content',
    status: 206,
    fields: [...kept, ['Content-Range', `bytes ${start}-${end}/${length}`], ['Content-Length', `${end - start + 1}`]],
    body: full.body.subarray(start, end + 1),
  }
}

/** Where the handler makes no parts, nobody on the way to the client may code one as if it were the whole. */
function uncodable(full: WireAnswer): readonly (readonly [string, string])[] {
  if (values(full, 'accept-ranges').length > 0) return full.fields
  const said = values(full, 'cache-control').join(', ')
  const others = full.fields.filter(([name]) => name.toLowerCase() !== 'cache-control')
  return [
    ...others,
    ['Accept-Ranges', 'bytes'],
    ['Cache-Control', said === '' ? 'no-transform' : `${said}, no-transform`],
  ]
}

function differs(what: string, found: unknown, wanted: unknown): string | undefined {
  const [a, b] = [found, wanted].map((value) => JSON.stringify(value))
  return a === b ? undefined : `${what}\n    cached: ${a}\n    bare:   ${b}`
}

function summary({ statusLine, whole, body }: WireAnswer): string {
  return `${statusLine} (${whole ? 'whole' : 'broken'}) ${text(body)}`
}

function text(body: Buffer): string {
  return `${body.length} bytes: ${body.toString('latin1', 0, 200)}`
}
