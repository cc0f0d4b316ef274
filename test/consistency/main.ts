// `npm run consistency`: real processes, real Redis, real faults; prints what readers saw, and fails where that breaks the contract.
import { writeFileSync } from 'node:fs'
import { campaign } from './campaign.ts'
import { summaryOf } from './checks/lag.ts'
import { now } from './clock.ts'
import { type Catch, hunt } from './mutants/hunt.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { probe } from './probe.ts'
import { Random } from './random.ts'
import { ms, mutantTable, resultTable } from './report.ts'
import { type Result, resultOf } from './result.ts'
import { Stage } from './stage/stage.ts'

/** When the faults of a quick run are over, in s; to begin and to end takes the rest of the 90. */
const QUICK = 75
/** Writes whose way to another process is measured. */
const PROBED = 200

async function runFaults({ faults, seed, processes, json, seconds }: Options): Promise<boolean> {
  const begun = now()
  console.log(`seed ${seed}, ${processes} processes, ${faults.length} faults\n`)
  let ids = 0
  const nextId = () => ++ids
  const stage = await Stage.start({ processes, random: new Random(seed) })
  const results: Result[] = []
  try {
    results.push(resultOf('probe', await probe(stage, PROBED, nextId)))
    const left = seconds ?? QUICK - (now() - begun) / 1_000
    const tell = (result: Result) => console.log(progress(result))
    results.push(...(await campaign(stage, { faults, seed, seconds: left, nextId, tell })))
  } finally {
    await stage.stop()
  }
  const { p50, p99 } = summaryOf(results[0]!.lags)
  console.log(`\n${resultTable(results)}\n`)
  console.log(`Without faults other processes stop serving the old answer within ${ms(p50)} (p50), ${ms(p99)} (p99).`)
  write(json, { seed, processes, results: results.map(({ lags, ...rest }) => ({ ...rest, lag: summaryOf(lags) })) })
  const isGood = results.every(({ violations }) => violations === 0)
  if (!isGood) console.log(`\nseed ${seed}`)
  return isGood
}

/** A violation is shown at once: the rest of a long run may be a long way off. */
function progress({ fault, reads, violations, excerpts }: Result): string {
  return [`${fault}: ${reads} reads, ${violations} violations`, ...excerpts].join('\n\n')
}

async function huntMutants({ mutants, seed, json }: Options): Promise<boolean> {
  console.log(`seed ${seed}, ${mutants.length} mutants\n`)
  const catches: Catch[] = []
  for (const mutant of mutants) {
    const { caughtBy, ...rest } = await hunt(mutant, seed)
    catches.push({ caughtBy, ...rest })
    console.log(`${mutant.name}: ${caughtBy.length === 0 ? 'SURVIVED' : `caught by ${caughtBy.join(', ')}`}`)
  }
  console.log(`\n${mutantTable(catches)}`)
  write(json, { seed, catches })
  return catches.every(({ caughtBy }) => caughtBy.length > 0)
}

function write(file: string | undefined, data: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(data, undefined, 2)}\n`)
}

async function main(args: readonly string[]): Promise<boolean> {
  if (args.includes('--help')) {
    console.log(USAGE)
    return true
  }
  const options = readOptions(args)
  return options.mutants.length > 0 ? huntMutants(options) : runFaults(options)
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1
