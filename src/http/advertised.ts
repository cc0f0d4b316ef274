/** What a client and the caches on the way to it are told of an answer's life, where the route tells it. */
import type { ServerResponse } from 'node:http'

/** A life to tell. */
export interface Advertised {
  /** Whole seconds from when the answer was made until it is no longer fresh: `Age` counts against it. */
  readonly maxAge: number
  /** For the client alone: other caches do not know what the answer depends on. */
  readonly isPrivate: boolean
  /** Milliseconds that are left of it. */
  readonly left: number
}

/** Sets `Cache-Control` and `Expires` (RFC 9111 §5.2.2, §5.3), unless the handler has said something of either itself. */
export function advertise(res: ServerResponse, { maxAge, isPrivate, left }: Advertised): readonly string[] {
  if (res.hasHeader('Cache-Control') || res.hasHeader('Expires')) return []
  res.setHeader('Cache-Control', `${isPrivate ? 'private' : 'public'}, max-age=${maxAge}`)
  res.setHeader('Expires', new Date(Date.now() + left).toUTCString())
  return ['Cache-Control', 'Expires']
}
