// What must hold: the clauses of the contract, judged whenever a reader gets an answer or a handler begins to run.

import { isFlightOf } from './parts/flight.ts'
import { readerName } from './parts/names.ts'
import { isMarker } from './parts/redis.ts'
import { D, maxStaleOf, type Setting } from './parts/scenario.ts'
import type { Least, State, Token } from './parts/state.ts'

/** What the contract owes a request that arrives now. */
export function leastFor(setting: Setting, { world, readers, processes }: State, r: number): Least {
  const { at, strong } = readers[r]!
  const { acknowledged, owed } = world
  return {
    strong: strong ? acknowledged[0]! : 0,
    own: processes[at]!.own,
    bounded: acknowledged[D + 1]!,
    degraded: acknowledged[maxStaleOf(setting) + 1]!,
    orphaned: owed !== undefined && owed.within < 0 ? owed.value : 0,
  }
}

/** Which clause this answer breaks, if it breaks one. Values grow, so an answer older than a write is a smaller value. */
export function wrongAnswer({ readers }: State, r: number, value: number): string | undefined {
  const { least, knows, degraded: wasDegraded } = readers[r]!
  const { own, strong, orphaned, bounded, degraded } = least!
  const clauses: readonly (readonly [clause: string, least: number, since: string])[] = [
    ['C2', own, 'its own process had acknowledged'],
    ['C1', strong, 'was acknowledged before this strong request came'],
    ['C0', knows, 'was acknowledged before its versions were validated'],
    ['intent', orphaned, 'was left by a writer that died longer ago than its marker lives, and D'],
    wasDegraded
      ? ['C3', degraded, 'was acknowledged more than maxStale before it came']
      : ['C2', bounded, 'was acknowledged more than D before it came'],
  ]
  const broken = clauses.find(([, oldest]) => value < oldest)
  if (broken === undefined) return undefined
  const [clause, oldest, since] = broken
  return `${clause}: ${readerName(r)} gets ${value} though ${oldest} ${since}`
}

/** C4: one run of one fingerprint and versions per process. */
export function wrongRun({ readers }: State, r: number, tokens: readonly Token[]): string | undefined {
  if (tokens.some(isMarker)) return undefined
  const other = readers.findIndex((one, i) => i !== r && one.at === readers[r]!.at && isFlightOf(one, tokens))
  return other === -1 ? undefined : `C4: ${readerName(r)} runs although ${readerName(other)} runs for the same versions`
}
