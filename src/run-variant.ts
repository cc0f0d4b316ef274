/** Which variant of its URL the answer of one run is, and the way by which others find it. */
import type { Clock } from './clock.ts'
import type { Entry, Selection, Variants, VersionSet } from './entry.ts'
import type { CacheRequest, ResponseHead } from './http/exchange.ts'
import { uncoveredVary } from './http/vary.ts'
import type { Tiers } from './store/tiers.ts'
import { knownVariants, leadTo, selectionFor, variantKey, variantNames, withVariant } from './variant.ts'
import type { Versions } from './versions/versions.ts'
import type { Visit } from './visit.ts'

/** What it works with. */
export interface RunVariantParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly versions: Versions
}

/** Of a run that is about to begin. */
export class RunVariant {
  readonly #parts: RunVariantParts
  readonly #visit: Visit
  readonly #versions: VersionSet | undefined
  /** The request's headers as they came: what runs may change them. */
  readonly #asked: Pick<CacheRequest, 'headers'>
  /** Request headers that tell this answer from others of its URL. */
  #names: readonly string[] = []

  /** @param versions those read before the run */
  constructor(parts: RunVariantParts, visit: Visit, versions: VersionSet | undefined) {
    this.#parts = parts
    this.#visit = visit
    this.#versions = versions
    this.#asked = { headers: { ...visit.exchange.request.headers } }
  }

  /** Decides by the head; returns why the answer cannot be kept as a variant. */
  judge({ headers }: ResponseHead): string | undefined {
    const { route, base, exchange } = this.#visit
    const named = uncoveredVary(headers, route.vary)
    if (named === '*') return undefined
    const known = this.#known()
    const names = variantNames(known, named)
    if (names.length === 0) return undefined
    this.#names = names
    const key = variantKey(base, names, this.#asked)
    // What the handler was told by something between us is not what the next one will have said.
    if (key !== variantKey(base, names, exchange.request)) return 'vary-changed'
    return withVariant(known, names, key) === undefined ? 'vary-many' : undefined
  }

  /** What the request said in the headers that the answer was chosen by. */
  get selection(): Selection | undefined {
    return this.#names.length === 0 ? undefined : selectionFor(this.#names, this.#asked)
  }

  /** The key of the entry, to which the way is shown where there are several under the base; undefined where there are too many. */
  leadTo({ versions, expiresAt, negative, quota }: Entry): string | undefined {
    const { tiers, clock } = this.#parts
    const { base } = this.#visit
    const known = this.#known()
    const names = variantNames(known, this.#names)
    if (names.length === 0) return base
    const key = variantKey(base, names, this.#asked)
    const variants = withVariant(known, names, key)
    if (variants === undefined) return undefined
    const former = known === undefined ? undefined : tiers.memory.get(base)
    // What leads to nothing else than negative entries counts with them, or a flood of them would fill memory with what leads to them.
    const isNegative = negative === true && (former === undefined || former.negative === true)
    if (variants === known && (former?.negative === true) === isNegative) return key
    // As long as the longest of them, or a short life would hide the others.
    const until = Math.max(expiresAt, former?.expiresAt ?? 0)
    const lead = {
      ...leadTo(variants, versions, clock.now(), until),
      negative: isNegative ? (true as const) : undefined,
      quota,
    }
    tiers.memory.set(base, lead)
    if (this.#parts.versions.reach(versions) === 'every process') void tiers.shared?.set(base, lead)
    return key
  }

  /** The variants that are known by now. */
  #known(): Variants | undefined {
    return knownVariants(this.#parts.tiers.memory.get(this.#visit.base), this.#versions)
  }
}
