/** Which form of an answer goes to a client: as it is, or coded; and whether the client has it already. */
import type { IncomingHttpHeaders } from 'node:http'
import { type Negotiated, negotiate, noCoding } from './accept-encoding.ts'
import { codedTag } from './coded-etag.ts'
import type { CodedBodies, Coding } from './coding.ts'
import { isNotModified, isSuccessful, matchesEtag } from './conditional.ts'
import type { ResponseHead } from './exchange.ts'
import { fieldLines } from './headers.ts'
import { isTransformable } from './transformable.ts'

/** How a route codes answers. */
export interface CodingRules {
  /** Bytes of the smallest body that is coded. */
  readonly from: number
  /** What is made, the best first. */
  readonly codings: readonly Coding[]
}

/** One form of an answer. */
export interface Representation {
  /** Undefined for the answer as it is. */
  readonly coding: Coding | undefined
  /** The client's copy of this form is good. */
  readonly held: boolean
}

/** What a client may get of an answer; undefined where the answer has one form only, whoever asks. */
export function negotiated(
  rules: CodingRules | undefined,
  head: ResponseHead,
  request: IncomingHttpHeaders,
): Negotiated | undefined {
  return rules === undefined || !isTransformable(head) ? undefined : offered(rules, request)
}

/** What a client may get of an answer that can be coded. Ranges are of the answer as it is. */
export function offered({ codings }: CodingRules, request: IncomingHttpHeaders): Negotiated {
  return request.range === undefined ? negotiate(String(request['accept-encoding'] ?? ''), codings) : noCoding
}

/**
 * Selects the form. A client's own copy is selected before any other that it takes: to say that it is good needs no bytes
 * (RFC 9110 §12.1, §13.1.2).
 *
 * @param validators the client's own conditional fields
 * @param coded the bodies at hand
 */
export function represent(
  validators: IncomingHttpHeaders,
  { status, headers }: ResponseHead,
  coded: CodedBodies | undefined,
  { codings, identity }: Negotiated,
): Representation {
  const ready = coded && codings.find((coding) => typeof coded[coding] === 'object')
  if (!isSuccessful(status)) return { coding: ready, held: false }
  const noneMatch = validators['if-none-match']
  if (noneMatch === undefined) return { coding: ready, held: isNotModified(validators, headers) }
  const [etag] = fieldLines(headers, 'etag')
  const forms = [ready, ...codings, ...(identity ? [undefined] : [])]
  const held = forms.findIndex((coding) => matchesEtag(noneMatch, codedTag(etag, coding)))
  return held === -1 ? { coding: ready, held: false } : { coding: forms[held], held: true }
}
