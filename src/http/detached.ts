/** Sends a request again through its application, with no client attached: what is renewed in the background takes the way of any request. */
import { type IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Instant } from '../clock.ts'
import { Nowhere } from './nowhere.ts'

/** Set on requests of our own making: nothing that a client sends could look like one. */
const DETACHED = Symbol('tiercache.detached')

/**
 * What ties a request to one connection, one copy of the client's, or one part of the answer. What else `Connection` names stays: no hop
 * is taken, and a client that could strip a field that a proxy has added would have an answer made without it, for everyone.
 */
const droppedFields =
  /^(?::.*|if-(?:(?:none-)?match|(?:un)?modified-since|range)|range|cache-control|pragma|connection|keep-alive|proxy-(?:authenticate|authorization|connection)|te|trailer|transfer-encoding|content-length|upgrade|expect)$/i

/** Whether a request is one that `sendDetached` has made. */
export function isDetached(req: object): boolean {
  return DETACHED in req
}

/** Until when the answer is fresh that such a request renews. */
export function renewedBy(req: object): Instant | undefined {
  return (req as { readonly [DETACHED]?: Instant })[DETACHED]
}

/**
 * Sends a request again as GET: URL and header fields are those of `trigger`, but for conditions, ranges, directives and what is of one
 * hop. A body is not sent.
 *
 * @param url path and query as the client sent them
 * @param dispatch the application from its very beginning
 * @param renews until when the answer is fresh that it is to renew
 * @returns resolves with the status once it has been answered, whatever the answer is
 */
export function sendDetached(
  trigger: IncomingMessage,
  url: string,
  dispatch: (req: IncomingMessage, res: ServerResponse) => unknown,
  renews?: Instant,
): Promise<number> {
  const socket = new Nowhere(trigger.socket)
  const req = new IncomingMessage(socket as never)
  Object.defineProperty(req, DETACHED, { value: renews })
  Object.assign(req, {
    method: 'GET',
    url,
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    complete: true,
  })
  const isKept = (name: string) => !droppedFields.test(name)
  req.rawHeaders = trigger.rawHeaders.filter((_, i, all) => isKept(all[i - (i % 2)]!))
  req.headers = kept(addressed(trigger.headers), isKept)
  // Requests of HTTP/2 have none.
  if (trigger.headersDistinct !== undefined) req.headersDistinct = kept(trigger.headersDistinct, isKept)
  req.push(null)
  const res = new ServerResponse(req)
  socket.seat(res)
  return new Promise((resolve, reject) => {
    res.once('close', () => resolve(res.statusCode))
    Promise.resolve()
      .then(() => dispatch(req, res))
      .catch(reject)
  })
}

function kept<T extends object>(fields: T, isKept: (name: string) => boolean): T {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isKept(name))) as T
}

/** Of HTTP/2 the authority is no field that would go with it. */
function addressed(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const authority = headers[':authority']
  return authority === undefined || headers.host !== undefined ? headers : { host: String(authority), ...headers }
}
