// Simulates many fleets with every fault; prints what readers saw, and fails where that breaks the contract.
import { table } from '../consistency/table.ts'
import { type Row, runCampaign } from './campaign.ts'
import { excerpt } from './excerpt.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { Workers } from './workers.ts'

const HEAD = ['fault', 'runs', 'reads checked', 'violations', 'worst lag (ms)', 'worst lag, degraded (ms)']

async function main({ faults, mutant, reads, seed, workers }: Options): Promise<boolean> {
  console.log(`seed ${seed}, ${reads.toLocaleString('en')} reads`)
  const pool = new Workers(workers)
  try {
    const rows = await runCampaign({ faults, mutant, reads, seed, lanes: workers, run: pool.run })
    console.log(`\n${table(HEAD, [...rows.map(cells), total(rows)])}`)
    const failures = rows.flatMap(({ failure }) => (failure === undefined ? [] : [failure.simulation]))
    for (const failure of failures) console.log(`\n${await excerpt(failure)}`)
    return failures.length === 0
  } finally {
    pool.stop()
  }
}

function cells({ fault, runs, reads, violations, bounded, degraded }: Row): string[] {
  return [fault, ...[runs, reads, violations, Math.ceil(bounded), Math.ceil(degraded)].map(shown)]
}

function total(rows: readonly Row[]): string[] {
  const sum = (of: (row: Row) => number) => rows.reduce((all, row) => all + of(row), 0)
  const most = (of: (row: Row) => number) => Math.max(...rows.map(of))
  return cells({
    fault: 'all',
    runs: sum(({ runs }) => runs),
    running: 0,
    reads: sum(({ reads }) => reads),
    hits: sum(({ hits }) => hits),
    violations: sum(({ violations }) => violations),
    bounded: most(({ bounded }) => bounded),
    degraded: most(({ degraded }) => degraded),
    failure: undefined,
  })
}

function shown(value: number): string {
  return value.toLocaleString('en')
}

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await main(readOptions(args))) ? 0 : 1
