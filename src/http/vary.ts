/** Which request headers an answer says it was chosen by (RFC 9110 §12.5.5). */
import { fieldLines, type HeaderField, listMembers } from './headers.ts'

/** The first name in `Vary` that the fingerprint does not cover, `*` among them, or undefined when all are covered. */
export function uncoveredVary(headers: readonly HeaderField[], covered: readonly string[]): string | undefined {
  for (const line of fieldLines(headers, 'vary')) {
    for (const name of listMembers(line.toLowerCase())) if (name === '*' || !covered.includes(name)) return name
  }
  return undefined
}
