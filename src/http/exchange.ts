/** The port between a framework's adapter and the engine: one request, its handler's run, its answer. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Instant } from '../clock.ts'
import type { Negotiated } from './accept-encoding.ts'
import type { Advertised } from './advertised.ts'
import type { CodedBodies, Coding } from './coding.ts'
import type { HeaderField } from './headers.ts'
import type { Read } from './reads.ts'
import type { WatchPlan } from './watch-plan.ts'

/** The request as the framework sees it, under the framework's own trust-proxy setting. */
export interface CacheRequest {
  readonly method: string
  /** `http` or `https`. */
  readonly scheme: string
  /** Host and, where given, port, as the client addressed them. */
  readonly host: string
  /** Path and query as the client sent them, before any mounting or rewriting. */
  readonly url: string
  /** Path, and query where that was changed too, of the URL that routes and handlers see, where something rewrote it. */
  readonly rewritten: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Whether a body came, or is still to come, with the request. */
  readonly hasBody: boolean
  /** The parsed body, if something parsed it before us. */
  readonly body: unknown
}

/** Status and header fields of an answer, as they cross the cache's place. */
export interface ResponseHead {
  readonly status: number
  /** Set only where it differs from the standard phrase. */
  readonly statusMessage?: string
  readonly headers: readonly HeaderField[]
}

/** A whole answer, fit to be sent again. Nobody may write to it. */
export interface StoredResponse extends ResponseHead {
  /** Names the handler removed that something before the cache had set. */
  readonly removed: readonly string[]
  readonly body: Buffer
  /** The same bytes coded, as far as someone wanted them; in memory only. */
  readonly coded?: CodedBodies | undefined
}

/** What the engine says when the head of a run's answer crosses the cache's place. */
export interface HeadDecision {
  /** Keep a copy of the body, at most `maxBodyBytes` of it. */
  readonly keep: boolean
  readonly maxBodyBytes: number
  /** The field that says how the cache treated the request (RFC 9211), without the handler's own members. */
  readonly cacheStatus?: string | undefined
  /** A `Server-Timing` field to add. */
  readonly serverTiming?: string | undefined
  /** The life of the answer, where clients are told it. */
  readonly advertised?: Advertised | undefined
  /** What the client may get of the answer in this cache's codings; undefined where it is never coded. */
  readonly negotiated?: Negotiated | undefined
  /** A stored answer that goes out in this one's place: a 304 confirmed it, or it stands in for a failure. */
  readonly replacement?: Replacement | undefined
  /** Something may go out in the place of a failure: until that is known, nothing leaves. Never rejects. */
  readonly pending?: Promise<Replacement | undefined> | undefined
  /** Answer a conditional client with 304 when the validators match: the handler never saw them. */
  readonly conditional: boolean
}

/** A stored answer in the place of the handler's, and the fields it goes with. */
export interface Replacement {
  readonly response: StoredResponse
  readonly delivery: Delivery
}

/** Validators of a stored answer, for the handler to confirm it by (RFC 9111 §4.3.1). */
export interface Validators {
  readonly etag: string | undefined
  readonly lastModified: string | undefined
}

/** What a run was seen to do before its head crossed our place. */
export interface Seen {
  /** Lower-case names of the header fields it set or removed. */
  readonly touched: ReadonlySet<string>
  /** Paths of the private things it read, whatever their values, in the order of the first reading. */
  readonly reads: readonly string[]
  /** What `work` reads of them before it returns. */
  readBy<T>(work: () => T): Read<T>
}

/** Why a run's answer did not become whole. */
export type Incomplete = 'client-left' | 'too-large' | 'truncated' | 'failed' | 'trailers' | 'detached'

/** What the engine wants to know of a run. Each method is called at most once; `done` always is, in the end. */
export interface RunObserver {
  /** The answer may be kept: the handler must not see the client's validators, so that it answers in full. */
  readonly fills: boolean
  /** No other cache middleware on the way may take the request. */
  readonly claims: boolean
  /** What of the request is private to who asks; undefined where nobody wants to know whether it is read. */
  readonly watches?: WatchPlan | undefined
  /** What the handler is asked to confirm; its 304 is then for the cache. */
  readonly validators?: Validators | undefined
  /** The handler is told that it can say what a surrogate may do with its answer. */
  readonly surrogate?: boolean
  /** The head may decide on a stored answer in the handler's place: it is asked before the first bytes go on. */
  readonly mayReplace?: boolean
  /** Somebody may answer in the place of the run: see `Exchange.overtake`. */
  readonly mayBeOvertaken?: boolean
  /** The handler failed without an answer: what goes out in its place, if anything. */
  rescue?(error: Error): Replacement | undefined | Promise<Replacement | undefined>
  /**
   * The head crosses our place. `head` holds every field that will be sent, ours excepted;
   * `length` is the body's, where the whole body is known by now; `seen` is there where something was watched;
   * `touched` are the lower-case names of the fields that the run set or removed.
   */
  head(head: ResponseHead, length?: number, seen?: Seen, touched?: ReadonlySet<string>): HeadDecision
  /** The client has held back-pressure for 100 ms: nobody else should wait for this run. */
  stalled(): void
  /**
   * The run is over: the whole answer, nothing (`keep` was false), or why it did not become whole.
   *
   * @param thrown the status of what the handler threw, where it did
   */
  done(result: StoredResponse | Incomplete | undefined, thrown?: number): void
}

/** How an entry answers: fields that belong to this answer alone, added to the stored ones. */
export interface Delivery {
  /** Left out where no cache was asked. */
  readonly cacheStatus?: string | undefined
  /** Whole seconds since the answer was made; left out for an answer of the cache's own. */
  readonly age?: number | undefined
  /** The life of the answer, where clients are told it. */
  readonly advertised?: Advertised | undefined
  readonly serverTiming?: string | undefined
  /** What the client may get of it in this cache's codings; undefined where it is never coded. */
  readonly negotiated?: Negotiated | undefined
  /** The fields of its coded forms, where someone keeps them. */
  readonly fieldsOf?: ((response: StoredResponse, coding: Coding) => readonly HeaderField[]) | undefined
}

/** One request on its way through the cache. */
export interface Exchange {
  readonly request: CacheRequest
  /** What the user's functions are called with: `[req, res]` or `[ctx]`. */
  readonly subject: readonly unknown[]
  /** The client's connection is gone: nothing that is sent would arrive. */
  readonly gone: boolean
  /**
   * Runs the handler with the client attached; the bytes pass straight through.
   * Without an observer nothing is watched and nothing is added.
   *
   * @returns what the framework must wait for; rejects only with the handler's own error
   */
  run(observer: RunObserver | undefined): void | Promise<void>
  /**
   * Runs a handler that may write, and holds its answer back while `act` is pending.
   *
   * @param act is told the head of the answer
   */
  write(act: (head: ResponseHead) => void | Promise<void>): void | Promise<void>
  /** Answers from an entry: in full, with 304, or without body to HEAD. */
  send(response: StoredResponse, delivery: Delivery): void
  /**
   * Answers the client in the place of the run under way, which goes on unseen and may still fill the cache. Its observer must have said
   * that it may be overtaken.
   *
   * @returns false where nothing was done: the run's head has crossed our place or left already, there is no run, the client is gone, or
   * there never was one
   */
  overtake(response: StoredResponse, delivery: Delivery): boolean
  /** Sent by ourselves, with nobody waiting for the answer. */
  readonly detached?: boolean | undefined
  /** Sent by ourselves to renew an answer whose freshness ends at this instant: that one is no answer to it. */
  readonly renews?: Instant | undefined
  /**
   * Sends the request again through the application, without a client, to renew what is fresh until `staleAt`; resolves with the status it
   * was answered with. Absent where it cannot be sent.
   */
  readonly fork?: ((staleAt: Instant) => Promise<number>) | undefined
  /** Names of the routes that answered, once the head has crossed our place; none where the mount is the route. */
  answeredBy(): readonly string[]
}
