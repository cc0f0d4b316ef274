// A request that reads looks for an answer: in L1, in a flight, in L2; else its handler runs.
import { withReader } from './change.ts'
import { isReading, send } from './commands.ts'
import { follow, isFlightOf, isFlying } from './flight.ts'
import { answer, run } from './landing.ts'
import type { Setting } from './scenario.ts'
import type { Reader, State, Token } from './state.ts'
import { makeLocal, usable } from './table.ts'

/** L1 first; else the flight that is there already, or versions of its own. */
export function meet(setting: Setting, state: State, r: number): State {
  const { at, kind } = state.readers[r]!
  const known = presentVersions(setting, state, at)
  const hit = inMemory(state, at, known.tokens)
  if (hit !== undefined) return answer(withReader(state, r, { knows: known.knows }), r, hit)
  if (kind === 'late' || !setting.keeps.tokensAreReadBeforeTheRun) return run(state, r, undefined)
  const isJoinable = (other: Reader) =>
    (other.phase === 'reading' && other.kind !== 'strong') || (isFlying(other) && !setting.keeps.flightsAreOfOneVersion)
  const leader = state.readers.findIndex((other, i) => i !== r && other.at === at && isJoinable(other))
  if (leader !== -1) return follow(state, r, leader)
  return settle(setting, withReader(state, r, known), r)
}

/** The tokens of the route's tags that may be used now. */
function presentVersions(setting: Setting, state: State, process: number) {
  const found = state.processes[process]!.slots.map((_, tag) => usable(setting, state, process, tag))
  return { tokens: found.map((one) => one?.token), knows: found[0]?.knows ?? 0 }
}

function inMemory(state: State, process: number, tokens: readonly (Token | undefined)[]): number | undefined {
  const { memory } = state.processes[process]!
  return memory?.tokens.every((token, tag) => token === tokens[tag]) === true ? memory.value : undefined
}

/** Goes on as soon as all versions are known; asks for those that are not. */
function settle(setting: Setting, state: State, r: number): State {
  const { at, tokens: former, knows } = state.readers[r]!
  const present = presentVersions(setting, state, at)
  // What was known on arrival may have been bumped while the rest was read.
  const tokens = setting.keeps.versionsHoldTogether
    ? present.tokens
    : present.tokens.map((token, tag) => former?.[tag] ?? token)
  const missing = tokens.flatMap((token, tag) => (token === undefined ? [tag] : []))
  if (missing.length === 0) {
    const asNow = tokens[0] === present.tokens[0]
    return proceed(setting, state, r, tokens as Token[], asNow ? present.knows : knows)
  }
  const { up, journal } = state.processes[at]!
  const isOurs = setting.keeps.journalComesBeforeTrust && journal > 0 && missing[0] === 0
  if (!up || isOurs) return settle(setting, makeLocal(state, at, missing[0]!), r)
  const unasked = missing.filter((tag) => !isReading(state, at, tag))
  return unasked.reduce((sent, tag) => send(sent, at, { kind: 'read', tag }), withReader(state, r, { tokens }))
}

/** The process has learned something: those who wait for versions look again. */
export function settleAll(setting: Setting, state: State, process: number): State {
  return state.readers.reduce((present, { at, kind }, r) => {
    const waits = at === process && kind !== 'strong' && present.readers[r]!.phase === 'reading'
    return waits ? settle(setting, present, r) : present
  }, state)
}

/** The versions are known: L1 again, a flight of these very versions, L2, or the handler. */
export function proceed(setting: Setting, state: State, r: number, tokens: readonly Token[], knows: number): State {
  const { at } = state.readers[r]!
  const known = withReader(state, r, { tokens, knows })
  const hit = inMemory(known, at, tokens)
  if (hit !== undefined) return answer(known, r, hit)
  const leader = setting.keeps.requestsShareFlights ? flightOf(known, r) : -1
  if (leader !== -1) return follow(known, r, leader)
  if (setting.scenario.shared !== true || !known.processes[at]!.up) return run(known, r, tokens)
  return send(withReader(known, r, { phase: 'looking' }), at, { kind: 'look', reader: r })
}

function flightOf({ readers }: State, r: number): number {
  const { at, tokens } = readers[r]!
  return readers.findIndex((other, i) => i !== r && other.at === at && isFlightOf(other, tokens!))
}
