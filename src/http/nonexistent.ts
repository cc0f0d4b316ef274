/** The answer to a request for what cannot exist: small, and for nobody to keep. */
import type { StoredResponse } from './exchange.ts'

/** 404, sent in the place of a handler that would have asked the database in vain. */
export const nonexistent: StoredResponse = Object.freeze({
  status: 404,
  headers: Object.freeze([
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Cache-Control', 'no-store'],
  ] as const),
  removed: Object.freeze([]),
  body: Buffer.from('Not Found\n'),
})
