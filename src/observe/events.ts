/** The one channel out: everything the cache does is an event, and listeners cannot disturb a request. */

/** How a request was answered (RFC 9211): from an entry, from an aged entry, by the handler, around the cache, from another's run. */
export type Outcome = 'hit' | 'stale' | 'miss' | 'bypass' | 'collapsed'

/** `l1` is this process's memory, `l2` the store shared by all processes. */
export type TierName = 'l1' | 'l2'

/** A measured stretch of one request. */
export interface Interval {
  readonly name: string
  /** Milliseconds. */
  readonly ms: number
}

/** What kind of trouble a store or the versions had. */
export type TroubleKind =
  | 'connection'
  | 'timeout'
  | 'readonly'
  | 'memory'
  | 'loading'
  | 'auth'
  | 'type'
  | 'script'
  | 'decode'
  | 'overload'
  | 'other'

/** A user's function that failed. */
export type UserFunction = 'tags' | 'varyBy' | 'storable' | 'negative' | 'allow' | 'target' | 'fallback' | 'guard'

/** A request has its answer, or its handler was let run. */
export interface RequestEvent {
  readonly type: 'request'
  readonly route: string
  /** Undefined where the request never got a fingerprint. */
  readonly key: string | undefined
  readonly outcome: Outcome
  /** The tier that answered a hit. */
  readonly tier: TierName | undefined
  /** From our middleware's start to the decision: to the answer for a hit, to the handler's start for a miss. */
  readonly ms: number
  /** Why the outcome is not a hit: `method`, `authorization`, `range`, `is_not_cache`, … */
  readonly reason: string | undefined
  /** True where the cache sent it itself, to renew or to warm: nobody waits for its answer. Statistics count its run alone. */
  readonly background?: true
  /** The entry was used without Redis: it may lag behind writes of other processes. */
  readonly degraded: boolean
  readonly intervals: readonly Interval[]
}

/** A handler run that could have filled the cache is over. */
export interface RunEvent {
  readonly type: 'run'
  readonly route: string
  readonly key: string
  /** Undefined where no head was ever sent. */
  readonly status: number | undefined
  readonly stored: boolean
  /** Why it was not stored: `status-500`, `set-cookie`, `first-sight`, … */
  readonly reason: string | undefined
  /** Milliseconds from the handler's start to its whole answer. */
  readonly ms: number
  readonly intervals: readonly Interval[]
}

/** Tags were bumped by this process. */
export interface BumpEvent {
  readonly type: 'bump'
  readonly tags: readonly string[]
  /** `locally` when Redis did not confirm in time; it is told again once it answers. */
  readonly applied: 'everywhere' | 'locally'
  readonly journalled: boolean
  readonly ms: number
}

/** An answer could not be renewed in the background, however often that was tried: the handler is left alone for a while. */
export interface RebuildFailedEvent {
  readonly type: 'rebuild-failed'
  readonly route: string
  readonly key: string
  /** `status-500`, `late`, or an error's message. */
  readonly reason: string
}

/** A request was answered before its handler was: by a stale answer, by `fallback`, or by 504. The run goes on. */
export interface OvertakenEvent {
  readonly type: 'overtaken'
  readonly route: string
  readonly key: string
  readonly by: 'stale' | 'fallback' | 'timeout'
  /** Milliseconds since the request came. */
  readonly ms: number
}

/** A function given by the user threw or rejected; the request went on without the cache. */
export interface FunctionFailedEvent {
  readonly type: 'function-failed'
  readonly route: string
  readonly function: UserFunction
  readonly error: unknown
}

/** A handler read what is private to who asks and what the key does not cover: its answer is for nobody else. Told once for each route and path. */
export interface PrivateReadEvent {
  readonly type: 'private-read'
  readonly route: string
  /** The path of what was read: `req.session`, `req.headers.cookie`, `ctx.state.user`, … */
  readonly read: string
  /** How to key it. */
  readonly hint: string
}

/** An `invalidate` target that no route or entry ever carried. */
export interface UnknownTargetEvent {
  readonly type: 'unknown-target'
  readonly target: string
  readonly nearest: string | undefined
}

/** Redis became usable or unusable: one event per change. */
export interface RedisEvent {
  readonly type: 'redis'
  readonly state: 'up' | 'down'
  readonly reason: string
}

/** Operations on Redis began to fail in a new way, or have succeeded for a second without a failure (`kind` undefined): one event per change. */
export interface TroubleEvent {
  readonly type: 'trouble'
  readonly operation:
    | 'get'
    | 'set'
    | 'backlog'
    | 'versions'
    | 'bump'
    | 'announce'
    | 'intent'
    | 'claim'
    | 'bus'
    | 'generation'
  readonly kind: TroubleKind | undefined
  readonly message: string
}

/** What was found in Redis under our key is no entry of ours; the next store overwrites it. */
export interface UnreadableEvent {
  readonly type: 'unreadable'
  readonly key: string
  readonly reason: string
}

/** A Bloom filter began to answer (`up`), or to let everything pass (`open`): one event per change. */
export interface FilterEvent {
  readonly type: 'filter'
  readonly name: string
  readonly state: 'up' | 'open'
  /** `missing` = it is not in Redis, or not all of it: only `rebuild` brings back what was lost. */
  readonly reason: 'answers' | 'missing' | 'unreachable' | 'other-parameters'
  readonly message: string
}

/** Ids of writes that succeeded could not be added to a Bloom filter: they wait for Redis in this process, were added, or had to be given up. */
export interface FilterAddEvent {
  readonly type: 'filter-add'
  readonly name: string
  readonly outcome: 'waiting' | 'added' | 'lost'
  /** How many ids. */
  readonly count: number
  readonly reason: string
}

/** Everything a listener can be told. */
export type CacheEvent =
  | RequestEvent
  | RunEvent
  | BumpEvent
  | RebuildFailedEvent
  | OvertakenEvent
  | FunctionFailedEvent
  | PrivateReadEvent
  | UnknownTargetEvent
  | RedisEvent
  | TroubleEvent
  | UnreadableEvent
  | FilterEvent
  | FilterAddEvent

/** Is told of every event, in order, while the request waits: keep it short. What it throws is swallowed. */
export type Listener = (event: CacheEvent) => void

/** Joins listeners into one that never throws. */
export function broadcast(listeners: readonly Listener[]): Listener {
  return (event) => {
    for (const listener of listeners) {
      try {
        const result: unknown = listener(event)
        // An async listener must not end the process with an unhandled rejection.
        if (result instanceof Promise) result.catch(() => undefined)
      } catch {
        // There is nobody left to tell: the one channel out is what failed.
      }
    }
  }
}
