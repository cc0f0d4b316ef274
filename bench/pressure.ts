// Crowds on one key, failing and unstorable handlers, beside a bare route under the same load: npm run bench -- pressure [--quick] [--crowd N] [--rounds N] [--only TEXT] [--profile FOLDER]
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { mostConnections } from './pressure/crowd.ts'
import { fight } from './pressure/duel.ts'
import { duels } from './pressure/duels.ts'
import { type Pressure, pressureTable, type Row } from './pressure/row.ts'
import { spell } from './pressure/spell.ts'
import { build } from './shared/build.ts'
import { isPinned } from './shared/pin.ts'
import { redisVersion, versions } from './shared/versions.ts'

/** Above this load average, taken before the first round, others have the cores as well: as a share of the cores. */
const QUIET = 0.5
/** And above this share of the machine's time meanwhile. */
const DISTURBED = 0.15

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    only: { type: 'string', default: '' },
    crowd: { type: 'string' },
    profile: { type: 'string' },
  },
})
const rounds = Number(args.rounds ?? (args.quick ? 5 : 7))
const most = mostConnections()
const wanted = Number(args.crowd ?? (args.quick ? 1_000 : 10_000))
const crowd = Math.min(wanted, most)
const length = args.quick ? { seconds: 5, interval: 1 } : { seconds: 60, interval: 10 }
const loadBefore = loadavg()[0]!

const folder = build()
const nodeArgs = args.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${args.profile}`]
const rules = { rounds, folder, nodeArgs, warmUp: args.quick ? 1_000 : 3_000 }
console.log(`${rounds} rounds, ${crowd.toLocaleString('en-US')} connections, load average ${loadBefore.toFixed(2)}`)
if (!isPinned) console.log('Servers and crowd share their cores here: no taskset, or one core only.')
if (crowd < wanted)
  console.log(
    `A process may have ${most} files open here, not ${wanted} connections: raise the hard limit (ulimit -Hn).`,
  )

const frameworks = ['express', 'koa']
const fights = frameworks.flatMap((framework) =>
  duels({ crowd, failing: Math.min(1_000, crowd) }).map((duel) => ({
    name: `${framework}: ${duel.name}`,
    measure: async () => [await fight(framework, duel, rules)],
  })),
)
// Only counted, not timed: both at once.
const spells = () => Promise.all(frameworks.map((framework) => spell(framework, length, rules)))
const parts = [...fights, { name: 'a failing spell', measure: spells }]
const chosen = parts.filter(({ name }) => name.includes(args.only))
const rows: Row[] = []
const unmeasured: string[] = []
for (const { name, measure } of chosen) {
  try {
    const measured = await measure()
    rows.push(...measured)
    for (const row of measured) report(row)
  } catch (error) {
    // One that cannot be measured, as for an option that is not there yet, keeps none of the others from it.
    unmeasured.push(name)
    console.error(`${name}: not measured. ${(error as Error).message}`)
  }
}

const result: Pressure = {
  method: { rounds, crowd, loadBefore, loadAfter: loadavg()[0]!, pinned: isPinned, cores: availableParallelism() },
  versions: { ...versions(['express', 'koa', 'ioredis']), redis: redisVersion() },
  rows,
}
console.log(`\n${pressureTable(rows)}\n`)
console.log(
  `Load average ${loadBefore.toFixed(2)} before, ${loadavg()[0]!.toFixed(2)} after; ${JSON.stringify(result.versions)}`,
)
const reason = notWritten()
if (reason !== undefined) console.log(`${reason}: not written anywhere.`)
else {
  writeFileSync(new URL('./results/pressure.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`)
  console.log('Written to bench/results/pressure.json.')
}
process.exitCode = unmeasured.length > 0 || rows.some(({ verdicts }) => verdicts.some(({ met }) => !met)) ? 1 : 0

function report({ framework, name, verdicts, outcomes, statuses, others }: Row): void {
  for (const { asked, got, met } of verdicts)
    console.log(`${framework}: ${name} · ${asked}: ${got}, ${met ? 'met' : 'missed'}`)
  const disturbed = others === undefined ? '' : `, others had ${percent(others.median)} of the machine`
  console.log(`  ${JSON.stringify(outcomes)} ${JSON.stringify(statuses)}${disturbed}`)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`
}

function notWritten(): string | undefined {
  if (chosen.length < parts.length) return 'A part of the whole'
  if (unmeasured.length > 0) return `Not measured: ${unmeasured.join(', ')}`
  if (crowd < 10_000) return 'A smaller crowd than the whole one'
  if (args.profile !== undefined) return 'Profiled'
  if (loadBefore > QUIET * availableParallelism()) return 'The machine was busy with something else'
  const disturbed = rows.find(({ others }) => others !== undefined && others.median > DISTURBED)
  if (disturbed !== undefined) return `Others had ${percent(disturbed.others!.median)} of the machine meanwhile`
  return undefined
}
