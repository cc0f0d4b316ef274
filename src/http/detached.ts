/** Sends requests through the application with no client attached: they take the way of any request, from its very beginning. */
import { type IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
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

/** A GET that is to be sent. */
export interface DetachedRequest {
  /** Path and query. */
  readonly url: string
  readonly fields: RequestFields
  /** What the connection says of its client: a socket, or facts of the same names. */
  readonly connection: object
  readonly errand?: Errand | undefined
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
  return (req as { [DETACHED]?: { readonly errand: Errand | undefined } })[DETACHED]?.errand
}

/**
 * Sends a request again as GET: URL and header fields are those of `trigger`, but for conditions, ranges, directives and what is of one
 * hop. A body is not sent.
 *
 * @param url path and query as the client sent them
 * @returns resolves once it has been answered, whatever the answer is
 */
export async function sendDetached(trigger: IncomingMessage, url: string, dispatch: Dispatch): Promise<void> {
  const { rawHeaders, headers, headersDistinct, socket } = trigger
  const fields = { rawHeaders, headers: addressed(headers), headersDistinct }
  await dispatchDetached({ url, fields, connection: socket }, dispatch).answered
}

/** Sends a GET. Conditions, ranges, directives and what is of one hop are left out of its fields. */
export function dispatchDetached({ url, fields, connection, errand }: DetachedRequest, dispatch: Dispatch): Sent {
  const socket = new Nowhere(connection)
  const req = new IncomingMessage(socket as never)
  Object.defineProperty(req, DETACHED, { value: { errand } })
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
  res.shouldKeepAlive = false
  res.assignSocket(socket as never)
  // Both are done by a server for its own connections: an answer that is broken off is nobody else's trouble, and one that waits goes on.
  socket.on('error', () => undefined)
  socket.on('drain', () => res.emit('drain'))
  const answered = new Promise<number | undefined>((resolve, reject) => {
    let whole = false
    res.once('close', () => resolve(whole ? res.statusCode : undefined))
    res.once('finish', () => {
      whole = true
      socket.destroy()
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
