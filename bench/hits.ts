// Hits over HTTP beside a bare handler that ends the same bytes and headers: npm run bench -- hits [--quick] [--rounds N] [--seconds N] [--with autocannon]
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './shared/build.ts'
import { type Hits, hitsTable, type Row } from './shared/hits-table.ts'
import { type Load, loadGenerator } from './shared/load.ts'
import { isPinned } from './shared/pin.ts'
import { writeTable } from './shared/readme.ts'
import { type Server, startServer } from './shared/server.ts'
import { ratio, spread } from './shared/statistics.ts'
import { versions } from './shared/versions.ts'

const CONNECTIONS = 32

/** One server, asked with or without the validator it answers 304 to. */
interface Case {
  readonly name: string
  readonly server: string
  readonly conditional: boolean
}

/** What is measured in turn: a server, the bare handler it is a share of, and the least share it should have. */
interface Pair {
  readonly bare: Case
  readonly hit?: Case
  readonly target?: number
}

const full = (name: string, server: string): Case => ({ name, server, conditional: false })
const conditional = (name: string, server: string): Case => ({ name, server, conditional: true })

const pairs: readonly Pair[] = [
  { bare: full('node:http, bare', 'node') },
  { bare: full('Express, bare', 'express-bare'), hit: full('Express, hit', 'express-tiercache'), target: 0.9 },
  { bare: conditional('Express, bare 304', 'express-bare'), hit: conditional('Express, hit 304', 'express-tiercache') },
  { bare: full('Koa, bare', 'koa-bare'), hit: full('Koa, hit', 'koa-tiercache'), target: 0.85 },
  { bare: conditional('Koa, bare 304', 'koa-bare'), hit: conditional('Koa, hit 304', 'koa-tiercache') },
]

/** A load and what it cost the server. */
interface Sample extends Load {
  /** Microseconds of CPU per request. */
  readonly cpu: number
  /** The share of the time that the server spent on its core: less than nearly all of it means that others had the core, or kept the load from asking. */
  readonly busy: number
}

/** A slice in which the server was less busy is taken again, at most so many times. */
const BUSY = 0.93
const ATTEMPTS = 8

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    with: { type: 'string' },
    only: { type: 'string', default: '' },
  },
})
const seconds = Number(args.seconds ?? (args.quick ? 2 : 5))
const rounds = Number(args.rounds ?? (args.quick ? 5 : 9))
const chosen = pairs.filter(({ bare }) => bare.name.startsWith(args.only))
const cases = chosen.flatMap(({ bare, hit }) => (hit === undefined ? [bare] : [bare, hit]))

const generator = loadGenerator(args.with)
const folder = build()
const names = [...new Set(cases.map(({ server }) => server))]
const servers = new Map<string, Server>()
for (const name of names) servers.set(name, await startServer('hits.js', [name, folder]))
const etag = await agree()

console.log(
  `${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${generator.name}, load average ${loadavg()[0]?.toFixed(2)}`,
)
if (!isPinned) console.log('Server and load share their cores here: no taskset, or one core only.')
const samples = new Map<string, Sample[]>(cases.map(({ name }) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const pair of chosen) await measure(pair, round > 0)
  if (round === 0) continue
  const latest = cases.map(({ name }) => `${name} ${samples.get(name)!.at(-1)!.rate.toFixed(0)}`)
  console.log(`round ${round}: ${latest.join(' · ')}`)
}
for (const server of servers.values()) await server.stop()

const result: Hits = {
  method: {
    rounds,
    seconds,
    connections: CONNECTIONS,
    bodyBytes: 2048,
    generator: generator.name,
    pinned: isPinned,
    cores: availableParallelism(),
  },
  versions: versions(['express', 'koa']),
  rows: chosen.flatMap(rowsOf),
}
console.log(`\n${hitsTable(result)}\n`)
for (const { name, target, share, cpuShare } of result.rows) {
  if (target === undefined || share === undefined || cpuShare === undefined) continue
  const verdict = share.median >= target ? 'met' : 'missed'
  console.log(
    `${name}: ${share.median.toFixed(2)} of bare (${cpuShare.median.toFixed(2)} by CPU), ${target} ${verdict}`,
  )
}
if (chosen.length < pairs.length) console.log('\nA part of the whole: not written anywhere.')
else if (result.rows.some(({ busy }) => busy.median < BUSY)) {
  console.log(
    '\nThe servers did not have their core to themselves, or the load could not keep up: not written anywhere.',
  )
} else {
  writeFileSync(new URL('./results/hits.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`)
  writeTable('hits', hitsTable(result))
  console.log('\nWritten to bench/results/hits.json and README.md.')
}

function rowsOf({ bare, hit, target }: Pair): Row[] {
  if (hit === undefined) return [rowOf(bare)]
  const share = ratio(series(hit, 'rate'), series(bare, 'rate'))
  const cpuShare = ratio(series(bare, 'cpu'), series(hit, 'cpu'))
  return [rowOf(bare), { ...rowOf(hit), yardstick: bare.name, target, share, cpuShare }]
}

function rowOf(one: Case): Row {
  const measured = (field: keyof Sample) => spread(series(one, field))
  return {
    name: one.name,
    rate: measured('rate'),
    cpu: measured('cpu'),
    p99: measured('p99'),
    busy: measured('busy'),
  }
}

function series({ name }: Case, field: keyof Sample): number[] {
  return samples.get(name)!.map((sample) => sample[field])
}

/** One round of a pair in slices of a second, A B B A, so that what else the machine does meets both alike. The first round only warms up. */
async function measure({ bare, hit }: Pair, counts: boolean): Promise<void> {
  const slices = new Map<Case, Sample[]>()
  for (let second = 0; second < seconds; second++) {
    const order = hit === undefined ? [bare] : second % 2 === 0 ? [bare, hit] : [hit, bare]
    for (const one of order) slices.set(one, [...(slices.get(one) ?? []), await undisturbed(one)])
  }
  if (!counts) return
  for (const [{ name }, taken] of slices) samples.get(name)!.push(mean(taken))
}

/** The first slice that nobody disturbed, or else the least disturbed one. */
async function undisturbed(one: Case): Promise<Sample> {
  let best = await slice(one)
  for (let attempt = 1; best.busy < BUSY && attempt < ATTEMPTS; attempt++) {
    const next = await slice(one)
    if (next.busy > best.busy) best = next
  }
  return best
}

async function slice({ server, conditional, name }: Case): Promise<Sample> {
  const { url, spent } = servers.get(server)!
  const headers: Record<string, string> = conditional ? { 'If-None-Match': etag } : {}
  const before = await spent()
  const load = await generator.run(url, { connections: CONNECTIONS, seconds: 1, headers })
  const after = await spent()
  if (after.runs !== before.runs) throw new Error(`${name}: the handler ran, these were no hits`)
  const cpu = after.cpu - before.cpu
  return { ...load, cpu: (cpu * 1000) / load.requests, busy: cpu / (1000 * (load.requests / load.rate)) }
}

function mean(taken: readonly Sample[]): Sample {
  const of = (field: keyof Sample) => taken.reduce((sum, sample) => sum + sample[field], 0) / taken.length
  return { rate: of('rate'), requests: of('requests'), p99: of('p99'), cpu: of('cpu'), busy: of('busy') }
}

/** Fills the caches, and makes sure that all servers of a framework send the same: returns the validator of their body. */
async function agree(): Promise<string> {
  const heads = new Map<string, string>()
  let validator = ''
  for (const [name, { url }] of servers) {
    await (await fetch(url)).arrayBuffer()
    const full = await fetch(url)
    validator = full.headers.get('ETag') ?? ''
    const answer = [full, Buffer.from(await full.arrayBuffer())] as const
    const unchanged = await fetch(url, { headers: { 'If-None-Match': validator } })
    const heard = [full, unchanged].map(described).join('\n').concat(answer[1].toString())
    const framework = name.split('-')[0]!
    if (unchanged.status !== 304) throw new Error(`${name} answers ${unchanged.status} to its own validator`)
    if ((heads.get(framework) ?? heard) !== heard)
      throw new Error(`${name} sends something else:\n${heard}\nnot\n${heads.get(framework)}`)
    heads.set(framework, heard)
  }
  return validator
}

function described({ status, headers }: Response): string {
  const changing = ['date', 'age']
  const fields = [...headers].filter(([name]) => !changing.includes(name))
  return `${status} ${fields.map(([name, value]) => `${name}: ${value.replace(/ttl=\d+/, 'ttl')}`).join('\n')}`
}
