/** Text that is kept for long must not keep more than itself. */

/** V8 makes no slices of shorter texts. */
const SHORTEST_SLICE = 13

/** The same text in memory of its own: a part cut out of a page would keep the whole page alive. */
export function ownText(text: string): string {
  if (text.length < SHORTEST_SLICE) return text
  const own = Buffer.from(text).toString()
  // Lone surrogates do not survive the way through bytes.
  return own === text ? own : text
}
