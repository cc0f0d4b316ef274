/** Answers in the place of a run: nothing of what it said so far stays. */
import { type IncomingHttpHeaders, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Replacement } from './exchange.ts'
import { replayFields } from './replay.ts'
import { mayAnnounceLength, setPhrase } from './response-fields.ts'

/**
 * Sends a stored answer on a response whose fields are those from before the run.
 *
 * @param asked the request's header fields as the client sent them
 */
export function answerFor(res: ServerResponse, asked: IncomingHttpHeaders, { response, delivery }: Replacement): void {
  const { status, statusMessage, body } = replayFields(asked, res, response, delivery)
  res.statusCode = status
  setPhrase(res, statusMessage ?? STATUS_CODES[status] ?? '')
  if (body !== undefined && mayAnnounceLength(res)) res.setHeader('Content-Length', body.length)
  // At once: middleware outside that ends later must find its head formed, since soon the run will seem to have formed none.
  res.writeHead(status)
  // A copy: that middleware may write to what it is given.
  if (body === undefined || res.req.method === 'HEAD') res.end()
  else res.end(Buffer.from(body))
}
