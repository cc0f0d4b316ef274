// The protocol without one of its safeguards, and the contract without one of its assumptions: each fails, and this is how.
import type { Assumption, Safeguard } from './protocol.ts'
import type { ScenarioName } from './scenarios.ts'

/** Something is left out, and goes wrong. */
export interface Variant {
  readonly without: readonly (Safeguard | Assumption)[]
  /** The scenario in which that shows. */
  readonly in: ScenarioName
  /** The clause, and what else the violation says. */
  readonly breaks: string
  /** Steps of the shortest trace without which it cannot happen, in their order. */
  readonly by: readonly string[]
}

const tokens: readonly Variant[] = [
  {
    without: ['tokensAreUnique'],
    in: 'lostKey',
    breaks: 'C0',
    by: ['W bumps and answers', 'P1 hears of t = 1', 'the key of t is lost', 'the read of t = 0'],
  },
  {
    without: ['generationIsPartOfTokens'],
    in: 'restart',
    breaks: 'C0',
    by: ['Redis saves a snapshot', 'W bumps and answers', 'Redis restarts', 'P1 connects', 'the read of t = 1.1'],
  },
  {
    without: ['generationIsPartOfTokens'],
    in: 'failover',
    breaks: 'C0',
    by: ['W bumps and answers', 'the replica is promoted', 'P1 connects', 'the read of t = 1.1'],
  },
  {
    without: ['tokensAreReadBeforeTheRun'],
    in: 'cold',
    breaks: 'C0',
    by: ["A's handler reads 0", 'W bumps and answers', "A's handler answers", 'Redis serves P1 the read', 'B arrives'],
  },
  {
    without: ['writesBumpAfterTheirCommit'],
    in: 'cold',
    breaks: 'C0',
    by: ['W bumps', 'Redis serves P1 the read', "A's handler reads 0", 'W commits and answers', 'B arrives'],
  },
]

const flights: readonly Variant[] = [
  {
    without: ['requestsShareFlights'],
    in: 'crowd',
    breaks: 'C4',
    by: ['A arrives', 'B arrives'],
  },
  {
    without: ['flightsAreOfOneVersion'],
    in: 'own',
    breaks: 'C2: its own process',
    by: ["A's handler reads 0", "P1 receives the answer to W's bump", 'B arrives', "A's handler answers"],
  },
  {
    without: ['strongRequestsJoinWithTheirOwnVersions'],
    in: 'strong',
    breaks: 'C1',
    by: ["A's handler reads 0", 'W bumps and answers', 'B arrives at P1, joins A', "A's handler answers"],
  },
  {
    without: ['versionsHoldTogether'],
    in: 'twoTags',
    breaks: 'C2: its own process',
    by: ['A arrives', 'receives the answer to the read of t', "the answer to W's bump", 'B arrives', 'the read of u'],
  },
]

const validations: readonly Variant[] = [
  {
    without: ['validationsExpire'],
    in: 'bus',
    breaks: 'C2: more than D',
    by: ['W bumps and answers', 'a tick passes', 'A arrives'],
  },
  {
    without: ['validationsAreDatedBySending'],
    in: 'bus',
    breaks: 'C2: more than D',
    by: ['Redis serves P1 the read of t = 1.1', 'W bumps and answers', 'a tick passes', 'P1 receives the answer'],
  },
  {
    without: ['silenceProvesNothing'],
    in: 'bus',
    breaks: 'C0',
    by: ['is cut off', 'subscribes anew', 'hears its echo'],
  },
  {
    without: ['messagesOnlyMakeForget'],
    in: 'twoWriters',
    breaks: 'C2: more than D',
    by: ["P1 receives the answer to W's bump", 'X bumps and answers', 'a tick passes', 'P1 hears of t', 'B arrives'],
  },
  {
    without: ['messagesVoidReads'],
    in: 'bus',
    breaks: 'C0',
    by: ['the read of t = 1.1', 'W bumps', 'P1 hears of t', 'P1 hears its echo', 'P1 receives the answer to the read'],
  },
  {
    without: ['strongRequestsAskAnew'],
    in: 'strongCut',
    breaks: 'C1',
    by: ['the read of t = 1.1', 'W bumps and answers', 'B arrives at P1, waits for the read under way'],
  },
]

const servers: readonly Variant[] = [
  {
    without: ['readsAreChecked'],
    in: 'failoverStrong',
    breaks: 'C1',
    by: ['the replica is promoted', 'W bumps and answers', 'B arrives at P1, reads the version', 'the read of t = 1.1'],
  },
  {
    without: ['echoesAreChecked'],
    in: 'failoverEcho',
    breaks: 'C0',
    by: ['the replica is promoted', 'W bumps and answers', 'P1 hears its echo', 'A arrives'],
  },
  {
    without: ['subscriptionsAreOfTheSameHistory'],
    in: 'split',
    breaks: 'C1',
    by: ['P1 connects', 'the read of t', 'W bumps', 'becomes a replica of the new one', 'P1 hears its echo'],
  },
  {
    // With a check behind each read nothing would come of it; with one check for each connection it does.
    without: ['commandsAreNotSentAgain', 'readsAreChecked'],
    in: 'restart',
    breaks: 'C0',
    by: ['A arrives', 'Redis restarts', 'P1 connects and sends again', 'the read of t = 1.1'],
  },
]

const outages: readonly Variant[] = [
  {
    without: ['journalComesBeforeTrust'],
    in: 'outage',
    breaks: 'C2: its own process',
    by: ['W on P1 sends its bump', 'P1 loses Redis', 'P1 connects', 'A arrives', 'the read of t = 1.1'],
  },
  {
    without: ['journalComesBeforeTrust'],
    in: 'unconfirmedStrong',
    breaks: 'C2: its own process',
    by: ["W's bump is refused", 'B arrives at P1, reads the version', 'the read of t = 1.1'],
  },
  {
    without: ['localTokensDieOnConnect'],
    in: 'away',
    breaks: 'C2: more than D',
    by: ['P1 loses Redis', "A's handler reads 0", 'W bumps and answers', 'P1 connects', 'B arrives'],
  },
]

const lateTags: readonly Variant[] = [
  {
    without: ['lateTagsAreUnchanged'],
    in: 'late',
    breaks: 'C0',
    by: ["A's handler reads 0", 'W bumps and answers', "A's handler answers", 'the read of t'],
  },
  {
    without: ['lateTagsAreOfOneGeneration'],
    in: 'lateFailover',
    breaks: 'C0',
    by: ["A's handler reads 0", 'W bumps', 'is promoted', 'P1 connects', "A's handler answers", 'the read of t = 1.1'],
  },
]

const intents: readonly Variant[] = [
  {
    without: ['markersAreRenewed'],
    in: 'intentPaused',
    breaks: 'intent',
    by: ['W sets its marker', 'a tick passes', 'the read of t', "A's handler reads 0", 'commits 1', 'B arrives'],
  },
  {
    without: ['markersAreProvenByReadsAlone'],
    in: 'intentEcho',
    breaks: 'intent',
    by: [
      'the read of t = !',
      "A's handler reads 0",
      'commits 1',
      'P1 hears its echo',
      'B arrives',
      "A's handler answers",
    ],
  },
  {
    without: ['bumpsRenameMarkers'],
    in: 'intentAndPlain',
    breaks: 'C1',
    by: ['the read of t = !', "A's handler reads 0", 'X bumps and answers', 'the read of t = !', "A's handler answers"],
  },
  {
    without: ['deadWritersRenameMarkers'],
    in: 'survivor',
    breaks: 'intent',
    by: [
      'the read of t = !',
      "A's handler reads 0",
      'the dead W commits',
      'markers are renewed',
      'B arrives',
      "A's handler answers",
    ],
  },
  {
    without: ['bumpsLeaveMarkers'],
    in: 'mortalAndPlain',
    breaks: 'intent',
    by: ['W sets its marker', 'X bumps and answers', "A's handler answers", 'the dead W commits', 'B arrives'],
  },
  {
    without: ['writersLeaveMarkersToOthers'],
    in: 'intents',
    breaks: 'intent',
    by: ['W sets its marker', 'X ends its marker', "A's handler answers", 'the dead W commits', 'B arrives'],
  },
]

/** A variant for each safeguard. */
export const variants: readonly Variant[] = [
  ...tokens,
  ...flights,
  ...validations,
  ...servers,
  ...outages,
  ...lateTags,
  ...intents,
]

/** What the contract assumes is needed, every word of it. */
export const smallPrint: readonly Variant[] = [
  {
    without: ['deposedPrimariesKnowIt'],
    in: 'failoverStrong',
    breaks: 'C1',
    by: ['the replica is promoted', 'W bumps and answers', 'B arrives', 'the read of t = 1.1'],
  },
  {
    without: ['serverClocksNeverGoBack'],
    in: 'lateClock',
    breaks: 'C0',
    by: ["A's handler reads 0", 'W bumps and answers', 'the key of t is lost', "the server's clock is set back"],
  },
  {
    without: ['lastCommitsAreInTime'],
    in: 'intentLost',
    breaks: 'intent',
    by: ['W sets its marker', 'W dies', 'a tick passes', "A's handler reads 0", 'the dead W commits', 'B arrives'],
  },
  {
    without: ['markersOfTheDeadStand'],
    in: 'intentLost',
    breaks: 'intent',
    by: ['W sets its marker', 'the key of t is lost', "A's handler reads 0", 'the dead W commits', 'B arrives'],
  },
  {
    without: ['markersOfTheDeadStand'],
    in: 'intentPaused',
    breaks: 'intent',
    by: ['a tick passes while W is paused', "A's handler reads 0", 'the dead W commits', 'B arrives'],
  },
]
