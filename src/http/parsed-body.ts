/** The request's body: whether there is one, and what body parsers made of it. */
import type { IncomingMessage } from 'node:http'

/** The body that something parsed, or undefined. Some parsers leave `{}` for content they do not know, without reading it. */
export function parsedBody(req: IncomingMessage, body: unknown): unknown {
  return req.readableDidRead || !isEmptyObject(body) ? body : undefined
}

function isEmptyObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0
}

/** Whether a request has a body (RFC 9112 §6.3; over HTTP/2 its headers alone do not say so). */
export function hasBody(req: IncomingMessage): boolean {
  const { stream } = req as { stream?: { readonly endAfterHeaders?: boolean } }
  if (req.httpVersionMajor >= 2) return stream?.endAfterHeaders === false
  const length = req.headers['content-length']
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}
