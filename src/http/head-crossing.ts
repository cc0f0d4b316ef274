/** What happens when the head of a run's answer crosses the cache's place: asked once, recorded, completed, perhaps turned into a 304. */
import { type IncomingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import etag from 'etag'
import { joinMembers } from './cache-status.ts'
import { describesBody, isNotModified, isSuccessful } from './conditional.ts'
import type { HeadDecision, RunObserver, StoredResponse } from './exchange.ts'
import { fieldValue, type HeaderField, storableFields } from './headers.ts'
import { currentFields, customPhrase } from './response-fields.ts'

/** What came of it. */
export interface Crossing {
  readonly decision: HeadDecision
  /** All of the entry but its body; undefined when nothing is to be kept. */
  readonly stored: Omit<StoredResponse, 'body'> | undefined
  /** The `Content-Length` the handler announced. */
  readonly announced: string | undefined
  /** The client's copy is still good: it gets 304, while the handler's body only fills the cache. */
  readonly notModified: boolean
}

/**
 * Lets the head cross. Fields that stood on the response before the run belong to whoever set them: they are judged, but not stored.
 *
 * @param before the fields at the time the run began
 * @param validators the client's own conditional fields, which the handler did not see
 * @param whole the body, where all of it is known by now
 */
export function crossHead(
  res: ServerResponse,
  observer: RunObserver,
  before: readonly HeaderField[],
  validators: IncomingHttpHeaders,
  whole: Buffer | undefined,
): Crossing {
  const headers = currentFields(res)
  const head = { status: res.statusCode, ...customPhrase(res), headers }
  const decision = observer.head(head, whole?.length)
  if (decision.keep && whole !== undefined && whole.length > 0 && head.status === 200 && !res.hasHeader('ETag')) {
    const tag = etag(whole)
    res.setHeader('ETag', tag)
    headers.push(['ETag', tag])
  }
  const announced = fieldValue(headers, 'content-length')
  const stored = decision.keep
    ? { ...head, headers: storableFields(without(headers, before)), removed: absent(before, headers) }
    : undefined
  if (decision.cacheStatus !== undefined) {
    res.setHeader('Cache-Status', joinMembers(fieldValue(headers, 'cache-status'), decision.cacheStatus))
  }
  if (decision.serverTiming !== undefined) res.appendHeader('Server-Timing', decision.serverTiming)
  const notModified = decision.conditional && isSuccessful(head.status) && isNotModified(validators, headers)
  if (notModified) becomeNotModified(res, headers)
  return { decision, stored, announced, notModified }
}

function becomeNotModified(res: ServerResponse, headers: readonly HeaderField[]): void {
  for (const [name] of headers) if (describesBody(name)) res.removeHeader(name)
  res.removeHeader('Transfer-Encoding')
  res.statusCode = 304
  res.statusMessage = STATUS_CODES[304]!
}

/** The fields that are new or changed since `before`. */
function without(fields: readonly HeaderField[], before: readonly HeaderField[]): HeaderField[] {
  const known = new Set(before.map(([name, value]) => `${name.toLowerCase()}:${value}`))
  return fields.filter(([name, value]) => !known.has(`${name.toLowerCase()}:${value}`))
}

/** The names set before that are gone now. */
function absent(before: readonly HeaderField[], fields: readonly HeaderField[]): string[] {
  const present = new Set(fields.map(([name]) => name.toLowerCase()))
  return before.map(([name]) => name).filter((name) => !present.has(name.toLowerCase()))
}
