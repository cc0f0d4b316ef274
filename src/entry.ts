/** What is stored, and the one question asked of it: may it still answer? */
import type { Instant } from './clock.ts'
import type { StoredResponse } from './http/exchange.ts'

/** Tags and, at the same places, the tokens they had. */
export interface VersionSet {
  readonly tags: readonly string[]
  readonly tokens: readonly string[]
}

/** A stored answer. Its instants are of this process's monotonic clock; they never leave the process. */
export interface Entry {
  readonly response: StoredResponse
  /** `Cache-Status` members of caches nearer the origin than the tier that holds this copy. */
  readonly via?: string | undefined
  readonly storedAt: Instant
  readonly staleAt: Instant
  readonly expiresAt: Instant
  /** The versions read before the handler ran. */
  readonly versions: VersionSet
  /** Milliseconds that its making took. */
  readonly cost?: number | undefined
  /** What its own header fields let the cache do, where the route honours them. */
  readonly policy?: StoredPolicy | undefined
  /** What the request said in the headers that the answer was chosen by, where the key does not cover them. */
  readonly selection?: Selection | undefined
  /** No answer, but the way to several: which headers tell them apart. */
  readonly variants?: Variants | undefined
}

/** What an answer's own header fields say of its use (RFC 9111). Durations in ms. */
export interface StoredPolicy {
  /** It may answer requests with `Authorization` too (RFC 9111 §3.5). */
  readonly forAll: boolean
  /** It may never be used without asking the handler (`no-cache`). */
  readonly alwaysRevalidate: boolean
  /** Once stale it may not be used without asking the handler. */
  readonly mustRevalidate: boolean
  /** How long past its freshness it may be used while it is being renewed (RFC 5861 §3). */
  readonly staleWhileRevalidate: number
  /** How long past its freshness it may be used where the handler fails (RFC 5861 §4). */
  readonly staleIfError: number
}

/** Names of request headers, and what a request said in them. */
export interface Selection {
  readonly names: readonly string[]
  readonly text: string
}

/** The answers of one key that differ by request headers. */
export interface Variants {
  readonly names: readonly string[]
  /** Keys of the variants, bounded. */
  readonly keys: readonly string[]
}

/** `unvalidated`: fresh by age, but a version it carries is not known well enough right now. */
export type Freshness = 'fresh' | 'stale' | 'dead' | 'unvalidated'

/** Tells the token of a tag that may be used at this instant, on the asker's terms. */
export interface UsableTokens<Terms> {
  usable(tag: string, terms: Terms): string | undefined
}

/** Judges an entry by its age and by the tokens that may be used at this instant. */
export function freshness<Terms>(entry: Entry, versions: UsableTokens<Terms>, terms: Terms, now: Instant): Freshness {
  if (now >= entry.expiresAt) return 'dead'
  const { tags, tokens } = entry.versions
  let known = true
  for (let i = 0; i < tags.length; i++) {
    const token = versions.usable(tags[i]!, terms)
    if (token === undefined) known = false
    else if (token !== tokens[i]) return 'dead'
  }
  if (!known) return 'unvalidated'
  return now < entry.staleAt ? 'fresh' : 'stale'
}

/** Whether no token is known that contradicts the set: an invalidation that this process has not heard of may still do. */
export function isLive<Terms>({ tags, tokens }: VersionSet, versions: UsableTokens<Terms>, terms: Terms): boolean {
  return tags.every((tag, i) => (versions.usable(tag, terms) ?? tokens[i]) === tokens[i])
}

/** Whether both name the same tags with the same tokens, in the same order. */
export function sameVersions(a: VersionSet, b: VersionSet): boolean {
  return a.tags.length === b.tags.length && a.tags.every((tag, i) => tag === b.tags[i] && a.tokens[i] === b.tokens[i])
}

/** Whether `current` confirms every version that `set` carries. */
export function confirms(current: VersionSet, set: VersionSet): boolean {
  return set.tags.every((tag, i) => {
    const at = current.tags.indexOf(tag)
    return at !== -1 && current.tokens[at] === set.tokens[i]
  })
}

/** Both sets as one. */
export function joinVersions(a: VersionSet, b: VersionSet): VersionSet {
  return { tags: [...a.tags, ...b.tags], tokens: [...a.tokens, ...b.tokens] }
}
