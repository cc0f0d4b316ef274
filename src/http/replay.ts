/** Sends a stored answer through a `ServerResponse`: in full, as 304, or without body to HEAD. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describesBody, isConditional, isNotModified, isSuccessful } from './conditional.ts'
import type { Delivery, StoredResponse } from './exchange.ts'

/** Answers the request from an entry. What stood on `res` before stays, unless the entry says otherwise. */
export function replay(req: IncomingMessage, res: ServerResponse, response: StoredResponse, delivery: Delivery): void {
  const { status, headers, body } = response
  const notModified = isSuccessful(status) && isConditional(req.headers) && isNotModified(req.headers, headers)
  for (const name of response.removed) res.removeHeader(name)
  for (const [name, value] of headers) {
    if (notModified && describesBody(name)) continue
    // A copy: whoever patches the response later must not reach the entry.
    res.setHeader(name, typeof value === 'string' ? value : [...value])
  }
  res.setHeader('Age', String(delivery.age))
  res.setHeader('Cache-Status', delivery.cacheStatus)
  if (delivery.serverTiming !== undefined) res.appendHeader('Server-Timing', delivery.serverTiming)
  res.statusCode = notModified ? 304 : status
  if (response.statusMessage !== undefined && !notModified) res.statusMessage = response.statusMessage
  if (notModified || status === 204) res.end()
  else if (req.method === 'HEAD') res.setHeader('Content-Length', body.length).end()
  else res.end(Object.hasOwn(res, 'end') ? Buffer.from(body) : body)
}
