/** Header fields as a list of pairs, and the questions asked of it. */

/** A field's name as it was written, and its value or, for repeated lines, its values in order. */
export type HeaderField = readonly [name: string, value: string | readonly string[]]

/** All lines of the field, in order; empty when it is absent. */
export function fieldLines(headers: readonly HeaderField[], lowerName: string): readonly string[] {
  const lines: string[] = []
  for (const [name, value] of headers) {
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue
    if (typeof value === 'string') lines.push(value)
    else lines.push(...value)
  }
  return lines
}

/** The field's lines joined as one list (RFC 9110 §5.3), or undefined when it is absent. */
export function fieldValue(headers: readonly HeaderField[], lowerName: string): string | undefined {
  const lines = fieldLines(headers, lowerName)
  return lines.length === 0 ? undefined : lines.join(', ')
}

/**
 * Splits a comma-separated list, commas inside quoted strings excepted; empty members are dropped.
 * From a quote that never ends on, every comma separates: nothing hides behind it. Takes time linear in the length.
 */
export function listMembers(value: string): string[] {
  const members: string[] = []
  let start = 0
  for (let i = 0; i < value.length; i++) {
    if (value[i] === '"') {
      const end = quoteEnd(value, i)
      if (end === undefined) return [...members, ...value.slice(start).split(',')].map(trim).filter(Boolean)
      i = end
    } else if (value[i] === ',') {
      members.push(value.slice(start, i))
      start = i + 1
    }
  }
  return [...members, value.slice(start)].map(trim).filter(Boolean)
}

const trim = (text: string) => text.trim()

/** The index of the quote that ends a quoted string, or undefined when none does. */
function quoteEnd(value: string, start: number): number | undefined {
  for (let i = start + 1; i < value.length; i++) {
    if (value[i] === '\\') i++
    else if (value[i] === '"') return i
  }
  return undefined
}

/** Fields of one connection or one message, which no cache may store (RFC 9110 §7.6.1, RFC 9111 §3.1). */
const unstoredFields = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  // Made anew for every answer.
  'age',
  'content-length',
  'date',
  // Kept beside the entry, since every tier adds a member of its own.
  'cache-status',
  // They name one request, to one client.
  'request-id',
  'x-request-id',
  'x-correlation-id',
])

/** How much one client may still ask for: `RateLimit`, `RateLimit-Remaining`, `X-RateLimit-Reset`, … */
const quotaField = /^(?:x-)?rate-?limit(?:-|$)/i

/** Those of `fields` that may be stored: hop-by-hop ones, those that `Connection` among `all` names and those made per answer are left out. */
export function storableFields(fields: readonly HeaderField[], all: readonly HeaderField[] = fields): HeaderField[] {
  const named = new Set(listMembers((fieldValue(all, 'connection') ?? '').toLowerCase()))
  return fields.filter(([name]) => !named.has(name.toLowerCase()) && isStorableName(name))
}

/** Whether a field of this name belongs to an answer, not to one connection or one sending of it. */
export function isStorableName(name: string): boolean {
  return !unstoredFields.has(name.toLowerCase()) && !quotaField.test(name)
}
