/** Which answers say that the handler failed. */
import { STATUS_CODES } from 'node:http'

/** Statuses in whose place a stale answer may go out (RFC 5861 §4). */
export function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}

/** The status that a framework answers what was thrown with: `ctx.throw(404)` is an answer, not a failure. */
export function thrownStatus(error: unknown): number {
  const { status, statusCode } = (error ?? {}) as Record<string, unknown>
  const named = status || statusCode
  return typeof named === 'number' && named in STATUS_CODES ? named : 500
}
