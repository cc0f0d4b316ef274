/** The header fields with which a coded form of a stored answer goes out. */
import { codedTag } from './coded-etag.ts'
import type { Coding } from './coding.ts'
import type { StoredResponse } from './exchange.ts'
import { fieldLines, type HeaderField } from './headers.ts'
import { addVary } from './vary.ts'

/** Its own tag, its coding, and by what it was chosen. Ranges are of the answer as it is: nothing is said of them. */
export function codedFields({ headers }: StoredResponse, coding: Coding): readonly HeaderField[] {
  const tag = codedTag(fieldLines(headers, 'etag')[0], coding)
  const others = headers.filter(([name]) => !/^(?:etag|vary|accept-ranges)$/i.test(name))
  const named: HeaderField[] = [
    ['Content-Encoding', coding],
    ['Vary', addVary(fieldLines(headers, 'vary'), 'Accept-Encoding')],
  ]
  return tag === undefined ? [...others, ...named] : [...others, ['ETag', tag], ...named]
}
