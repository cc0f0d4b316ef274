/** The answer of those who waited for a run that failed, where the route shares failures: its status, and nothing else of it. */
import { STATUS_CODES } from 'node:http'
import type { StoredResponse } from './http/exchange.ts'

/** Makes it. What the leader's answer said beyond its status, cookies above all, was for the leader. */
export function sharedFailure(status: number): StoredResponse {
  return {
    status,
    headers: [
      ['Content-Type', 'text/plain; charset=utf-8'],
      ['Cache-Control', 'no-store'],
    ],
    removed: [],
    body: Buffer.from(`${STATUS_CODES[status] ?? status}\n`),
  }
}
