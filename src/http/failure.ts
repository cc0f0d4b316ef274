/** Which answers say that the handler failed. */

/** Statuses in whose place a stale answer may go out (RFC 5861 §4). */
export function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
