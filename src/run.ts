/** One watched run of the handler: decides what may be kept, and hands the whole answer to the tiers and to those who wait. */
import type { Clock, Instant } from './clock.ts'
import { ageOf, lifeToTell } from './delivery.ts'
import { type Entry, isLive, joinVersions, type VersionSet } from './entry.ts'
import { HandlerFailedError } from './fallback.ts'
import type { Fingerprints } from './fingerprint.ts'
import type { Landing } from './flights.ts'
import type { Backoffs } from './guard/backoffs.ts'
import { lifeFactor } from './guard/lives.ts'
import type { Negotiated } from './http/accept-encoding.ts'
import type { Advertised } from './http/advertised.ts'
import { joinMembers, tierMember } from './http/cache-status.ts'
import type { Filled } from './http/errand.ts'
import type {
  HeadDecision,
  Incomplete,
  Replacement,
  ResponseHead,
  RunObserver,
  Seen,
  StoredResponse,
  Validators,
} from './http/exchange.ts'
import { isFailure, thrownStatus } from './http/failure.ts'
import { confirmedBy, dated, freshened, validatorsOf } from './http/freshen.ts'
import type { HeaderPolicy } from './http/header-policy.ts'
import { fieldValue } from './http/headers.ts'
import { negotiated } from './http/representation.ts'
import type { WatchPlan } from './http/watch-plan.ts'
import { judged } from './judgement.ts'
import type { MaybePromise } from './maybe.ts'
import { NEGATIVE_FAILED, negativeVerdict } from './negative-verdict.ts'
import type { Listener, UserFunction } from './observe/events.ts'
import type { OnceTold } from './observe/once-told.ts'
import { serverTiming } from './observe/timing.ts'
import { PRIVATE_READ, privateVerdict } from './private-verdict.ts'
import type { Renewals } from './renewals.ts'
import { instantsOf, namedAge, storedPolicy } from './run-entry.ts'
import { landings, RunLanding, type Waiting } from './run-landing.ts'
import { isLimited, limitRun } from './run-limits.ts'
import { forwardedFor, runStatus } from './run-status.ts'
import { RunVariant } from './run-variant.ts'
import { STALE_IF_ERROR } from './serving.ts'
import { StandIn } from './stand-in.ts'
import type { Tiers } from './store/tiers.ts'
import type { Unshared } from './unshared.ts'
import { groupTags } from './uri-tags.ts'
import { userVerdict } from './user-verdict.ts'
import type { Reach, RunMark, Versions } from './versions/versions.ts'
import type { Visit } from './visit.ts'

/** What a run works with. */
export interface RunParts {
  readonly clock: Clock
  readonly random: () => number
  readonly backoffs: Backoffs
  readonly renewals: Renewals
  readonly tiers: Tiers
  readonly versions: Versions
  readonly fingerprints: Fingerprints
  readonly tell: Listener
  readonly onceTold: OnceTold
  /** Is told the tags of what is stored. */
  readonly noteTags: (tags: readonly string[]) => void
  readonly unshared: Unshared
}

/** A writer is at work on a tag: what is read now may be gone before anyone hears of it. */
const WRITE_INTENT = 'write-intent'

/** Nobody asked for it before. */
const DOORKEEPER = 'doorkeeper'

/** Watches one run. `versions` are those read before it; without them its answer is for those who wait already, and nobody else. */
export class Run implements RunObserver {
  readonly fills = true
  readonly claims = true
  readonly watches: WatchPlan | undefined
  readonly #parts: RunParts
  readonly #visit: Visit
  readonly #landing: RunLanding
  readonly #versions: VersionSet | undefined
  readonly #mark: RunMark
  readonly #startedAt: Instant
  /** What the handler is asked to confirm, or what may stand in for its failure. */
  readonly #former: Entry | undefined
  readonly #standIn: StandIn
  /** Of the life that the route gives. */
  readonly #lifeFactor: number
  /** Ends the time that the client waits at most. */
  readonly #endLimits: () => void
  /** Lets others ask again. */
  readonly #endRenewal: (() => void) | undefined
  readonly validators: Validators | undefined
  readonly mayReplace: boolean
  readonly mayBeOvertaken: boolean
  readonly surrogate: boolean
  /** The former answer as a 304 renewed it. */
  #confirmed: StoredResponse | undefined
  #status: number | undefined
  #via: string | undefined
  #headAt: Instant
  /** What the answer's own fields allow, where the route honours them. */
  #policy: HeaderPolicy | undefined
  /** How old the answer was when it came, in ms (RFC 9111 §4.2.3). */
  #initialAge = 0
  #lateTags: readonly string[] = []
  #reason: string | undefined
  readonly #variant: RunVariant
  /** Whether the answer says that there is nothing; undefined until it is whole. */
  #negative: boolean | undefined
  /** Whether the route's doorkeeper lets the answer in: those who wait get it anyway. */
  readonly #isAdmitted: boolean
  #verdict: Promise<boolean> | undefined
  /** Whether the answer is for others too, where only a promise of `varyBy` can tell. */
  #shared: Promise<boolean> | undefined
  /** Is told the end where the request was sent for it. */
  readonly #filled: ((filled: Filled) => void) | undefined

  constructor(parts: RunParts, visit: Visit, waiting: Waiting, versions: VersionSet | undefined) {
    this.#parts = parts
    this.#visit = visit
    this.watches = visit.route.watches
    this.#landing = new RunLanding(waiting, parts.unshared, visit.key)
    this.#versions = versions
    this.#mark = parts.versions.mark()
    this.#startedAt = this.#headAt = parts.clock.now()
    this.#variant = new RunVariant(parts, visit, versions)
    // What a bump has outdated meanwhile may neither be confirmed nor stand in.
    this.#former = visit.former !== undefined && this.#isLive(visit.former.versions) ? visit.former : undefined
    const { route, exchange } = visit
    const isDetached = exchange.detached === true
    // Who renews what is stored, or fills on purpose, has no need to have come before.
    const isRenewal = this.#former !== undefined || isDetached
    this.#isAdmitted = route.doorkeeper?.knows(visit.base) !== false || isRenewal
    this.#filled = exchange.errand?.fills()
    this.surrogate = route.honour?.targeted === true
    this.mayReplace = this.#former !== undefined || route.fallback !== undefined
    this.validators =
      this.#former === undefined || route.honour === undefined ? undefined : validatorsOf(this.#former.response)
    this.#lifeFactor = lifeFactor(route.jitter, parts.random)
    this.#standIn = new StandIn(parts, visit, (former) => former === this.#former && this.#isLive(former.versions))
    this.#endRenewal = visit.isPatient ? undefined : parts.renewals.hold(visit.key, route.flightDeadline)
    this.mayBeOvertaken = !isDetached && isLimited(visit)
    this.#endLimits = this.mayBeOvertaken ? limitRun(parts, visit, this.#standIn) : () => undefined
  }

  head(head: ResponseHead, length?: number, seen?: Seen, touched?: ReadonlySet<string>): HeadDecision {
    this.#endLimits()
    this.#visit.mark('handler')
    this.#status = head.status
    this.#via = fieldValue(head.headers, 'cache-status')
    this.#headAt = this.#parts.clock.now()
    const former = this.#former
    if (this.validators !== undefined && former !== undefined && head.status === 304)
      return this.#confirm(former, head, touched)
    const failed = () => new HandlerFailedError(head.status)
    const rescue = isFailure(head.status) ? this.#rescued(head.status, failed) : undefined
    if (rescue !== undefined && !(rescue instanceof Promise)) return this.#decision(head, rescue)
    this.#judge(head, length, seen)
    return { ...this.#decision(head), pending: rescue }
  }

  rescue(error: Error): MaybePromise<Replacement | undefined> {
    this.#endLimits()
    return this.#rescued(thrownStatus(error), () => error)
  }

  /** What goes out in the place of a failure: the former answer, for those who wait too, or what the user's function says. */
  #rescued(status: number, error: () => Error): MaybePromise<Replacement | undefined> {
    const former = this.#standIn.rescue()
    if (former !== undefined) {
      this.#reason = STALE_IF_ERROR
      // Where header fields decide, whether it may stand in is for each request to say; and other processes may have none.
      this.#landing.land(this.#visit.route.honour === undefined ? { answer: former } : 'alone', 'alone')
      return this.#replacement(former.response, ageOf(former, this.#parts.clock.now()), this.#cacheStatus())
    }
    // Before the user's function is asked: those who wait need not wait for what it says to another.
    if (this.#visit.route.fallback !== undefined) this.#landing.release(status)
    return this.#standIn.fallback(error)
  }

  /** A 304 of the handler brings the former answer up to date (RFC 9111 §4.3.4). */
  #confirm(former: Entry, head: ResponseHead, touched?: ReadonlySet<string>): HeadDecision {
    const isConfirmed = confirmedBy(former.response, head)
    const renewed = (names?: ReadonlySet<string>) =>
      dated(isConfirmed ? freshened(former.response, head, names) : former.response, undefined)
    const made = ['age', 'date'].flatMap((name) => head.headers.filter(([own]) => own.toLowerCase() === name))
    const whole = renewed()
    this.#judge({ ...whole, headers: [...whole.headers, ...made] })
    // What others have set for this client is judged, but not stored.
    const news = renewed(touched)
    const response = dated(news, this.#policy?.date)
    if (!isConfirmed) this.#reason = 'status-304'
    if (this.#reason === undefined) this.#confirmed = response
    const age = this.#initialAge === 0 ? undefined : Math.floor(this.#initialAge / 1_000)
    return this.#decision(head, this.#replacement(response, age, joinMembers(this.#via, this.#cacheStatus())))
  }

  #replacement(response: StoredResponse, age: number | undefined, cacheStatus: string): Replacement {
    return { response, delivery: { age, cacheStatus, negotiated: this.#negotiated(response) } }
  }

  #negotiated(head: ResponseHead): Negotiated | undefined {
    return negotiated(this.#visit.route.compress, head, this.#visit.exchange.request.headers)
  }

  #judge(head: ResponseHead, length?: number, seen?: Seen): void {
    const { route, exchange } = this.#visit
    const { request } = exchange
    const { reason, policy } = judged(head, request, route, length)
    this.#policy = policy
    this.#initialAge = policy === undefined ? namedAge(head) : policy.initialAge
    const groups = route.honour === undefined ? [] : groupTags(request, head)
    const known = this.#versions?.tags ?? []
    this.#lateTags = [...exchange.answeredBy(), ...groups].filter((tag) => !known.includes(tag))
    this.#reason = reason ?? this.#variant.judge(head) ?? this.#readInPrivate(head, seen) ?? this.#refusedByUser(head)
    // What must be confirmed for each request is for nobody who waits.
    const isForOne = policy !== undefined && (policy.alwaysRevalidate || policy.lifetime <= policy.initialAge)
    if (this.#reason !== undefined || isForOne) this.#landing.release(this.#status)
  }

  #decision(head: ResponseHead, replacement?: Replacement): HeadDecision {
    const { route, intervals } = this.#visit
    return {
      keep: this.#reason === undefined && replacement === undefined,
      maxBodyBytes: route.maxBodyBytes,
      cacheStatus: this.#cacheStatus(),
      serverTiming: route.serverTiming ? serverTiming(intervals) : undefined,
      replacement,
      advertised: route.advertise && this.#willStore ? this.#lifeToTell() : undefined,
      negotiated: this.#negotiated(head),
      conditional: true,
    }
  }

  #lifeToTell(): Advertised {
    return lifeToTell(this.#instants(this.#status ?? 200), this.#visit.route, this.#headAt)
  }

  #readInPrivate(head: ResponseHead, seen: Seen | undefined): string | undefined {
    const isShared = privateVerdict(this.#parts, this.#visit, head, seen)
    if (typeof isShared === 'boolean') return isShared ? undefined : PRIVATE_READ
    this.#shared = isShared
    return undefined
  }

  stalled(): void {
    this.#landing.land('again')
  }

  done(result: StoredResponse | Incomplete | undefined, thrown?: number): void {
    const whole = this.#confirmed ?? (typeof result === 'object' ? result : undefined)
    if (whole !== undefined) return void this.#whole(whole)
    if (typeof result === 'string') this.#reason = result
    if (thrown !== undefined) this.#landing.release(thrown)
    this.#over(typeof result === 'string' ? landings[result] : 'alone', false)
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
    if (!this.#judgeWhole(response)) return this.#over('alone', false)
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
    else if (!this.#isAdmitted) this.#reason = DOORKEEPER
    else this.#store(entry)
    this.#visit.mark('store')
    this.#over({ answer: entry }, this.#reason === undefined)
  }

  /** @returns false where nobody can tell whether the answer says that there is nothing, and so how long it may live */
  #judgeWhole(response: StoredResponse): boolean {
    const { route } = this.#visit
    const rules = route.honour === undefined ? route : undefined
    const verdict = negativeVerdict(response, rules, (error) => this.#tellFailed('negative', error))
    if (verdict === NEGATIVE_FAILED) this.#reason = verdict
    else this.#negative = verdict
    return verdict !== NEGATIVE_FAILED
  }

  /** Whether no invalidation is known that overtook the run: a dead entry must not take the place of a live one. */
  #isLive(versions: VersionSet): boolean {
    return isLive(versions, this.#parts.versions, this.#visit.route.terms)
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
    const policy = this.#policy
    const shared = this.#parts.tiers.shared === undefined ? undefined : tierMember('l2', { fwd: 'miss' })
    return {
      response: policy === undefined ? response : dated(response, policy.date),
      via: shared === undefined ? this.#via : joinMembers(this.#via, shared),
      ...this.#instants(response.status),
      versions,
      cost: this.#parts.clock.now() - this.#startedAt,
      policy: policy === undefined ? undefined : storedPolicy(policy),
      selection: this.#variant.selection,
      negative: this.#negative === true ? true : undefined,
      quota: this.#visit.route.quota,
    }
  }

  #instants(status: number): ReturnType<typeof instantsOf> {
    const life = {
      status,
      isNegative: this.#negative,
      policy: this.#policy,
      initialAge: this.#initialAge,
      headAt: this.#headAt,
      factor: this.#lifeFactor,
    }
    return instantsOf(life, this.#visit.route, this.#parts.clock.now())
  }

  #store(entry: Entry): void {
    const { tiers, versions } = this.#parts
    const key = this.#variant.leadTo(entry)
    if (key === undefined) {
      this.#reason = 'vary-many'
      return
    }
    this.#visit.key = key
    this.#parts.noteTags(entry.versions.tags)
    this.#parts.backoffs.succeeded(key)
    tiers.memory.set(key, entry)
    if (tiers.shared !== undefined && versions.reach(entry.versions) === 'every process')
      this.#landing.storing = Promise.resolve(tiers.shared.set(key, { ...entry, via: this.#via }))
  }

  #over(landing: Landing<Entry>, stored: boolean): void {
    const { place, key } = this.#visit
    this.#endLimits()
    this.#endRenewal?.()
    this.#landing.end(landing, this.#reason, this.#status)
    this.#filled?.({ stored, reason: this.#reason, storing: this.#landing.storing })
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
    const verdict = userVerdict(this.#visit.route.storable, head, (error) => this.#failed(error))
    if (typeof verdict === 'string') return verdict
    if (verdict !== true) this.#verdict = verdict
    return undefined
  }

  #failed(error: unknown): false {
    this.#tellFailed('storable', error)
    this.#reason = 'storable-failed'
    return false
  }

  #tellFailed(name: UserFunction, error: unknown): void {
    this.#parts.tell({ type: 'function-failed', route: this.#visit.place.name, function: name, error })
  }

  #cacheStatus(): string {
    const { tiers, versions } = this.#parts
    const reach = this.#reach
    const isStored = this.#willStore
    const intended = this.#versions !== undefined && reach === 'nobody' ? WRITE_INTENT : undefined
    const unknown = this.#versions === undefined ? 'versions-unknown' : undefined
    const turnedAway = this.#isAdmitted ? undefined : DOORKEEPER
    return runStatus(tiers, {
      forwarded: forwardedFor(this.#former, this.#startedAt, this.#status),
      isStored,
      isShared: isStored && reach === 'every process',
      detail: this.#reason ?? intended ?? turnedAway ?? (versions.degraded ? 'degraded' : unknown),
    })
  }

  get #reach(): Reach {
    return this.#versions === undefined ? 'nobody' : this.#parts.versions.reach(this.#versions)
  }

  /** As far as can be said while the head leaves. */
  get #willStore(): boolean {
    const isDecided = this.#verdict === undefined && this.#shared === undefined
    return isDecided && this.#isAdmitted && this.#reason === undefined && this.#reach !== 'nobody'
  }
}
