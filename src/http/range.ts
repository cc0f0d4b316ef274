/** Reads `Range` as positions in a body (RFC 9110 §14): strict in what it understands, bounded in what it leads to. */

/** A part of a body by the positions of its first and last byte, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** Whoever asks for more parts at once wants work done, not parts (RFC 9110 §17.15). */
const MOST_RANGES = 32

/**
 * The parts a field asks for, in its order; those that overlap or touch are one, so that together they never are more than the body.
 *
 * @param length bytes of the body
 * @returns `whole` where the field is to be ignored: another unit, malformed, too many ranges; `unsatisfiable` where no part exists
 */
export function byteRanges(field: string, length: number): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  const [, set] = /^bytes=([\d,-][\d,\- \t]*)$/i.exec(field) ?? []
  const members = set?.split(',', MOST_RANGES + 1) ?? []
  if (members.length > MOST_RANGES) return 'whole'
  // Empty members of a list are nobody's mistake (RFC 9110 §5.6.1.2).
  const specs = members.map((member) => member.trim()).filter(Boolean)
  const ranges = specs.map((spec) => byteRange(spec, length))
  if (ranges.length === 0 || ranges.includes('malformed')) return 'whole'
  const existing = ranges.filter((range): range is ByteRange => typeof range === 'object')
  if (existing.length === 0) return 'unsatisfiable'
  // The end of nothing exists, but has no positions (RFC 9110 §14.1.2).
  return length === 0 ? 'whole' : joined(existing)
}

function byteRange(spec: string, length: number): ByteRange | 'malformed' | 'unsatisfiable' {
  const [match, from, to, suffix] = /^(?:(\d+)-(\d*)|-(\d+))$/.exec(spec) ?? []
  if (match === undefined) return 'malformed'
  if (suffix !== undefined) {
    const size = Math.min(Number(suffix), length)
    return Number(suffix) === 0 ? 'unsatisfiable' : { first: length - size, last: length - 1 }
  }
  // Too many digits for a number come to infinity: farther than any body reaches.
  const first = Number(from)
  const last = to === '' ? Number.POSITIVE_INFINITY : Number(to)
  if (last < first) return 'malformed'
  return first >= length ? 'unsatisfiable' : { first, last: Math.min(last, length - 1) }
}

/** Each stands where the first of those that it came of was asked for. */
function joined(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const parts: (ByteRange & { readonly place: number })[] = []
  const ascending = ranges.map((range, place) => ({ ...range, place })).sort((a, b) => a.first - b.first)
  for (const { first, last, place } of ascending) {
    const before = parts.at(-1)
    if (before === undefined || first > before.last + 1) parts.push({ first, last, place })
    else {
      const whole = { first: before.first, last: Math.max(before.last, last), place: Math.min(before.place, place) }
      parts[parts.length - 1] = whole
    }
  }
  return parts.sort((a, b) => a.place - b.place).map(({ first, last }) => ({ first, last }))
}
