/** Tells a URL that something rewrote from the one the client sent. */

/**
 * What of `seen` the client's own URL does not say: nothing, its path, or path and query.
 *
 * @param sent as the client sent it
 * @param seen as routes and handlers see it
 */
export function rewrittenPart(sent: string, seen: string): string | undefined {
  if (sent === seen) return undefined
  const [path, query] = halves(seen)
  return query === halves(sent)[1] ? path : seen
}

function halves(url: string): [path: string, query: string] {
  const mark = url.indexOf('?')
  return mark === -1 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)]
}
