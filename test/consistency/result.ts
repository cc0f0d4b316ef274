// What came of one fault: counts, lags, and the shortest histories of what went wrong.
import { judge } from './checks/all.ts'
import { lagsOf } from './checks/lag.ts'
import { excerpt } from './excerpt.ts'
import type { History } from './history.ts'

/** One fault, in one run or several. */
export interface Result {
  readonly fault: string
  readonly reads: number
  /** Reads that were answered from a tier, or from another's run. */
  readonly shared: number
  readonly writes: number
  readonly violations: number
  /** In ms: how long after each write another process served the old answer. */
  readonly lags: readonly number[]
  /** The first violations, with the shortest history that shows each. */
  readonly excerpts: readonly string[]
}

/** Violations that are shown of each run. */
const SHOWN = 3

/** Judges one history. */
export function resultOf(fault: string, history: History): Result {
  const violations = judge(history)
  const isShared = ({ outcome }: { outcome: string }) => outcome.startsWith('hit') || outcome === 'collapsed'
  return {
    fault,
    reads: history.reads.length,
    shared: history.reads.filter(({ label }) => isShared(label)).length,
    writes: history.writes.length,
    violations: violations.length,
    lags: lagsOf(history),
    excerpts: violations.slice(0, SHOWN).map((violation) => excerpt(violation, history)),
  }
}

/** Several results as one, by the name of the first. */
export function joined(results: readonly Result[], fault = results[0]!.fault): Result {
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0)
  return {
    fault,
    reads: sum(({ reads }) => reads),
    shared: sum(({ shared }) => shared),
    writes: sum(({ writes }) => writes),
    violations: sum(({ violations }) => violations),
    lags: results.flatMap(({ lags }) => lags),
    excerpts: results.flatMap(({ excerpts }) => excerpts),
  }
}
