/*
 * The consistency protocol of tiercache, as a specification that runs.
 *
 * WHO. A database holds one register; each write makes it one greater. Writers commit, then bump the tag, then answer: from that answer on
 * the write is *acknowledged*. Readers arrive at processes. Each process has L1 (memory), a table of tokens, and two connections to Redis:
 * commands and a subscriber. Redis holds a version key for each tag, and L2.
 *
 * HOW. A version is a token. An answer is stored with the tokens that were read *before* its handler ran, and may be used for as long as
 * every one of them is still its tag's token. A bump makes a new token and tells it to all subscribers. So the whole question is: when may
 * a process believe that the token it holds is still the tag's? It may ask:
 *   - a *read* brings the token, with a *check* behind it: who answers, and which history (generation) do the server's data have?
 *   - an *echo* is published on the commands connection and comes back on the subscriber, behind everything that was told before it: what
 *     was read under this subscription and not forgotten since was still right when the echo was sent;
 *   - a *message* tells of a bump that nobody asked about, and makes forget.
 * In the default mode a token is used for up to D after the last such validation; a strong request asks anew. A process that cannot reach
 * Redis is *degraded*: it uses what it has for up to `maxStale`, makes tokens of its own, and keeps its bumps in a *journal*. A writer with
 * *intent* puts a *marker* in the token's place before it writes; it vanishes when the writer dies, and the next reader makes a new token.
 *
 * WHAT CAN HAPPEN. Every message, command and reply takes as long as it likes, and the two connections race; only what is on one connection
 * keeps its order. A process that takes no step while others do, and while the clock ticks, is a paused process. On top of that come
 * faults, a few of each: connections break with what is on them, version keys vanish, Redis restarts from an old snapshot, a replica that
 * lags is promoted while connections to the deposed primary live on, bumps are not confirmed, writers die.
 *
 * WHAT MUST HOLD. `properties.ts`: C0 to C4 of the contract and the promise of intent, judged whenever a reader gets an answer or a handler
 * begins to run.
 *
 * HOW IT IS SHOWN. Each scenario (`scenarios.ts`) is a few actors and faults; all their interleavings are explored, most of them without an
 * end to the clock. With all of the safeguards below nothing breaks. Without any one of them something does, and the explorer prints the
 * shortest way there (`variants.ts`). The same goes for what the contract assumes.
 */

/** What the protocol does so that nothing stale is served. */
export const safeguards = {
  /** A token is never used twice: it is no counter that starts again from 0 when its key is lost. */
  tokensAreUnique: true,
  /** The history of the server's data is part of each token: what a restored snapshot or a lossy failover brings back is something else. */
  generationIsPartOfTokens: true,
  /** Tokens are read before the handler runs, and those are stored: an invalidation during the run outlives its result. */
  tokensAreReadBeforeTheRun: true,
  /** A write commits before it bumps: whoever reads the new token reads the new data. */
  writesBumpAfterTheirCommit: true,

  /** Whoever asks for what is being looked up or run waits for it: one run for each fingerprint and versions (C4). */
  requestsShareFlights: true,
  /** A flight is joined only by those whose own versions are the flight's, or who find it still reading them. */
  flightsAreOfOneVersion: true,
  /** A strong request joins no flight before it has validated the versions itself. */
  strongRequestsJoinWithTheirOwnVersions: true,
  /** Versions of several tags count only if all of them are right when the last one is read. */
  versionsHoldTogether: true,

  /** A token is used for at most D after its last validation; for `maxStale` while Redis cannot be asked. */
  validationsExpire: true,
  /** A validation is dated by when it was sent: the reply may have waited for a paused process. */
  validationsAreDatedBySending: true,
  /** An echo proves what was read under the same subscription: before it, messages may have been lost. */
  silenceProvesNothing: true,
  /** A message makes forget. It installs no token: it may be older than what is held. */
  messagesOnlyMakeForget: true,
  /** A read is sent again if a message told of another token while it was under way: which of the two is newer, only Redis knows. */
  messagesVoidReads: true,
  /** A strong request uses only a validation that was sent after it arrived. */
  strongRequestsAskAnew: true,

  /** A version that was read counts once a check behind it, on the same connection, names the owner of the tag and the known generation. */
  readsAreChecked: true,
  /** An echo counts as far as such a check was sent with it ... */
  echoesAreChecked: true,
  /** ... and only on a subscription that was made at this very server: a replica passes echoes on, but not what was told before it was one. */
  subscriptionsAreOfTheSameHistory: true,
  /** A command without answer dies with its connection: it is not sent again before the generation was checked. */
  commandsAreNotSentAgain: true,

  /** While a bump is not confirmed by Redis, its process uses no tokens but its own for that tag. */
  journalComesBeforeTrust: true,
  /** Tokens made without Redis are forgotten once it is reached. */
  localTokensDieOnConnect: true,

  /** A token of a tag that is known only after the run counts only if it is certain that it was the tag's before the run. */
  lateTagsAreUnchanged: true,
  /** ... and certain means: by the clock of one and the same server history. */
  lateTagsAreOfOneGeneration: true,

  /** A living writer renews its marker, and sets it anew where it is gone. */
  markersAreRenewed: true,
  /** A marker vanishes without a word when its writers die: no echo proves it. */
  markersAreProvenByReadsAlone: true,
  /** A bump gives the marker of a writer at work another name: what ran under it before is of another version. */
  bumpsRenameMarkers: true,
  /** ... and so does the next renewal after a writer was given up: it may have committed. */
  deadWritersRenameMarkers: true,
  /** A plain bump leaves the marker of a writer at work. */
  bumpsLeaveMarkers: true,
  /** A writer that is done leaves the marker to those who are still at work. */
  writersLeaveMarkersToOthers: true,
}

/** One of the safeguards. */
export type Safeguard = keyof typeof safeguards

/** What is kept of the protocol. */
export type Safeguards = Readonly<Record<Safeguard, boolean>>

/** What the contract assumes of the world around it. */
export const assumptions = {
  /** A server that no longer acknowledges bumps says so when it is asked whether it is the owner. */
  deposedPrimariesKnowIt: true,
  /** The clock of a Redis server is never set back. */
  serverClocksNeverGoBack: true,
  /** What a writer sent to the database before it died takes effect within the life of its marker. */
  lastCommitsAreInTime: true,
  /** The marker of a writer that dies still stands: since its last renewal it was not lost, nor did it run out in a pause of the writer. */
  markersOfTheDeadStand: true,
}

/** One of the assumptions. */
export type Assumption = keyof typeof assumptions

/** The world as assumed. */
export type Assumptions = Readonly<Record<Assumption, boolean>>
