/** Answers of the cache's own: a status in words, for its asker alone. */
import { STATUS_CODES } from 'node:http'
import type { StoredResponse } from './exchange.ts'
import type { HeaderField } from './headers.ts'

/** An answer that says nothing but its status, and that nobody may keep. */
export function bareAnswer(status: number, ...fields: readonly HeaderField[]): StoredResponse {
  return Object.freeze({
    status,
    headers: Object.freeze([
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ...fields,
    ] as const),
    removed: Object.freeze([]),
    body: Buffer.from(`${STATUS_CODES[status] ?? status}\n`),
  })
}

/** Of a route that must not answer without Redis. */
export const unavailable = bareAnswer(503, ['Retry-After', '1'])

/** To `only-if-cached` where nothing is stored (RFC 9111 §5.2.1.7), and where a handler takes longer than its route allows. */
export const gatewayTimeout = bareAnswer(504)

/** In the place of a handler that would have asked the database in vain. */
export const nonexistent = bareAnswer(404)
