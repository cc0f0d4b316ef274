// What must hold: the clauses of the contract, judged whenever a reader gets an answer or a handler begins to run.

import { isFlightOf } from './parts/flight.ts'
import { readerName } from './parts/names.ts'
import { isMarker } from './parts/redis.ts'
import { D, maxStaleOf, type Setting } from './parts/scenario.ts'
import type { Least, State, Token } from './parts/state.ts'

/** What the contract owes a request that arrives now. */
export function leastFor(setting: Setting, { world, readers, processes }: State, r: number): Partial<Least> {
  const { at, kind } = readers[r]!
  const { acknowledged, owed } = world
  const least: Least = {
    strong: kind === 'strong' ? acknowledged[0]! : 0,
    own: processes[at]!.own,
    bounded: acknowledged[D + 1]!,
    degraded: acknowledged[maxStaleOf(setting) + 1]!,
    orphaned: owed !== undefined && owed.within < 0 ? owed.value : 0,
  }
  return Object.fromEntries(Object.entries(least).filter(([, value]) => value > 0))
}

/** Which clause this answer breaks, if it breaks one. Values grow, so an answer older than a write is a smaller value. */
export function wrongAnswer({ readers }: State, r: number, value: number): string | undefined {
  const { least = {}, knows, degraded } = readers[r]!
  const clauses: readonly (readonly [clause: string, least: number | undefined, since: string])[] = [
    ['C2', least.own, 'its own process had acknowledged'],
    ['C1', least.strong, 'was acknowledged before this strong request came'],
    ['C0', knows, 'was acknowledged before its versions were validated'],
    ['intent', least.orphaned, 'was left by a writer that died longer ago than its marker lives, and D'],
    degraded
      ? ['C3', least.degraded, 'was acknowledged more than maxStale before it came']
      : ['C2', least.bounded, 'was acknowledged more than D before it came'],
  ]
  const broken = clauses.find(([, oldest = 0]) => value < oldest)
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
