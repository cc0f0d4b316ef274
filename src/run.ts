/** One watched run of the handler: decides what may be kept, and hands the whole answer to the tiers and to those who wait. */
import type { Clock, Instant } from './clock.ts'
import { type Entry, joinVersions, type Variants, type VersionSet } from './entry.ts'
import type { Fingerprints } from './fingerprint.ts'
import type { Flight, Landing } from './flights.ts'
import type { Claim, FleetLanding } from './guard/claims.ts'
import { joinMembers, tierMember } from './http/cache-status.ts'
import type { HeadDecision, Incomplete, ResponseHead, RunObserver, Seen, StoredResponse } from './http/exchange.ts'
import { fieldValue } from './http/headers.ts'
import { unstorableBecause } from './http/storable.ts'
import { uncoveredVary } from './http/vary.ts'
import type { WatchPlan } from './http/watch-plan.ts'
import type { Listener } from './observe/events.ts'
import type { OnceTold } from './observe/once-told.ts'
import { serverTiming } from './observe/timing.ts'
import { PRIVATE_READ, privateVerdict } from './private-verdict.ts'
import type { Tiers } from './store/tiers.ts'
import { leadTo, selectionFor, variantKey, withVariant } from './variant.ts'
import type { RunMark, Versions } from './versions/versions.ts'
import type { Visit } from './visit.ts'

/** What a run works with. */
export interface RunParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly versions: Versions
  readonly fingerprints: Fingerprints
  readonly tell: Listener
  readonly onceTold: OnceTold
  /** Is told the tags of what is stored. */
  readonly noteTags: (tags: readonly string[]) => void
}

/** Who waits for a run: requests of this process, and other processes. */
export interface Waiting {
  readonly flight: Flight<Entry> | undefined
  readonly claim: Claim | undefined
}

/** Why followers of an incomplete answer lead again one by one (the client's fault) or run all at once (the handler's). */
const landings: Record<Incomplete, Landing<never>> = {
  'client-left': 'again',
  'too-large': 'alone',
  truncated: 'alone',
  failed: 'alone',
  trailers: 'alone',
  detached: 'alone',
}

/** A writer is at work on a tag: what is read now may be gone before anyone hears of it. */
const WRITE_INTENT = 'write-intent'

/** Watches one run. `versions` are those read before it; without them its answer is for those who wait already, and nobody else. */
export class Run implements RunObserver {
  readonly fills = true
  readonly claims = true
  readonly watches: WatchPlan | undefined
  readonly #parts: RunParts
  readonly #visit: Visit
  readonly #waiting: Waiting
  readonly #versions: VersionSet | undefined
  readonly #mark: RunMark
  readonly #startedAt: Instant
  #status: number | undefined
  #via: string | undefined
  /** How old the answer was when it came, in ms (RFC 9111 §4.2.3). */
  #initialAge = 0
  #lateTags: readonly string[] = []
  #reason: string | undefined
  /** Request headers that tell this answer from others of its URL. */
  #names: readonly string[] = []
  #verdict: Promise<boolean> | undefined
  /** Whether the answer is for others too, where only a promise of `varyBy` can tell. */
  #shared: Promise<boolean> | undefined
  /** Resolves when the shared tier has the answer. */
  #storing: Promise<void> | undefined

  constructor(parts: RunParts, visit: Visit, waiting: Waiting, versions: VersionSet | undefined) {
    this.#parts = parts
    this.#visit = visit
    this.watches = visit.route.watches
    this.#waiting = waiting
    this.#versions = versions
    this.#mark = parts.versions.mark()
    this.#startedAt = parts.clock.now()
  }

  head(head: ResponseHead, length?: number, seen?: Seen): HeadDecision {
    const { route, exchange, intervals } = this.#visit
    this.#visit.mark('handler')
    this.#status = head.status
    this.#via = fieldValue(head.headers, 'cache-status')
    this.#initialAge = ageOf(head)
    this.#lateTags = exchange.answeredBy().filter((tag) => this.#versions?.tags.includes(tag) === false)
    this.#reason =
      unstorableBecause(head, route, length) ??
      this.#readInPrivate(head, seen) ??
      this.#tooVaried(head) ??
      this.#refusedByUser(head)
    if (this.#reason !== undefined) this.#land('alone')
    return {
      keep: this.#reason === undefined,
      maxBodyBytes: route.maxBodyBytes,
      cacheStatus: this.#cacheStatus(),
      serverTiming: route.serverTiming ? serverTiming(intervals) : undefined,
      conditional: true,
    }
  }

  #readInPrivate(head: ResponseHead, seen: Seen | undefined): string | undefined {
    const isShared = privateVerdict(this.#parts, this.#visit, head, seen)
    if (typeof isShared === 'boolean') return isShared ? undefined : PRIVATE_READ
    this.#shared = isShared
    return undefined
  }

  /** Decides which variant of its URL the answer is. */
  #tooVaried({ headers }: ResponseHead): string | undefined {
    const { route, base, exchange } = this.#visit
    const names = uncoveredVary(headers, route.vary)
    if (names === '*' || names.length === 0) return undefined
    this.#names = names
    const variants = withVariant(this.#known(), names, variantKey(base, names, exchange.request))
    return variants === undefined ? 'vary-many' : undefined
  }

  /** The variants that are known by now. */
  #known(): Variants | undefined {
    return this.#parts.tiers.memory.get(this.#visit.base)?.variants
  }

  stalled(): void {
    this.#land('again')
  }

  done(result: StoredResponse | Incomplete | undefined): void {
    if (typeof result === 'string') this.#reason = result
    if (typeof result === 'object') void this.#whole(result)
    else this.#over(typeof result === 'string' ? landings[result] : 'alone', false)
  }

  async #whole(response: StoredResponse): Promise<void> {
    if (this.#shared !== undefined && !(await this.#shared)) {
      this.#reason = PRIVATE_READ
      return this.#over('alone', false)
    }
    // Awaited only where there is something to wait for: what is whole is in memory before the next request is read.
    if (this.#verdict !== undefined && !(await this.#verdict)) {
      this.#reason ??= 'storable'
      return this.#over('alone', false)
    }
    if (this.#versions === undefined) {
      this.#reason = 'versions-unknown'
      return this.#over({ answer: this.#entry(response, { tags: [], tokens: [] }) }, false)
    }
    let versions: VersionSet | undefined = this.#versions
    if (this.#lateTags.length > 0) versions = await this.#withLateTags(versions)
    if (versions === undefined) {
      this.#reason = 'first-sight'
      return this.#over('again', false)
    }
    const entry = this.#entry(response, versions)
    if (!this.#isLive(versions)) this.#reason = 'invalidated'
    else if (this.#parts.versions.reach(versions) === 'nobody') this.#reason = WRITE_INTENT
    else this.#store(entry)
    this.#visit.mark('store')
    this.#over({ answer: entry }, this.#reason === undefined)
  }

  /** Whether no invalidation is known that overtook the run: a dead entry must not take the place of a live one. */
  #isLive({ tags, tokens }: VersionSet): boolean {
    return tags.every(
      (tag, i) => (this.#parts.versions.usable(tag, this.#visit.route.terms) ?? tokens[i]) === tokens[i],
    )
  }

  async #withLateTags(versions: VersionSet): Promise<VersionSet | undefined> {
    try {
      const late = await this.#parts.versions.unchangedSince(this.#mark, this.#lateTags, this.#visit.route.terms)
      return late === undefined ? undefined : joinVersions(versions, late)
    } catch {
      // What cannot be known now is not known.
      return undefined
    }
  }

  /** The entry as this process keeps it: seen from L1, the shared tier is a cache nearer the origin that had to forward. */
  #entry(response: StoredResponse, versions: VersionSet): Entry {
    const now = this.#parts.clock.now()
    const expiresAt = now + (this.#visit.route.lifeOf(response.status) ?? 0)
    const selection = this.#names.length === 0 ? undefined : selectionFor(this.#names, this.#visit.exchange.request)
    const shared = this.#parts.tiers.shared === undefined ? undefined : tierMember('l2', { fwd: 'miss' })
    return {
      response,
      via: shared === undefined ? this.#via : joinMembers(this.#via, shared),
      storedAt: now - this.#initialAge,
      staleAt: expiresAt,
      expiresAt,
      versions,
      selection,
    }
  }

  #store(entry: Entry): void {
    const { tiers, versions } = this.#parts
    this.#parts.noteTags(entry.versions.tags)
    const key = this.#leadTo(entry)
    tiers.memory.set(key, entry)
    if (tiers.shared !== undefined && versions.reach(entry.versions) === 'every process')
      this.#storing = Promise.resolve(tiers.shared.set(key, { ...entry, via: this.#via }))
  }

  /** The key of the entry, to which the way is shown where there are several under the base. */
  #leadTo({ versions, expiresAt }: Entry): string {
    const { tiers, clock } = this.#parts
    const { base, exchange } = this.#visit
    if (this.#names.length === 0) return base
    const key = variantKey(base, this.#names, exchange.request)
    const known = this.#known()
    const variants = withVariant(known, this.#names, key)
    if (variants === undefined || variants === known) return key
    const lead = leadTo(variants, versions, clock.now(), expiresAt)
    tiers.memory.set(base, lead)
    if (this.#parts.versions.reach(versions) === 'every process') void tiers.shared?.set(base, lead)
    return key
  }

  /** Those who wait here learn at once; those elsewhere once the answer is where they look. */
  #land(landing: Landing<Entry>): void {
    const { flight, claim } = this.#waiting
    flight?.land(landing)
    if (claim === undefined) return
    // What was outdated while it was made is for nobody else: the others ask anew.
    const ended: FleetLanding = typeof landing === 'string' ? landing : this.#storing === undefined ? 'again' : 'filled'
    void Promise.resolve(this.#storing).then(() => claim.land(ended))
  }

  #over(landing: Landing<Entry>, stored: boolean): void {
    const { place, key } = this.#visit
    this.#land(landing)
    this.#parts.tell({
      type: 'run',
      route: place.name,
      key,
      status: this.#status,
      stored,
      reason: this.#reason,
      ms: this.#parts.clock.now() - this.#startedAt,
      intervals: this.#visit.taken(),
    })
  }

  /** What the user's own condition says; a promise of it is awaited once the answer is whole. */
  #refusedByUser(head: ResponseHead): string | undefined {
    const { storable } = this.#visit.route
    if (storable === undefined) return undefined
    try {
      const verdict = storable(frozenCopy(head))
      if (!isThenable(verdict)) return verdict ? undefined : 'storable'
      this.#verdict = Promise.resolve(verdict).then(Boolean, (error: unknown) => this.#failed(error))
      return undefined
    } catch (error) {
      this.#failed(error)
      return 'storable-failed'
    }
  }

  #failed(error: unknown): false {
    this.#parts.tell({ type: 'function-failed', route: this.#visit.place.name, function: 'storable', error })
    this.#reason = 'storable-failed'
    return false
  }

  /** `stored` = will be stored if it becomes whole. */
  #cacheStatus(): string {
    const { tiers, versions } = this.#parts
    const reach = this.#versions === undefined ? 'nobody' : versions.reach(this.#versions)
    const willStore =
      this.#reason === undefined && this.#verdict === undefined && this.#shared === undefined && reach !== 'nobody'
    const intended = this.#versions !== undefined && reach === 'nobody' ? WRITE_INTENT : undefined
    const unknown = this.#versions === undefined ? 'versions-unknown' : undefined
    const detail = this.#reason ?? intended ?? (versions.degraded ? 'degraded' : unknown)
    const shares = willStore && reach === 'every process'
    const upper = tiers.shared === undefined ? undefined : tierMember('l2', { fwd: 'miss', stored: shares })
    return joinMembers(upper, tierMember('l1', { fwd: 'miss', stored: willStore }, { detail }))
  }
}

/** What the user's function is shown is not what is stored: it may write to it. */
function frozenCopy(head: ResponseHead): ResponseHead {
  const headers = head.headers.map(([name, value]) =>
    Object.freeze([name, typeof value === 'string' ? value : Object.freeze([...value])] as const),
  )
  return Object.freeze({ ...head, headers: Object.freeze(headers) })
}

function ageOf(head: ResponseHead): number {
  const age = fieldValue(head.headers, 'age') ?? ''
  return /^\d{1,9}$/.test(age) ? Number(age) * 1_000 : 0
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
