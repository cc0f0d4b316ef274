/** What a client says of content codings (RFC 9110 §12.5.3), read so that it never gets one that it may not be able to read. */
import type { Coding } from './coding.ts'

/** What may go to a client. */
export interface Negotiated<T extends string = Coding> {
  /** The codings that it would rather have than none, the best first. */
  readonly codings: readonly T[]
  /** Whether it takes the body as it is. It gets that anyhow where there is nothing else. */
  readonly identity: boolean
}

/** A client that says nothing gets no coding. */
export const noCoding: Negotiated<never> = Object.freeze({ codings: Object.freeze([]), identity: true })

/** A token, and perhaps a weight of at most three decimals. */
const member = /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i

/**
 * Reads `Accept-Encoding`. Never throws: a coding whose member is malformed is not wanted, and of several weights the least counts.
 *
 * @param offered the codings to choose from; among those of equal weight the first is the best
 */
export function negotiate<T extends string = Coding>(field: string | undefined, offered: readonly T[]): Negotiated<T> {
  if (field === undefined || field === '') return noCoding
  const weights = weightsOf(field)
  const others = weights.get('*')
  const identity = weights.get('identity')
  const weightOf = (coding: T) => weights.get(coding) ?? others ?? 0
  const wanted = offered.filter((coding) => weightOf(coding) > 0 && weightOf(coding) >= (identity ?? 0))
  return {
    codings: wanted.sort((a, b) => weightOf(b) - weightOf(a)),
    identity: (identity ?? others ?? 1) > 0,
  }
}

function weightsOf(field: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const part of field.split(',')) {
    const text = part.trim()
    const [, token, weight = '1'] = member.exec(text) ?? []
    const [name = ''] = token === undefined ? (/^[^\s;]*/.exec(text) ?? []) : [token]
    if (name === '') continue
    const coding = canonical(name.toLowerCase())
    const own = token === undefined ? 0 : Number(weight)
    weights.set(coding, Math.min(own, weights.get(coding) ?? 1))
  }
  return weights
}

/** An old name of the same coding (RFC 9110 §8.4.1.3). */
function canonical(name: string): string {
  return name === 'x-gzip' ? 'gzip' : name
}
