// The scenarios: each with a few actors and only the faults it is about, so that all its interleavings can be explored.
import type { Scenario } from './parts/scenario.ts'

const READER = { at: 0 } as const
const LAST = { at: 0, last: true } as const
const NEIGHBOUR = { at: 1 } as const
const STRONG = { at: 0, kind: 'strong' } as const
const LATE = { at: 0, kind: 'late' } as const
const ELSEWHERE = {} as const
const HERE = { at: 0 } as const
const INTENT = { intent: true } as const
const DOOMED = { intent: true, dies: 'always' } as const
const ENDLESS = { intent: true, endless: true } as const
const MORTAL = { intent: true, dies: 'maybe' } as const

export const scenarios = {
  bus: {
    name: 'readers of a process whose subscriber may be cut off, and a write elsewhere',
    readers: [READER, READER],
    writers: [ELSEWHERE],
    events: { echo: 1, cutBus: 1 },
    warm: true,
  },
  cold: {
    name: 'readers who begin with nothing, and two writes elsewhere',
    readers: [READER, READER],
    writers: [ELSEWHERE, ELSEWHERE],
    events: { tick: 1 },
  },
  crowd: {
    name: 'three readers of one process, and a write elsewhere',
    readers: [READER, READER, READER],
    writers: [ELSEWHERE],
    warm: true,
  },
  own: {
    name: 'a write and its readers on one process',
    readers: [READER, READER],
    writers: [HERE],
  },
  twoWriters: {
    name: 'readers on a process that writes while another one writes as well',
    readers: [READER, READER],
    writers: [HERE, ELSEWHERE],
    events: { tick: 1 },
    warm: true,
  },
  shared: {
    name: 'two processes that share L2, one of which writes',
    readers: [READER, NEIGHBOUR],
    writers: [HERE],
    shared: true,
    events: { tick: 1 },
    warm: true,
  },
  strong: {
    name: 'a strong reader, one who is not, and a write elsewhere',
    readers: [READER, STRONG],
    writers: [ELSEWHERE],
  },
  strongCut: {
    name: 'strong readers of a process whose subscriber may be cut off',
    readers: [STRONG, STRONG],
    writers: [ELSEWHERE],
    events: { cutBus: 1, tick: 0 },
    warm: true,
  },
  twoTags: {
    name: 'an answer of two tags, one of which is written on its process',
    readers: [READER, READER],
    writers: [HERE],
    tags: 2,
    warm: true,
  },
  lostKey: {
    name: 'a version key that is lost',
    readers: [READER, READER],
    writers: [ELSEWHERE],
    events: { loseKey: 1 },
    warm: true,
  },
  restart: {
    name: 'a restart from a snapshot, or from nothing',
    readers: [READER, READER],
    writers: [ELSEWHERE],
    events: { save: 1, restart: 1, tick: 0 },
    checks: true,
    shared: true,
    warm: true,
  },
  failover: {
    name: 'a replica that lags is promoted, and the deposed primary takes over its data',
    readers: [READER, STRONG],
    writers: [ELSEWHERE],
    events: { copyToReplica: 1, failover: 1, copyToDeposed: 1, tick: 0 },
    checks: true,
    warm: true,
    deaf: true,
  },
  failoverEcho: {
    name: 'a replica is promoted while connections to the deposed primary live on',
    readers: [READER],
    writers: [ELSEWHERE],
    events: { failover: 1, echo: 1 },
    checks: true,
    warm: true,
  },
  failoverStrong: {
    name: 'strong readers while a replica is promoted and connections to the deposed primary live on',
    readers: [READER, STRONG],
    writers: [ELSEWHERE],
    events: { failover: 1, tick: 0 },
    checks: true,
    warm: true,
  },
  ownFailover: {
    name: 'a replica is promoted while a process with a strong reader writes',
    readers: [STRONG],
    writers: [HERE],
    events: { failover: 1, tick: 0 },
    checks: true,
    warm: true,
  },
  split: {
    name: 'commands that connect to the new primary while the subscriber still stands at the deposed one',
    readers: [READER, STRONG],
    writers: [ELSEWHERE],
    events: { copyToDeposed: 1, tick: 0 },
    checks: true,
    split: true,
  },
  outage: {
    name: 'a process that loses Redis and writes meanwhile',
    readers: [READER, READER],
    writers: [HERE],
    events: { cutCommands: 1, tick: 1 },
    warm: true,
  },
  outageStrong: {
    name: 'a process with a strong reader that loses Redis and writes meanwhile',
    readers: [STRONG],
    writers: [HERE],
    events: { cutCommands: 1, cutBus: 1, tick: 0 },
    warm: true,
  },
  away: {
    name: 'a process that loses Redis while another one writes',
    readers: [READER, READER],
    writers: [ELSEWHERE],
    events: { cutCommands: 1, tick: 3 },
    maxStale: 1,
    warm: true,
    deaf: true,
  },
  unconfirmedStrong: {
    name: 'a strong reader on a process whose bump Redis does not confirm',
    readers: [READER, STRONG],
    writers: [HERE],
    events: { unconfirmed: 1, tick: 0 },
    warm: true,
  },
  unconfirmed: {
    name: 'a bump that Redis does not confirm',
    readers: [READER, READER],
    writers: [HERE],
    events: { unconfirmed: 1, tick: 1 },
    shared: true,
    warm: true,
  },
  intent: {
    name: 'a writer with intent that may die',
    readers: [READER, READER],
    writers: [MORTAL],
  },
  intentEcho: {
    name: 'a writer with intent that may die, while echoes prove what is held',
    readers: [READER, READER],
    writers: [DOOMED],
    events: { echo: 1 },
    instant: true,
  },
  intents: {
    name: 'two writers with intent, one of which may die',
    readers: [READER, LAST],
    writers: [MORTAL, INTENT],
    instant: true,
    deaf: true,
  },
  survivor: {
    name: 'a writer with intent that dies while another one is at work',
    readers: [READER, READER],
    writers: [DOOMED, ENDLESS],
    instant: true,
    deaf: true,
  },
  intentAndPlain: {
    name: 'a plain write while a writer with intent is at work',
    readers: [READER, STRONG],
    writers: [INTENT, ELSEWHERE],
    events: { tick: 0 },
    instant: true,
    deaf: true,
  },
  mortalAndPlain: {
    name: 'a plain write while a writer with intent is at work that may die',
    readers: [READER, LAST],
    writers: [MORTAL, ELSEWHERE],
    instant: true,
    deaf: true,
  },
  intentLost: {
    name: 'a marker that is lost',
    readers: [READER, LAST],
    writers: [MORTAL],
    events: { loseKey: 1 },
    instant: true,
    deaf: true,
  },
  intentPaused: {
    name: 'a writer with intent that is paused',
    readers: [READER, LAST],
    writers: [MORTAL],
    events: { pauseWriter: 1 },
    instant: true,
    deaf: true,
  },
  late: {
    name: 'a tag that is known only after the run',
    readers: [LATE, READER],
    writers: [ELSEWHERE],
    checks: true,
  },
  lateClock: {
    name: 'a tag that is known only after the run, and a server clock that may be set back',
    readers: [LATE, READER],
    writers: [ELSEWHERE],
    events: { clockBack: 1, loseKey: 1, tick: 0 },
    checks: true,
    instant: true,
    deaf: true,
  },
  lateFailover: {
    name: 'a tag that is known only after a run during which a replica is promoted',
    readers: [LATE, LAST],
    writers: [ELSEWHERE],
    events: { failover: 1, echo: 1 },
    checks: true,
    instant: true,
    deaf: true,
  },
} satisfies Record<string, Scenario>

/** The name of a scenario. */
export type ScenarioName = keyof typeof scenarios
