/** Answers of one URL that differ by request headers: a key leads to the headers' names, and those to the answer's own key. */
import type { Instant } from './clock.ts'
import type { Entry, Selection, Variants, VersionSet } from './entry.ts'
import { sha256 } from './fingerprint.ts'
import type { CacheRequest } from './http/exchange.ts'
import { selection } from './http/vary.ts'

/** Variants of one key that are kept at most: a header that is different for everyone must not fill the cache. */
const MOST_VARIANTS = 64
/** Names that tell them apart at most. */
const MOST_NAMES = 16

/** The key of the variant that a request asks for. */
export function variantKey(key: string, names: readonly string[], request: Pick<CacheRequest, 'headers'>): string {
  return sha256([key, JSON.stringify(names), selection(names, request.headers)])
}

/** The key of an entry that answers a request, from the key of all its variants. */
export function keyOfEntry(base: string, { selection }: Entry, request: Pick<CacheRequest, 'headers'>): string {
  return selection === undefined ? base : variantKey(base, selection.names, request)
}

/** Whether an answer that was made for another request is one for this one. */
export function isChosenBy({ selection: made }: Entry, request: Pick<CacheRequest, 'headers'>): boolean {
  return made === undefined || made.text === selection(made.names, request.headers)
}

/** What a request says in the headers that its answer names. */
export function selectionFor(names: readonly string[], request: Pick<CacheRequest, 'headers'>): Selection {
  return { names, text: selection(names, request.headers) }
}

/**
 * The headers that tell the answers of a key apart: those that this one names, and those that others before it named. An answer that
 * names fewer must not take the place of the others (RFC 9111 §4.1).
 */
export function variantNames(known: Variants | undefined, names: readonly string[]): readonly string[] {
  if (known === undefined) return names
  const all = [...new Set([...known.names, ...names])].sort()
  return all.length <= MOST_NAMES ? all : names
}

/** The known variants with one more; undefined where there are too many. Other names begin anew. */
export function withVariant(known: Variants | undefined, names: readonly string[], key: string): Variants | undefined {
  const keys = known !== undefined && known.names.join() === names.join() ? known.keys : []
  if (keys.includes(key)) return known
  return keys.length < MOST_VARIANTS ? { names, keys: [...keys, key] } : undefined
}

/** What an entry that leads to variants tells under these versions: those of versions that are gone count no more. */
export function knownVariants(lead: Entry | undefined, versions: VersionSet | undefined): Variants | undefined {
  if (lead?.variants === undefined || versions === undefined) return undefined
  const { tags, tokens } = lead.versions
  const current = tags.every((tag, i) => {
    const at = versions.tags.indexOf(tag)
    return at === -1 || versions.tokens[at] === tokens[i]
  })
  return current ? lead.variants : undefined
}

/** The entry that leads to variants; it lives as long as any of them. */
export function leadTo(variants: Variants, versions: VersionSet, now: Instant, expiresAt: Instant): Entry {
  return { response: nothing, storedAt: now, staleAt: expiresAt, expiresAt, versions, variants }
}

const nothing = Object.freeze({
  status: 204,
  headers: Object.freeze([]),
  removed: Object.freeze([]),
  body: Buffer.alloc(0),
})
