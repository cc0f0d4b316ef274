// Hits over HTTP beside a bare handler that ends the same bytes and headers: npm run bench -- hits [--quick] [--rounds N] [--seconds N] [--with autocannon]
import { writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from './shared/build.ts'
import { type Hits, hitsTable, type Row } from './shared/hits-table.ts'
import { type Load, type LoadGenerator, loadGenerator } from './shared/load.ts'
import { isPinned } from './shared/pin.ts'
import { writeTable } from './shared/readme.ts'
import { type Server, startServer } from './shared/server.ts'
import { ratio, spread } from './shared/statistics.ts'
import { versions } from './shared/versions.ts'

const CONNECTIONS = 32

/** What is measured: a server, asked with or without the validator it answers 304 to, beside the yardstick it is a share of. */
interface Case {
  readonly name: string
  readonly server: string
  readonly conditional: boolean
  readonly yardstick?: string
  /** The least share of the yardstick. */
  readonly target?: number
}

const cases: readonly Case[] = [
  { name: 'node:http, bare', server: 'node', conditional: false },
  { name: 'Express, bare', server: 'express-bare', conditional: false },
  { name: 'Express, hit', server: 'express-tiercache', conditional: false, yardstick: 'Express, bare', target: 0.9 },
  { name: 'Express, bare 304', server: 'express-bare', conditional: true },
  { name: 'Express, hit 304', server: 'express-tiercache', conditional: true, yardstick: 'Express, bare 304' },
  { name: 'Koa, bare', server: 'koa-bare', conditional: false },
  { name: 'Koa, hit', server: 'koa-tiercache', conditional: false, yardstick: 'Koa, bare', target: 0.85 },
  { name: 'Koa, bare 304', server: 'koa-bare', conditional: true },
  { name: 'Koa, hit 304', server: 'koa-tiercache', conditional: true, yardstick: 'Koa, bare 304' },
]

/** A load and what it cost the server. */
interface Sample extends Load {
  /** Microseconds of CPU per request. */
  readonly cpu: number
}

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
const chosen = cases.filter(({ name }) => name.startsWith(args.only))

const generator = loadGenerator(args.with)
const folder = build()
const names = [...new Set(chosen.map(({ server }) => server))]
const servers = new Map<string, Server>()
for (const name of names) servers.set(name, await startServer('hits.js', [name, folder]))
const etag = await agree()

console.log(
  `${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${generator.name}, load average ${loadavg()[0]?.toFixed(2)}`,
)
if (!isPinned) console.log('Server and load share their cores here: no taskset, or one core only.')
const samples = new Map<string, Sample[]>(chosen.map(({ name }) => [name, []]))
for (let round = 0; round <= rounds; round++) {
  for (const one of chosen) {
    const sample = await measure(one, generator)
    // The first round only warms up.
    if (round > 0) samples.get(one.name)!.push(sample)
  }
  if (round > 0)
    console.log(
      `round ${round}: ${chosen.map(({ name }) => `${name} ${samples.get(name)!.at(-1)!.rate.toFixed(0)}`).join(', ')}`,
    )
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
  rows: chosen.map(rowOf),
}
console.log(`\n${hitsTable(result)}\n`)
for (const { name, target, share } of result.rows) {
  if (target !== undefined && share !== undefined)
    console.log(
      `${name}: ${share.median.toFixed(2)} of bare, target ${target} ${share.median >= target ? 'met' : 'MISSED'}`,
    )
}
if (chosen.length === cases.length) {
  writeFileSync(new URL('./results/hits.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`)
  writeTable('hits', hitsTable(result))
  console.log('\nWritten to bench/results/hits.json and README.md.')
}

function rowOf({ name, yardstick, target }: Case): Row {
  const own = samples.get(name)!
  const of = (series: readonly Sample[], field: keyof Sample) => series.map((sample) => sample[field])
  const bare = yardstick === undefined ? undefined : samples.get(yardstick)
  return {
    name,
    rate: spread(of(own, 'rate')),
    cpu: spread(of(own, 'cpu')),
    p99: spread(of(own, 'p99')),
    ...(bare === undefined
      ? {}
      : {
          yardstick,
          target,
          share: ratio(of(own, 'rate'), of(bare, 'rate')),
          cpuShare: ratio(of(bare, 'cpu'), of(own, 'cpu')),
        }),
  }
}

async function measure({ server, conditional, name }: Case, { run }: LoadGenerator): Promise<Sample> {
  const { url, spent } = servers.get(server)!
  const headers: Record<string, string> = conditional ? { 'If-None-Match': etag } : {}
  const before = await spent()
  const load = await run(url, { connections: CONNECTIONS, seconds, headers })
  const after = await spent()
  if (after.runs !== before.runs) throw new Error(`${name}: the handler ran, these were no hits`)
  return { ...load, cpu: ((after.cpu - before.cpu) * 1000) / load.requests }
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
