/** Whether an answer can still reach its client. */
import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'

/** True once the response is closed: its client left, or has all of it. */
export function isGone(res: ServerResponse): boolean {
  if (res.req.httpVersionMajor < 2) return res.destroyed
  // The HTTP/2 compatibility response does not say: its stream does.
  return streamOf(res).destroyed
}

/** Whether an HTTP/2 answer ended with an error, which a client that cancels makes none of. */
export function isBroken(res: ServerResponse): boolean {
  return streamOf(res).errored !== null
}

function streamOf(res: ServerResponse): Http2ServerResponse['stream'] {
  return (res as unknown as Http2ServerResponse).stream
}
