/** Sends requests through the application with no client attached: they take the way of any request, from its very beginning. */
import { type IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Instant } from '../clock.ts'
import type { Errand } from './errand.ts'
import { Nowhere } from './nowhere.ts'

/** Set on requests of our own making: nothing that a client sends could look like one. */
const DETACHED = Symbol('tiercache.detached')

/**
 * What ties a request to one connection, one copy of the client's, or one part of the answer. What else `Connection` names stays: no hop
 * is taken, and a client that could strip a field that a proxy has added would have an answer made without it, for everyone.
 */
const droppedFields =
  /^(?::.*|if-(?:(?:none-)?match|(?:un)?modified-since|range)|range|cache-control|pragma|connection|keep-alive|proxy-(?:authenticate|authorization|connection)|te|trailer|transfer-encoding|content-length|upgrade|expect)$/i

/** An application from its very beginning. */
export type Dispatch = (req: IncomingMessage, res: ServerResponse) => unknown

/** The header fields of a request in the three forms that Node has of them. */
export type RequestFields = Pick<IncomingMessage, 'rawHeaders' | 'headers' | 'headersDistinct'>

/** Why a request is sent. */
interface Purpose {
  /** Is told what becomes of it. */
  readonly errand?: Errand | undefined
  /** Until when the answer is fresh that it is to renew. */
  readonly renews?: Instant | undefined
}

/** A GET that is to be sent. */
export interface DetachedRequest extends Purpose {
  /** Path and query. */
  readonly url: string
  readonly fields: RequestFields
  /** What the connection says of its client: a socket, or facts of the same names. */
  readonly connection: object
}

/** One that is on its way. */
export interface Sent {
  /** Resolves to the status once it has been answered in full; undefined where the answer broke off. Rejects with what the application throws. */
  readonly answered: Promise<number | undefined>
  /** What a client does that waits no longer. */
  leave(): void
}

/** Whether a request is one that was sent from here. */
export function isDetached(req: object): boolean {
  return DETACHED in req
}

/** What a request was sent for, where that is to be reported. */
export function errandOf(req: object): Errand | undefined {
  return purposeOf(req)?.errand
}

/** Until when the answer is fresh that a request was sent to renew. */
export function renewedBy(req: object): Instant | undefined {
  return purposeOf(req)?.renews
}

function purposeOf(req: object): Purpose | undefined {
  return (req as { readonly [DETACHED]?: Purpose })[DETACHED]
}

/**
 * Sends a request again as GET: URL and header fields are those of `trigger`, but for conditions, ranges, directives and what is of one
 * hop. A body is not sent.
 *
 * @param url path and query as the client sent them
 * @param renews until when the answer is fresh that it is to renew
 * @returns resolves once it has been answered: with the status, or undefined where the answer broke off
 */
export function sendDetached(
  trigger: IncomingMessage,
  url: string,
  dispatch: Dispatch,
  renews?: Instant,
): Promise<number | undefined> {
  const { rawHeaders, headers, headersDistinct, socket } = trigger
  const fields = { rawHeaders, headers: addressed(headers), headersDistinct }
  return dispatchDetached({ url, fields, connection: socket, renews }, dispatch).answered
}

/** Sends a GET. Conditions, ranges, directives and what is of one hop are left out of its fields. */
export function dispatchDetached(request: DetachedRequest, dispatch: Dispatch): Sent {
  const { url, fields, connection, errand, renews } = request
  const socket = new Nowhere(connection)
  const req = new IncomingMessage(socket as never)
  Object.defineProperty(req, DETACHED, { value: { errand, renews } satisfies Purpose })
  Object.assign(req, {
    method: 'GET',
    url,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    complete: true,
  })
  const isKept = (name: string) => !droppedFields.test(name)
  req.rawHeaders = fields.rawHeaders.filter((_, i, all) => isKept(all[i - (i % 2)]!))
  req.headers = kept(fields.headers, isKept)
  // Requests of HTTP/2 have none.
  if (fields.headersDistinct !== undefined) req.headersDistinct = kept(fields.headersDistinct, isKept)
  req.push(null)
  const res = new ServerResponse(req)
  socket.seat(res)
  const answered = new Promise<number | undefined>((resolve, reject) => {
    let whole = false
    res.once('close', () => resolve(whole ? res.statusCode : undefined))
    res.once('finish', () => {
      whole = true
    })
    Promise.resolve()
      .then(() => dispatch(req, res))
      .catch(reject)
  })
  return { answered, leave: () => void socket.destroy() }
}

function kept<T extends object>(fields: T, isKept: (name: string) => boolean): T {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isKept(name))) as T
}

/** Of HTTP/2 the authority is no field that would go with it. */
function addressed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const authority = headers[':authority']
  return authority === undefined || headers.host !== undefined ? headers : { host: String(authority), ...headers }
}
