/** Codes bodies at first demand, off the request's path, and keeps the result beside the body in memory. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Entry } from './entry.ts'
import type { Negotiated } from './http/accept-encoding.ts'
import { bytesOf } from './http/body-copy.ts'
import { codedFields } from './http/coded-fields.ts'
import { type CodedBodies, type Coding, encodeBody } from './http/coding.ts'
import type { ResponseHead, StoredResponse } from './http/exchange.ts'
import type { HeaderField } from './http/headers.ts'
import { type CodingRules, offered } from './http/representation.ts'
import { isTransformable } from './http/transformable.ts'
import { Recent } from './recent.ts'
import type { SyncStore } from './store/store.ts'

/** Bodies coded at the same time: of the four threads of Node's pool some must be left for files and names. */
const MOST_AT_ONCE = 2

/** What clients send in `Accept-Encoding` is of a few kinds; those of a sane length are read once. */
const REMEMBERED = 256
const LONGEST_REMEMBERED = 128

/** One for each cache. */
export class Coder {
  readonly #memory: SyncStore
  /** By the fields of an answer, which say it once and for all. */
  readonly #transformable = new WeakMap<ResponseHead['headers'], boolean>()
  readonly #heard = new WeakMap<CodingRules, Recent<Negotiated>>()
  /** By the fields of the plain form. */
  readonly #fields = new WeakMap<ResponseHead['headers'], Partial<Record<Coding, readonly HeaderField[]>>>()
  readonly #underWay = new Map<Buffer, Set<Coding>>()
  #busy = 0

  constructor(memory: SyncStore) {
    this.#memory = memory
  }

  /**
   * What a client may get of an entry. The coding it wants most is made, if it is not there yet, for those who come next.
   *
   * @param key tells where the entry is in memory
   * @returns undefined where the entry has one form only
   */
  offer(
    { response }: Entry,
    rules: CodingRules,
    request: IncomingHttpHeaders,
    key: () => string,
  ): Negotiated | undefined {
    if (!this.#isTransformable(response)) return undefined
    const negotiated = this.#negotiated(rules, request)
    const [best] = negotiated.codings
    const isNew = best !== undefined && response.coded?.[best] === undefined
    if (isNew && response.body.length >= rules.from) this.#demand(key(), response.body, best)
    return negotiated
  }

  #negotiated(rules: CodingRules, request: IncomingHttpHeaders): Negotiated {
    const field = String(request['accept-encoding'] ?? '')
    if (request.range !== undefined || field.length > LONGEST_REMEMBERED) return offered(rules, request)
    const heard = this.#heard.get(rules) ?? new Recent(REMEMBERED)
    if (!this.#heard.has(rules)) this.#heard.set(rules, heard)
    const known = heard.get(field)
    if (known !== undefined) return known
    const negotiated = offered(rules, request)
    heard.set(field, negotiated)
    return negotiated
  }

  /** The fields of a coded form, worked out once. */
  readonly fieldsOf = (response: StoredResponse, coding: Coding): readonly HeaderField[] => {
    const { headers } = response
    const known = this.#fields.get(headers)
    const fields = known?.[coding] ?? codedFields(response, coding)
    if (known?.[coding] === undefined) this.#fields.set(headers, { ...known, [coding]: fields })
    return fields
  }

  #isTransformable(response: ResponseHead): boolean {
    const known = this.#transformable.get(response.headers)
    if (known !== undefined) return known
    const is = isTransformable(response)
    this.#transformable.set(response.headers, is)
    return is
  }

  #demand(key: string, body: Buffer, coding: Coding): void {
    const underWay = this.#underWay.get(body)
    // Who comes while others are coded asks in vain: the next one will ask again.
    if (this.#busy >= MOST_AT_ONCE || underWay?.has(coding) === true) return
    const kept = this.#kept(key, body)
    if (kept === undefined || kept.response.coded?.[coding] !== undefined) return
    this.#busy++
    this.#underWay.set(body, (underWay ?? new Set()).add(coding))
    encodeBody(coding, body, (coded) => {
      this.#done(body, coding)
      this.#keep(key, body, coding, coded !== undefined && coded.length < body.length ? bytesOf(coded)! : 'useless')
    })
  }

  #done(body: Buffer, coding: Coding): void {
    this.#busy--
    const underWay = this.#underWay.get(body)
    underWay?.delete(coding)
    if (underWay?.size === 0) this.#underWay.delete(body)
  }

  /** The entry in memory, where it still has this very body. */
  #kept(key: string, body: Buffer): Entry | undefined {
    const entry = this.#memory.get(key)
    return entry?.response.body === body ? entry : undefined
  }

  #keep(key: string, body: Buffer, coding: Coding, coded: Buffer | 'useless'): void {
    const entry = this.#kept(key, body)
    if (entry === undefined) return
    this.#memory.set(key, withCoded(entry, { [coding]: coded }))
    // More than memory takes: better the body alone than nothing.
    if (this.#memory.get(key) === undefined) this.#memory.set(key, withCoded(entry, { [coding]: 'useless' }))
  }
}

function withCoded(entry: Entry, coded: CodedBodies): Entry {
  return { ...entry, response: { ...entry.response, coded: { ...entry.response.coded, ...coded } } }
}
