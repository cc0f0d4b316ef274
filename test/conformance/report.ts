// What a person reads: how many passed, and which did not, and why.
import { table } from '../consistency/table.ts'
import type { Verdicts } from './judge.ts'
import { lists, obsolete } from './lists.ts'
import { kinds, type Test, tests } from './suite.ts'

/** What came of one configuration. */
export interface Run {
  readonly title: string
  readonly verdicts: Verdicts
}

/** Passed of all, for each kind and each list. */
export function scores(runs: readonly Run[]): string {
  const named = Object.entries(lists)
  const head = ['configuration', ...kinds, ...named.map(([name]) => `list: ${name}`)]
  const rows = runs.map(({ title, verdicts }) => [
    title,
    ...kinds.map((kind) => score(idsOf(kind), verdicts)),
    ...named.map(([, ids]) => score(ids, verdicts)),
  ])
  return table(head, rows)
}

/** Every test that some configuration did not pass, those that must pass first. */
export function notPassed(runs: readonly Run[], held: readonly string[]): string {
  const rows = tests
    .flatMap((test) => rowsOf(test, runs, held))
    .sort(([a = ''], [b = '']) => order.indexOf(a) - order.indexOf(b))
  return rows.length === 0 ? 'every test passed' : aligned([['', 'test', 'kind', 'configurations', 'reason'], ...rows])
}

/** Text in columns, each as wide as what it holds. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const line = (row: readonly string[]) => row.map((cell, at) => cell.padEnd(widths[at]!)).join('  ')
  return rows.map((row) => line(row).trimEnd()).join('\n')
}

/** How many tests that must pass did not, all configurations together. */
export function failures(runs: readonly Run[], held: readonly string[]): number {
  return runs.flatMap(({ verdicts }) => held.filter((id) => verdicts.get(id) !== undefined)).length
}

const order = ['FAILED', 'not held', 'obsolete', 'no']

function rowsOf({ id, kind }: Test, runs: readonly Run[], held: readonly string[]): string[][] {
  const byReason = new Map<string, string[]>()
  for (const { title, verdicts } of runs) {
    const reason = verdicts.get(id)
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), title])
  }
  const old = obsolete.find(({ ids }) => ids.includes(id))
  const mark = held.includes(id) ? 'FAILED' : old !== undefined ? 'obsolete' : kind === 'check' ? 'no' : 'not held'
  return [...byReason].map(([reason, titles]) => [
    mark,
    id,
    kind,
    titles.length === runs.length ? 'all' : titles.join(', '),
    old?.because ?? reason,
  ])
}

function idsOf(kind: Test['kind']): readonly string[] {
  return tests.filter((test) => test.kind === kind).map(({ id }) => id)
}

function score(ids: readonly string[], verdicts: Verdicts): string {
  return `${ids.filter((id) => verdicts.has(id) && verdicts.get(id) === undefined).length}/${ids.length}`
}
