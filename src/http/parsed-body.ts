/** The parsed body, told apart from what body parsers leave where they parsed nothing. */
import type { IncomingMessage } from 'node:http'

/** The body that something parsed, or undefined. Some parsers leave `{}` for content they do not know, without reading it. */
export function parsedBody(req: IncomingMessage, body: unknown): unknown {
  return req.readableDidRead || !isEmptyObject(body) ? body : undefined
}

function isEmptyObject(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Object.keys(body).length === 0
}
