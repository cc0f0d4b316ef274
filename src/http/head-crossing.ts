/** What happens when the head of a run's answer crosses the cache's place: asked once, recorded, completed, perhaps turned into a 304. */
import { type IncomingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import etag from 'etag'
import { ownText } from '../text.ts'
import { advertise } from './advertised.ts'
import { joinMembers } from './cache-status.ts'
import { codedTag } from './coded-etag.ts'
import { describesBody, isNotModified, isSuccessful } from './conditional.ts'
import type { HeadDecision, Replacement, ResponseHead, RunObserver, StoredResponse } from './exchange.ts'
import { fieldLines, fieldValue, type HeaderField, isStorableName, storableFields } from './headers.ts'
import { replayFields } from './replay.ts'
import { represent } from './representation.ts'
import { currentFields, customPhrase, setPhrase } from './response-fields.ts'
import type { TouchedFields } from './touched-fields.ts'
import { addVary } from './vary.ts'
import type { Watch } from './watch.ts'

/** What came of it. */
export interface Crossing {
  readonly decision: HeadDecision
  /** All of the entry but its body; undefined when nothing is to be kept. */
  readonly stored: Omit<StoredResponse, 'body'> | undefined
  /** The `Content-Length` the handler announced. */
  readonly announced: string | undefined
  /** The client's copy is still good: it gets 304, while the handler's body only fills the cache. */
  readonly notModified: boolean
  /** The body that goes out in the place of the handler's, which is swallowed. */
  readonly replaced?: Buffer | undefined
  /** Names of the fields that are ours alone: an error page in this answer's place must not carry them. */
  readonly added: readonly string[]
}

/**
 * Lets the head cross. Fields that the run did not touch belong to whoever set them before: they are judged, but not stored.
 *
 * @param touched the fields the run set or removed
 * @param validators the client's own conditional fields, which the handler did not see
 * @param whole the body, where all of it is known by now
 * @param watch what the run was seen to read; its changes to the request are taken back here
 */
export function crossHead(
  res: ServerResponse,
  observer: RunObserver,
  touched: TouchedFields,
  validators: IncomingHttpHeaders,
  whole: Buffer | undefined,
  watch?: Watch,
): Crossing {
  const headers = currentFields(res)
  const head = { status: res.statusCode, ...customPhrase(res), headers }
  const own = new Set(touched.names)
  watch?.close()
  const seen = watch && { touched: touched.names, reads: watch.reads, readBy: <T>(work: () => T) => watch.readBy(work) }
  const decision = observer.head(head, whole?.length, seen, own)
  watch?.end()
  if (decision.replacement !== undefined) return replaceHead(res, decision, decision.replacement, touched, validators)
  const tag = decision.keep && mayTag(res, whole) ? etag(whole) : undefined
  if (tag !== undefined) {
    headers.push(['ETag', tag])
    own.add('etag')
  }
  const stored = decision.keep ? { ...head, ...ownFields(headers, own) } : undefined
  const announced = fieldValue(headers, 'content-length')
  const added = addOurs(res, headers, decision, tag)
  const notModified = decision.conditional && isHeld(res, validators, head, decision)
  if (notModified) becomeNotModified(res, headers)
  return { decision, stored, announced, notModified, added }
}

/** Whether the client's copy is good, as it is or in a coding of ours: then its tag is the answer's. */
function isHeld(
  res: ServerResponse,
  validators: IncomingHttpHeaders,
  head: ResponseHead,
  { negotiated }: HeadDecision,
): boolean {
  const { status, headers } = head
  if (negotiated === undefined) return isSuccessful(status) && isNotModified(validators, headers)
  const { coding, held } = represent(validators, head, undefined, negotiated)
  const tag = coding && codedTag(fieldLines(headers, 'etag')[0], coding)
  if (held && tag !== undefined) res.setHeader('ETag', tag)
  return held
}

/** What was kept back goes, with our fields of it, for something else. */
export function replaceCrossed(
  res: ServerResponse,
  { decision, added }: Crossing,
  replacement: Replacement,
  touched: TouchedFields,
  validators: IncomingHttpHeaders,
): Buffer {
  for (const name of added) res.removeHeader(name)
  return replaceHead(res, decision, replacement, touched, validators).replaced!
}

/** What the run set makes room for the stored answer. */
function replaceHead(
  res: ServerResponse,
  decision: HeadDecision,
  { response, delivery }: Replacement,
  touched: TouchedFields,
  validators: IncomingHttpHeaders,
): Crossing {
  touched.undo()
  const { status, statusMessage, body } = replayFields(validators, res, response, delivery)
  res.statusCode = status
  setPhrase(res, statusMessage ?? STATUS_CODES[status] ?? '')
  if (body !== undefined) res.setHeader('Content-Length', body.length)
  const replaced = res.req.method === 'HEAD' || body === undefined ? Buffer.alloc(0) : body
  return { decision, stored: undefined, announced: undefined, notModified: false, replaced, added: [] }
}

/** A strong ETag of ours goes with a whole 200 that has none. */
function mayTag(res: ServerResponse, whole: Buffer | undefined): whole is Buffer {
  return whole !== undefined && whole.length > 0 && res.statusCode === 200 && !res.hasHeader('ETag')
}

function ownFields(
  headers: readonly HeaderField[],
  own: ReadonlySet<string>,
): Pick<StoredResponse, 'headers' | 'removed'> {
  const present = new Set(headers.map(([name]) => name.toLowerCase()))
  return {
    headers: ownCopies(
      storableFields(
        headers.filter(([name]) => own.has(name.toLowerCase())),
        headers,
      ),
    ),
    removed: [...own].filter((name) => !present.has(name) && isStorableName(name)),
  }
}

function ownCopies(fields: readonly HeaderField[]): HeaderField[] {
  return fields.map(([name, value]) => [name, typeof value === 'string' ? ownText(value) : value.map(ownText)])
}

/** Adds our fields for this client; returns the names of those that are ours alone. */
function addOurs(
  res: ServerResponse,
  headers: readonly HeaderField[],
  { cacheStatus, serverTiming, advertised, negotiated }: HeadDecision,
  tag: string | undefined,
): string[] {
  const upper = fieldValue(headers, 'cache-status')
  if (tag !== undefined) res.setHeader('ETag', tag)
  if (cacheStatus !== undefined) res.setHeader('Cache-Status', joinMembers(upper, cacheStatus))
  if (serverTiming !== undefined) res.appendHeader('Server-Timing', serverTiming)
  const varied = res.getHeader('Vary')
  if (negotiated !== undefined) res.setHeader('Vary', addVary(varied, 'Accept-Encoding'))
  const told = advertised === undefined ? [] : advertise(res, advertised)
  const ours = [tag && 'ETag', upper === undefined && 'Cache-Status', negotiated && varied === undefined && 'Vary']
  return [...ours.filter((name) => typeof name === 'string'), ...told]
}

function becomeNotModified(res: ServerResponse, headers: readonly HeaderField[]): void {
  for (const [name] of headers) if (describesBody(name)) res.removeHeader(name)
  // Neither a coding of the body nor what comes after it: Node refuses to announce the latter without a body.
  res.removeHeader('Transfer-Encoding')
  res.removeHeader('Trailer')
  res.statusCode = 304
  setPhrase(res, STATUS_CODES[304]!)
}
