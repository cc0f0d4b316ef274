/** The algorithm: bypass, hit, collapsed, miss. It holds no state of its own. */
import { Answering } from './answering.ts'
import { keyOf, reportFailure, tagsOf, unhashable } from './asking.ts'
import { type Clock, within } from './clock.ts'
import type { Coder } from './coder.ts'
import { confirms, type Entry, freshness, type VersionSet } from './entry.ts'
import type { Fingerprints } from './fingerprint.ts'
import { answerOf, type Boarding, boarding, type Flight, type Flights, failureOf, type Landing } from './flights.ts'
import type { Backoffs } from './guard/backoffs.ts'
import type { Claim, Claims } from './guard/claims.ts'
import { joinMembers, tierMember } from './http/cache-status.ts'
import type { Exchange, RunObserver } from './http/exchange.ts'
import { isSafe } from './invalidation.ts'
import { type Answer, lookUp } from './look-up.ts'
import { andThen, attempt } from './maybe.ts'
import type { Listener } from './observe/events.ts'
import type { OnceTold } from './observe/once-told.ts'
import { coding, watcher } from './passing.ts'
import { readFlag, refusal } from './refusal.ts'
import type { Renewals } from './renewals.ts'
import { rescuing } from './rescuing.ts'
import { wantsOwn } from './reuse.ts'
import type { Route } from './route.ts'
import { Run } from './run.ts'
import { isLimited, limitWait, type Waited } from './run-limits.ts'
import type { Serving } from './serving.ts'
import type { Found, Tiers } from './store/tiers.ts'
import { type Turn, takeTurn } from './take-turn.ts'
import type { Unshared } from './unshared.ts'
import { invalidatedBy } from './uri-tags.ts'
import { isChosenBy, variantKey } from './variant.ts'
import type { Versions } from './versions/versions.ts'
import { type Place, Visit } from './visit.ts'

/** The parts the engine works with, chosen by the composition root. */
export interface EngineParts {
  readonly clock: Clock
  readonly tiers: Tiers
  readonly versions: Versions
  readonly flights: Flights<Entry>
  /** One run in all processes; undefined without Redis. */
  readonly claims: Claims | undefined
  readonly fingerprints: Fingerprints
  readonly coder: Coder
  readonly tell: Listener
  readonly onceTold: OnceTold
  /** Milliseconds that all work on the shared tier may take before a handler runs. */
  readonly budget: number
  /** Whether anyone listens: only then are intervals measured everywhere. */
  readonly timed: boolean
  /** Places whose early names have been read. */
  readonly prepared: WeakSet<Place>
  /** Is told the tags of what is stored. */
  readonly noteTags: (tags: readonly string[]) => void
  readonly random: () => number
  /** Decides by the ages. */
  readonly serving: Serving
  /** Keys that are being asked for in the background. */
  readonly renewals: Renewals
  /** Handlers that failed a moment ago. */
  readonly backoffs: Backoffs
  /** Keys that nobody waits for. */
  readonly unshared: Unshared
  /** Bumps what an unsafe request has changed, where header fields say what that is. Never rejects. */
  readonly invalidate: (tags: readonly string[]) => void | Promise<void>
}

/** Versions, or their reading under way; undefined when they cannot be known. */
type Reading = VersionSet | Promise<VersionSet | undefined>

/** What a request that memory could not answer looks for. */
interface Search {
  readonly tags: readonly string[]
  /** An entry in memory that is good if its versions still are. */
  readonly suspect: Entry | undefined
  /** Neither waits for others nor lets them wait. */
  readonly alone: boolean
  /** The shared tier was asked a moment ago, by the flight that it waited for. */
  readonly isLookedUp?: boolean
}

/** So many that wait for one run are a crowd. */
const CROWD = 16

/** Answers requests; one for each cache. */
export class Engine {
  readonly #parts: EngineParts
  readonly #answering: Answering

  constructor(parts: EngineParts) {
    this.#parts = parts
    this.#answering = new Answering(parts)
  }

  /**
   * Takes one request through the cache.
   *
   * @returns nothing when the answer is on its way, else what the framework must wait for; rejects only with the handler's own error
   */
  handle(exchange: Exchange, route: Route, place: Place): void | Promise<void> {
    const { clock, timed } = this.#parts
    const visit = new Visit(exchange, route, place, clock, timed || route.serverTiming)
    const refused = refusal(route, exchange.request)
    if (refused === 'method') return this.#passUntouched(visit)
    if (refused !== undefined) return this.#bypass(visit, refused)
    const flag = readFlag(route, exchange.request)
    if (flag === 'yes') return this.#flagged(visit)
    visit.readOnly = flag === 'odd' || visit.asked.has('no-store')
    return this.#enter(visit)
  }

  /** The hit path: no promise between the request and its answer. */
  #enter(visit: Visit): void | Promise<void> {
    const { route } = visit
    if (route.degrade !== 'l1' && this.#answering.degraded) return this.#goWithout(visit)
    return andThen(keyOf(this.#parts, visit), (key) => {
      if (key === undefined) return this.#bypass(visit, unhashable(visit))
      visit.base = visit.key = key
      visit.mark('fingerprint')
      return this.#meet(visit)
    })
  }

  #meet(visit: Visit): void | Promise<void> {
    const { versions, clock } = this.#parts
    const entry = this.#inMemory(visit)
    if (entry === undefined) return this.#seek(visit, undefined)
    const now = clock.now()
    const state = freshness(entry, versions, visit.terms, now)
    visit.mark('l1')
    if (state === 'unvalidated') return visit.route.strong ? this.#validate(visit, entry) : this.#seek(visit, entry)
    if (state !== 'dead' && this.#parts.serving.mayAnswer(visit, entry, now))
      return this.#answering.entry(visit, entry, 'hit', 'l1')
    return this.#seek(visit, undefined)
  }

  /** Strong consistency: whether an entry may answer is asked for each request, after it came. */
  async #validate(visit: Visit, entry: Entry): Promise<void> {
    const { versions, clock } = this.#parts
    const current = await this.#within(visit, Promise.resolve(versions.read(entry.versions.tags, visit.terms)))
    visit.mark('versions')
    if (visit.exchange.gone) return
    if (current === undefined) return this.#goWithout(visit)
    if (
      confirms(current, entry.versions) &&
      clock.now() < entry.expiresAt &&
      this.#parts.serving.mayAnswer(visit, entry)
    )
      return this.#answering.entry(visit, entry, 'hit', 'l1')
    return this.#seek(visit, undefined)
  }

  /** What memory has, by way of the request's variant where there are several. */
  #inMemory(visit: Visit): Entry | undefined {
    const { memory } = this.#parts.tiers
    const entry = memory.get(visit.base)
    if (entry?.variants === undefined) return entry
    visit.key = variantKey(visit.base, entry.variants.names, visit.exchange.request)
    return memory.get(visit.key)
  }

  /** What Redis says within what is left of the request's budget; undefined where that is nothing. */
  async #within<T>(visit: Visit, work: Promise<T>): Promise<T | undefined> {
    const { clock } = this.#parts
    const askedAt = clock.now()
    const answer = await within(clock, this.#left(visit), work, () => new Error('late')).catch(() => undefined)
    visit.waited += clock.now() - askedAt
    return answer
  }

  #left(visit: Visit): number {
    return Math.max(0, this.#parts.budget - visit.waited)
  }

  /** Redis does not answer, and the route wants nothing from memory then. */
  #goWithout(visit: Visit): void | Promise<void> {
    if (visit.route.degrade !== 'error') return this.#bypass(visit, 'degraded')
    this.#answering.unavailable(visit)
  }

  /** Nothing usable at hand: waits for a flight of this key and these versions, or leads one. */
  #seek(visit: Visit, suspect: Entry | undefined): void | Promise<void> {
    const { route, exchange } = visit
    return andThen(tagsOf(this.#parts, visit), (tags) => {
      if (tags === undefined) return this.#bypass(visit, 'tags-failed')
      const isOwn = visit.readOnly || visit.ranged || wantsOwn(visit.asked)
      const isApart = isOwn || exchange.request.method === 'HEAD' || route.maxFollowers === 0
      const alone = isApart || this.#parts.unshared.has(visit.key)
      const search = { tags, suspect, alone }
      return this.#join(visit, search) ?? this.#board(visit, search, this.#readVersions(tags, visit))
    })
  }

  /** A flight that still reads is never behind one who comes now: who joins it reads nothing, and a crowd would read a lot. */
  #join(visit: Visit, search: Search): Promise<void> | undefined {
    const flight = search.alone ? undefined : this.#parts.flights.get(visit.key)
    if (flight === undefined || flight.versions !== undefined) return undefined
    return this.#boarding(visit, flight, undefined) === 'follow' ? this.#follow(visit, search, flight) : undefined
  }

  /** Waits or leads; called again by those whose flight ended without an answer for them. */
  async #board(visit: Visit, search: Search, reading: Reading): Promise<void> {
    const known = reading instanceof Promise ? undefined : reading
    const flight = this.#parts.flights.get(visit.key, known)
    const next = search.alone || this.#isForNobody(known) ? 'alone' : this.#boarding(visit, flight, known)
    if (next === 'follow') return this.#follow(visit, search, flight!)
    if (next === 'wait') {
      const learned = await this.#within(
        visit,
        flight!.learned.then(() => true),
      )
      return learned === undefined ? this.#boardUnsure(visit, search) : this.#board(visit, search, reading)
    }
    if (next !== 'read-first') return this.#lead(visit, { ...search, alone: next === 'alone' }, reading)
    const read = await this.#within(visit, Promise.resolve(reading))
    return read === undefined ? this.#boardUnsure(visit, search) : this.#board(visit, search, read)
  }

  /**
   * Redis did not say in time what this request may be answered with: it runs by itself. Only a crowd, which may be what keeps Redis busy,
   * does not run as one: who finds many that wait for a run waits for it, too, once, and looks again then.
   */
  async #boardUnsure(visit: Visit, search: Search): Promise<void> {
    const { route } = visit
    const flight = visit.isUnsure || route.degrade !== 'l1' ? undefined : this.#parts.flights.get(visit.key)
    const isCrowd = flight !== undefined && flight.followers >= CROWD && flight.followers < route.maxFollowers
    if (!isCrowd) return this.#leadUnknown(visit, search)
    visit.isUnsure = true
    const waited = await this.#landing(visit, flight)
    if (visit.exchange.gone) return
    return 'instead' in waited ? this.#answering.instead(visit, waited.instead, waited.by) : this.#meet(visit)
  }

  /** The end of a flight, or what goes out before it. */
  async #landing(visit: Visit, flight: Flight<Entry>): Promise<Waited<Landing<Entry>>> {
    const waiting = flight.follow()
    if (!isLimited(visit)) return { landing: await waiting }
    const isAnswer = (landing: Landing<Entry>) => answerOf(landing) !== undefined
    return limitWait(this.#parts, visit, waiting, this.#answering.standIn(visit), isAnswer)
  }

  /** Who runs alone because nothing was known in time must not learn it after all: what it makes is shared with nobody. */
  #leadUnknown(visit: Visit, search: Search): Promise<void> {
    return this.#lead(visit, { ...search, alone: true }, Promise.resolve(undefined))
  }

  /** A writer is at work: whatever is read may be gone before anyone hears of it. */
  #isForNobody(versions: VersionSet | undefined): boolean {
    return versions !== undefined && this.#parts.versions.reach(versions) === 'nobody'
  }

  async #follow(visit: Visit, search: Search, flight: Flight<Entry>): Promise<void> {
    // Who joins while Redis is away goes by what was known before: so it is, however long the flight lasts.
    const degraded = this.#answering.degraded
    const waited = await this.#landing(visit, flight)
    visit.waited = 0
    if (visit.exchange.gone) return
    visit.mark('flight')
    if ('instead' in waited) return this.#answering.instead(visit, waited.instead, waited.by)
    const { landing } = waited
    const failure = failureOf(landing)
    if (failure !== undefined && visit.route.sharesFailures) return this.#answering.failure(visit, failure)
    const answer = answerOf(landing)
    const isChosen = answer !== undefined && isChosenBy(answer, visit.exchange.request)
    if (isChosen && this.#parts.serving.mayAnswer(visit, answer))
      return this.#answering.entry(visit, answer, 'collapsed', 'flight', degraded)
    // Another one may have led and landed since, or what was found is for other headers: memory knows, where it was stored.
    const isElsewhere = answer !== undefined && !isChosen && this.#parts.tiers.memory.get(visit.base) !== undefined
    if (landing === 'again' || isElsewhere) return this.#meet(visit)
    return this.#lead(visit, { ...search, alone: true, isLookedUp: true }, this.#readVersions(search.tags, visit))
  }

  #boarding({ route, terms }: Visit, flight: Flight<Entry> | undefined, known: VersionSet | undefined): Boarding {
    const trustedSince = Math.max(terms.since, this.#parts.clock.now() - terms.bound)
    return boarding(flight, known, route.maxFollowers, trustedSince)
  }

  /** Looks the shared tier up, and runs the handler when it knows nothing either. */
  async #lead(visit: Visit, search: Search, reading: Reading): Promise<void> {
    const { tiers } = this.#parts
    const { route } = visit
    const known = reading instanceof Promise ? undefined : reading
    const flight = search.alone ? undefined : this.#takeOff(visit, reading)
    // With versions at hand and nobody to ask nothing is awaited: the handler runs at once.
    const isReady = known !== undefined && (tiers.shared === undefined || search.isLookedUp === true)
    const { versions, found } = isReady ? { versions: known } : await this.#lookUp(visit, search, reading)
    if (found !== undefined) return this.#answerFound(visit, found, flight)
    if (visit.asked.has('only-if-cached')) {
      flight?.land('again')
      return this.#answering.nothing(visit)
    }
    if (versions === undefined && route.degrade === 'error') {
      flight?.land('alone')
      return this.#goWithout(visit)
    }
    this.#inform(flight, versions)
    if (flight === undefined || !this.#isForFleet(route, versions)) return this.#run(visit, flight, versions)
    return this.#runInFleet(visit, search, flight, versions)
  }

  #takeOff({ key, route }: Visit, reading: Reading): Flight<Entry> {
    const { flights } = this.#parts
    if (!(reading instanceof Promise)) return flights.start(key, reading, route.flightDeadline)
    const flight = flights.start(key, undefined, route.flightDeadline)
    // At once, not when the look-up is over: whoever knows of a later invalidation must not wait for this flight.
    void reading.then((read) => flight.learn(read))
    return flight
  }

  /** Without versions nobody who comes later may be told what the run finds; while a writer is at work nobody at all. */
  #inform(flight: Flight<Entry> | undefined, versions: VersionSet | undefined): void {
    if (versions === undefined) flight?.close()
    else if (this.#isForNobody(versions)) flight?.land('again')
    else flight?.learn(versions)
  }

  #isForFleet(route: Route, versions: VersionSet | undefined): versions is VersionSet {
    return route.fleet && versions !== undefined && this.#parts.versions.reach(versions) === 'every process'
  }

  /** Runs where no other process does, else waits for what that one finds. */
  async #runInFleet(visit: Visit, search: Search, flight: Flight<Entry>, versions: VersionSet): Promise<void> {
    const { route } = visit
    const turn = await this.#turn(visit, search, flight, versions)
    if (turn === undefined) return
    if (turn.found !== undefined) return this.#answerFound(visit, turn.found, flight, true)
    const isUnknown = turn.unanswered === true || turn.versions === undefined
    if (visit.exchange.gone || (isUnknown && route.degrade === 'error')) {
      flight.land(visit.exchange.gone ? 'again' : 'alone')
      turn.claim?.land('again')
      return visit.exchange.gone ? undefined : this.#goWithout(visit)
    }
    const twin = this.#twin(visit, flight, turn.versions)
    if (twin === undefined) {
      this.#inform(flight, turn.versions)
      return this.#run(visit, flight, turn.versions, turn.claim)
    }
    flight.land('again')
    turn.claim?.land('again')
    return this.#follow(visit, search, twin)
  }

  /** Two flights whose versions met only now, and that a claim which Redis lost tells no more apart: one run is enough for both. */
  #twin(visit: Visit, flight: Flight<Entry>, versions: VersionSet | undefined): Flight<Entry> | undefined {
    const twin = versions === undefined ? undefined : this.#parts.flights.twin(visit.key, flight, versions)
    return this.#boarding(visit, twin, versions) === 'follow' ? twin : undefined
  }

  /** Whose turn it is; undefined where the client got something else, because finding out takes longer than the route lets it wait. */
  async #turn(visit: Visit, search: Search, flight: Flight<Entry>, versions: VersionSet): Promise<Turn | undefined> {
    const taking = takeTurn(this.#parts, {
      key: visit.key,
      versions,
      deadline: visit.route.flightDeadline,
      left: () => this.#left(visit),
      look: () => this.#lookUp(visit, search, this.#readVersions(search.tags, visit)),
      waited: () => {
        visit.waited = 0
      },
    })
    if (!isLimited(visit)) return taking
    const waited = await limitWait(
      this.#parts,
      visit,
      taking,
      this.#answering.standIn(visit),
      ({ found }) => found !== undefined,
    )
    if ('landing' in waited) return waited.landing
    // The other process runs on. A turn that comes now has nobody left to run for.
    flight.land('again')
    void taking.then(({ claim }) => claim?.land('again'))
    if (!visit.exchange.gone) this.#answering.instead(visit, waited.instead, waited.by)
    return undefined
  }

  async #lookUp(visit: Visit, { tags, suspect }: Search, reading: Reading): Promise<Answer> {
    const { terms, exchange } = visit
    const variant = (names: readonly string[]) => (visit.key = variantKey(visit.base, names, exchange.request))
    const budget = this.#left(visit)
    const askedAt = this.#parts.clock.now()
    const answer = await lookUp(this.#parts, { key: visit.base, variant, tags, terms, budget, reading, suspect })
    visit.waited += this.#parts.clock.now() - askedAt
    if (answer.lead !== undefined)
      this.#parts.tiers.memory.set(visit.base, { ...answer.lead, quota: visit.route.quota })
    visit.mark('l2')
    if (answer.found !== undefined && !this.#parts.serving.mayAnswer(visit, answer.found.entry))
      return { versions: answer.versions }
    return answer
  }

  /** @param collapsed another process made it while this one waited */
  #answerFound(visit: Visit, { entry, tier }: Found, flight: Flight<Entry> | undefined, collapsed = false): void {
    const kept = tier === 'l1' ? entry : this.#backFill(visit, entry)
    flight?.land({ answer: kept })
    if (!visit.exchange.gone)
      this.#answering.entry(visit, entry, collapsed ? 'collapsed' : 'hit', collapsed ? 'fleet' : tier)
  }

  /** A HEAD answer is no answer to GET, and one that a flag may have shaped is for its asker: such a run is only passed on. */
  #run(
    visit: Visit,
    flight: Flight<Entry> | undefined,
    versions: VersionSet | undefined,
    claim?: Claim,
  ): void | Promise<void> {
    if (visit.ranged) return this.#bypass(visit, 'range')
    this.#answering.tell(visit, 'miss')
    if (visit.exchange.request.method === 'HEAD' || visit.readOnly)
      return this.#runWatched(visit, this.#rescuing(visit, watcher(this.#parts.tiers, 'miss')))
    return visit.exchange.run(new Run(this.#parts, visit, { flight, claim }, versions))
  }

  /** Memory learns what the shared tier knew; seen from memory, that tier is a cache nearer the origin. */
  #backFill({ key, route }: Visit, entry: Entry): Entry {
    const { tiers, unshared } = this.#parts
    const upper = tierMember('l2', { hit: true })
    const kept = { ...entry, via: joinMembers(entry.via, upper), quota: route.quota }
    tiers.memory.set(key, kept)
    // Another process could share its answer.
    unshared.forget(key)
    return kept
  }

  #passUntouched(visit: Visit): void | Promise<void> {
    const { route, exchange } = visit
    this.#answering.tell(visit, 'bypass', undefined, 'method')
    if (route.honour === undefined || isSafe(exchange.request.method)) return exchange.run(undefined)
    return exchange.write((head) => this.#parts.invalidate(invalidatedBy(exchange.request, head, route)))
  }

  #bypass(visit: Visit, reason: string): void | Promise<void> {
    this.#answering.tell(visit, 'bypass', undefined, reason)
    const observer = watcher(this.#parts.tiers, 'bypass', reason, reason === visit.route.flag)
    return this.#runWatched(visit, reason === 'range' ? this.#rescuing(visit, observer) : observer)
  }

  #rescuing(visit: Visit, observer: RunObserver): RunObserver {
    return rescuing(this.#parts, observer, visit, this.#answering.standIn(visit))
  }

  #runWatched({ route, exchange }: Visit, observer: RunObserver): void | Promise<void> {
    return exchange.run(coding(observer, route.compress, exchange.request))
  }

  /** `?is_not_cache=1`: where the user's guard agrees, around the cache or through a run that renews the entry. */
  #flagged(visit: Visit): void | Promise<void> {
    const { route, exchange } = visit
    // A guard that fails lets nobody around the cache.
    const allowed = attempt(
      () => route.allow?.(...exchange.subject) ?? true,
      (error) => reportFailure(this.#parts, visit, 'allow', error),
    )
    return andThen(allowed, (yes) => {
      if (yes) return route.refresh ? this.#refresh(visit) : this.#bypass(visit, route.flag!)
      visit.readOnly = readFlag(route, exchange.request, true) === 'odd'
      return this.#enter(visit)
    })
  }

  /** Runs the handler whatever is stored, and stores what it answers. */
  async #refresh(visit: Visit): Promise<void> {
    const key = await keyOf(this.#parts, visit)
    if (key === undefined) return this.#bypass(visit, unhashable(visit))
    visit.base = visit.key = key
    // What is to be renewed is let in.
    visit.route.doorkeeper?.knows(key)
    const tags = await tagsOf(this.#parts, visit)
    if (tags === undefined) return this.#bypass(visit, 'tags-failed')
    const versions = await this.#readVersions(tags, visit)
    return this.#run(visit, undefined, versions)
  }

  /** The present versions; undefined when they cannot be known. */
  #readVersions(tags: readonly string[], { terms, place }: Visit): Reading {
    const { versions, prepared } = this.#parts
    const early = place.early === undefined || prepared.has(place) ? [] : place.early
    const reading = versions.read([...tags, ...early], terms)
    const pick = ({ tokens }: VersionSet): VersionSet => {
      if (early.length > 0) prepared.add(place)
      return { tags, tokens: tokens.slice(0, tags.length) }
    }
    return reading instanceof Promise ? reading.then(pick, () => undefined) : pick(reading)
  }
}
