// `npm run soak`: ordinary life for minutes, with faults drawn from a seed; each answer is judged, and memory must not grow.
import { table } from '../../consistency/table.ts'
import { machine } from '../machine.ts'
import { writeMarked } from '../marked.ts'
import { type Options, readOptions, USAGE } from './options.ts'
import { type Sample, soak } from './soak.ts'
import { type Outcome, verdictOf } from './verdict.ts'

const HEAD = ['process', 'heap at minute 2', 'heap at the end', 'growth', 'flights', 'runs', 'requests']

async function run(options: Options): Promise<boolean> {
  const { minutes, rate, processes, ids, seed } = options
  console.log(
    `${machine()}\nseed ${seed}, ${minutes} minutes, ${rate} requests/s, ${processes} processes, ${ids} ids\n`,
  )
  const outcome = await soak(options, (sample) => console.log(lineOf(sample)))
  const broken = verdictOf(outcome)
  const report = tableOf(outcome)
  console.log(`\n${report}\n\n${summaryOf(outcome)}`)
  console.log(broken.length === 0 ? 'All bounds held.' : [`Broken (seed ${seed}):`, ...broken].join('\n'))
  if (options.write)
    writeMarked(
      'soak',
      `${machine()}, seed ${seed}, ${minutes} minutes at ${rate} requests/s. ${summaryOf(outcome)}\n\n${report}`,
    )
  return broken.length === 0
}

function lineOf({ minute, tally, times, inspections }: Sample): string {
  const { reads, shared, writes, wrongs, left, refused, unsent } = tally
  const heaps = inspections.map(({ heap, flights }) => `${mb(heap)} and ${flights} flights`).join(', ')
  return [
    `minute ${minute.toFixed(1)}: ${reads.toLocaleString('en')} reads (${share(shared, reads)} without a run)`,
    `${writes.toLocaleString('en')} writes, ${wrongs} wrong, ${refused} refused, ${left} left, ${unsent} unsent`,
    `p50 ${times.p50.toFixed(1)} ms, p99 ${times.p99.toFixed(0)} ms, ${heaps}`,
  ].join('; ')
}

function tableOf({ members }: Outcome): string {
  const rows = members.map(({ name, baseline, end }) => [
    name,
    mb(baseline.heap),
    mb(end.heap),
    (end.heap / baseline.heap).toFixed(2),
    `${end.flights}`,
    `${end.runs}`,
    `${end.requests}`,
  ])
  return table(HEAD, rows)
}

function summaryOf({ reads, wrongs, calm, calmDegraded }: Outcome): string {
  const degraded = share(calmDegraded, calm)
  return `${reads.toLocaleString('en')} answers judged, ${wrongs} wrong; ${degraded} said degraded while nothing was broken.`
}

const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`
const share = (part: number, all: number) => `${all === 0 ? 0 : Math.round((100 * part) / all)} %`

const args = process.argv.slice(2)
if (args.includes('--help')) console.log(USAGE)
else process.exitCode = (await run(readOptions(args))) ? 0 : 1
