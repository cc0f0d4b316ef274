// What people read at the end: the table fault × what readers saw, and mutants × caught by.
import { summaryOf } from './checks/lag.ts'
import type { Catch } from './mutants/hunt.ts'
import { joined, type Result } from './result.ts'
import { table } from './table.ts'

const HEAD = ['fault', 'reads checked', 'from cache', 'writes', 'violations', 'p50 lag', 'p99 lag', 'worst lag']

/** Lags: how long after a write's acknowledgement another process still served the old answer. */
export function resultTable(results: readonly Result[]): string {
  const all = results.length > 1 ? [...results, joined(results, 'all')] : results
  return table(HEAD, all.map(row))
}

function row({ fault, reads, shared, writes, violations, lags }: Result): string[] {
  const { p50, p99, worst } = summaryOf(lags)
  const part = `${reads === 0 ? 0 : Math.round((100 * shared) / reads)} %`
  return [fault, count(reads), part, count(writes), count(violations), ...[p50, p99, worst].map(ms)]
}

/** Which checkers caught which mutant. */
export function mutantTable(catches: readonly Catch[]): string {
  const rows = catches.map(({ mutant, about, fault, caughtBy, violations }) => {
    const verdict = caughtBy.length === 0 ? 'SURVIVED' : caughtBy.join(', ')
    return [mutant, about, fault, verdict, count(violations)]
  })
  return table(['without the safeguard', 'what it is for', 'fault', 'caught by', 'violations'], rows)
}

/** Milliseconds as people read them. */
export function ms(duration: number): string {
  return `${duration.toFixed(1)} ms`
}

const count = (number: number) => number.toLocaleString('en')
