/** Sends a stored answer again: in full, as 304, in parts, or without body to HEAD. */
import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http'
import { advertise } from './advertised.ts'
import { codedTag } from './coded-etag.ts'
import { codedFields } from './coded-fields.ts'
import type { Coding } from './coding.ts'
import { describesBody, isConditional, isNotModified, isSuccessful } from './conditional.ts'
import type { Delivery, StoredResponse } from './exchange.ts'
import { fieldLines, fieldValue } from './headers.ts'
import { partialAnswer } from './partial.ts'
import { type Representation, represent } from './representation.ts'
import { mayAnnounceLength } from './response-fields.ts'
import { addVary } from './vary.ts'

/** What is left to send once the fields are set. */
export interface Replay {
  readonly status: number
  /** Only where it differs from the standard phrase, and the protocol has phrases. */
  readonly statusMessage: string | undefined
  /** The entry's own bytes, or undefined where the status allows none. */
  readonly body: Buffer | undefined
}

/** Sets the fields of a stored answer on `res`. What stood there before stays, unless the entry says otherwise. */
export function replayFields(
  request: IncomingHttpHeaders,
  res: ServerResponse,
  stored: StoredResponse,
  delivery: Delivery,
): Replay {
  const { negotiated } = delivery
  const form = negotiated && represent(request, stored, stored.coded, negotiated)
  const held = form?.held ?? isStillGood(request, stored)
  if (held) return replayNotModified(res, stored, delivery, form)
  if (form?.coding !== undefined) return replayCoded(res, stored, form.coding, delivery)
  return replayPlain(res, stored, partOf(request, res, stored, delivery), delivery)
}

function replayNotModified(
  res: ServerResponse,
  stored: StoredResponse,
  delivery: Delivery,
  form: Representation | undefined,
): Replay {
  addStoredFields(res, stored, true)
  addOwnFields(res, delivery)
  if (form !== undefined) addFormFields(res, form)
  return { status: 304, statusMessage: undefined, body: undefined }
}

/** @param part what goes out of it, where that is not all (RFC 9110 §14) */
function replayPlain(
  res: ServerResponse,
  stored: StoredResponse,
  part: StoredResponse | undefined,
  delivery: Delivery,
): Replay {
  const shown = part ?? stored
  const { status, body } = shown
  addStoredFields(res, shown, false)
  if (part?.status === 206 && fieldValue(stored.headers, 'accept-ranges') === undefined) keepAsItIs(res)
  addOwnFields(res, delivery)
  if (delivery.negotiated !== undefined) res.setHeader('Vary', addVary(res.getHeader('Vary'), 'Accept-Encoding'))
  return { status, statusMessage: phraseOf(res, shown), body: status === 204 ? undefined : body }
}

/** Nothing is worked out here that was before: such a hit costs what any other does. */
function replayCoded(res: ServerResponse, stored: StoredResponse, coding: Coding, delivery: Delivery): Replay {
  const { removed, headers, status, coded } = stored
  const outer = res.getHeader('Vary')
  addStoredFields(res, { removed, headers: (delivery.fieldsOf ?? codedFields)(stored, coding) }, false)
  // What something before us says of its own share in the choice stays, unless the handler said all of it.
  if (outer !== undefined && fieldLines(headers, 'vary').length === 0) {
    res.setHeader('Vary', addVary(outer, 'Accept-Encoding'))
  }
  addOwnFields(res, delivery)
  const body = coded![coding] as Buffer
  // Nobody below codes it again: its length is known even to those who write the head before the body.
  res.setHeader('Content-Length', body.length)
  return { status, statusMessage: phraseOf(res, stored), body }
}

/** HTTP/2 has none. */
function phraseOf(res: ServerResponse, { statusMessage }: StoredResponse): string | undefined {
  return res.req.httpVersionMajor < 2 ? statusMessage : undefined
}

function isStillGood(request: IncomingHttpHeaders, { status, headers }: StoredResponse): boolean {
  return isSuccessful(status) && isConditional(request) && isNotModified(request, headers)
}

/** `Range` is for GET alone (RFC 9110 §14.2). */
function partOf(
  request: IncomingHttpHeaders,
  res: ServerResponse,
  stored: StoredResponse,
  { age = 0 }: Delivery,
): StoredResponse | undefined {
  if (request.range === undefined || res.req.method !== 'GET') return undefined
  return partialAnswer(request, stored, Date.now() - (age + 1) * 1_000)
}

/** What is outside of us must not code a part as if it were the whole, where it would get no part of the handler itself. */
function keepAsItIs(res: ServerResponse): void {
  const said = res.getHeader('Cache-Control')
  res.setHeader('Cache-Control', said === undefined ? 'no-transform' : `${said}, no-transform`)
}

function addStoredFields(
  res: ServerResponse,
  { headers, removed }: Pick<StoredResponse, 'headers' | 'removed'>,
  held: boolean,
): void {
  for (const name of removed) res.removeHeader(name)
  for (const [name, value] of headers) {
    if (held && describesBody(name)) continue
    // A copy: whoever patches the response later must not reach the entry.
    res.setHeader(name, typeof value === 'string' ? value : [...value])
  }
}

/** Who gets which form depends on a field of the request, and each form has a tag of its own. */
function addFormFields(res: ServerResponse, { coding }: Representation): void {
  res.setHeader('Vary', addVary(res.getHeader('Vary'), 'Accept-Encoding'))
  const etag = res.getHeader('ETag')
  if (coding === undefined || etag === undefined) return
  const tag = codedTag(String(etag), coding)
  if (tag === undefined) res.removeHeader('ETag')
  else res.setHeader('ETag', tag)
}

function addOwnFields(res: ServerResponse, delivery: Delivery): void {
  if (delivery.age !== undefined) res.setHeader('Age', String(delivery.age))
  if (delivery.cacheStatus !== undefined) res.setHeader('Cache-Status', delivery.cacheStatus)
  if (delivery.advertised !== undefined) advertise(res, delivery.advertised)
  if (delivery.serverTiming !== undefined) res.appendHeader('Server-Timing', delivery.serverTiming)
}

/** Answers a request of `node:http` from an entry. */
export function replay(req: IncomingMessage, res: ServerResponse, response: StoredResponse, delivery: Delivery): void {
  const { status, statusMessage, body } = replayFields(req.headers, res, response, delivery)
  res.statusCode = status
  if (statusMessage !== undefined) res.statusMessage = statusMessage
  // Node would announce it too, but loggers before us read it here.
  if (body !== undefined && mayAnnounceLength(res)) res.setHeader('Content-Length', body.length)
  if (body === undefined || req.method === 'HEAD') res.end()
  // Whoever patched `end`, on this response or a prototype of it, may write to what it is given.
  else res.end(res.end === ServerResponse.prototype.end ? body : Buffer.from(body))
}
