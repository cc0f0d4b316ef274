/** Notices that the client of a run has left while its handler is still at work: a handler may wait for ever for what it sent nobody. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { isGone } from './gone.ts'

/** How long a run without its client is given, in ms, at least; twice as long at most. */
const GRACE_MS = 1_000

/**
 * Looks once a second. Not by events: a response that waits for its turn on a pipelined connection has none when that breaks.
 *
 * @param tell called once
 * @returns ends the watch
 */
export function watchLeft(req: IncomingMessage, res: ServerResponse, tell: () => void): () => void {
  let left = false
  const look = () => {
    if (left) return void tell()
    left = isGone(res) || req.socket.destroyed
    timer = setTimeout(look, GRACE_MS).unref()
  }
  let timer = setTimeout(look, GRACE_MS).unref()
  return () => clearTimeout(timer)
}
