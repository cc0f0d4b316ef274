// A hit of a route with `compress` beside the same bytes prepared by hand and beside the compression middleware: npm run bench -- compress [--quick] [--rounds N] [--seconds N] [--with autocannon]
import { writeFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { availableParallelism } from 'node:os'
import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { brotliDecompressSync } from 'node:zlib'
import { build } from './shared/build.ts'
import { loadGenerator } from './shared/load.ts'
import { isPinned } from './shared/pin.ts'
import { type Server, startServer } from './shared/server.ts'
import { ratio, type Spread, spread } from './shared/statistics.ts'
import { versions } from './shared/versions.ts'

const CONNECTIONS = 32
/** What browsers send. */
const HEADERS = { 'Accept-Encoding': 'gzip, deflate, br, zstd' }

const names = ['express-prepared', 'express-tiercache', 'express-compression', 'koa-prepared', 'koa-tiercache'] as const
type Name = (typeof names)[number]

/** A hit, what it is a share of, and the least share that it should have. */
const comparisons: readonly (readonly [hit: Name, yardstick: Name, target: number])[] = [
  ['express-tiercache', 'express-prepared', 0.9],
  ['express-tiercache', 'express-compression', 4],
  ['koa-tiercache', 'koa-prepared', 0.9],
]

/** One slice of load on one server. */
interface Sample {
  /** Requests per second. */
  readonly rate: number
  /** Microseconds of the server's CPU per request, the thread pool's included. */
  readonly cpu: number
}

const { values: args } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    with: { type: 'string' },
  },
})
const seconds = Number(args.seconds ?? (args.quick ? 1 : 4))
const rounds = Number(args.rounds ?? (args.quick ? 5 : 9))

const generator = loadGenerator(args.with)
const folder = build()
const servers = new Map<Name, Server>()
for (const name of names) servers.set(name, await startServer('compress.js', [name, folder]))
const sizes = await agree()

console.log(`${rounds} rounds of ${seconds} s, ${CONNECTIONS} connections, ${generator.name}, ${sizes}`)
if (!isPinned) console.log('Server and load share their cores here: no taskset, or one core only.')
const samples = new Map<Name, Sample[]>(names.map((name) => [name, []]))
// In turn, there and back, so that what else the machine does meets all alike. The first round only warms up.
for (let round = 0; round <= rounds; round++) {
  for (const name of round % 2 === 0 ? names : names.toReversed()) {
    const sample = await measure(name)
    if (round > 0) samples.get(name)!.push(sample)
  }
}
for (const server of servers.values()) await server.stop()

const rows = names.map((name) => ({ name, rate: spread(series(name, 'rate')), cpu: spread(series(name, 'cpu')) }))
const shares = comparisons.map(([hit, yardstick, target]) => ({
  hit,
  yardstick,
  target,
  share: ratio(series(hit, 'rate'), series(yardstick, 'rate')),
  cpuShare: ratio(series(yardstick, 'cpu'), series(hit, 'cpu')),
}))

console.log('\n| server | requests/s | CPU per request |\n| --- | ---: | ---: |')
for (const { name, rate, cpu } of rows) {
  console.log(`| ${name} | ${Math.round(rate.median).toLocaleString('en-US')} | ${cpu.median.toFixed(0)} µs |`)
}
console.log('\n| hit | beside | share (lowest–highest) | by CPU | target | |\n| --- | --- | ---: | ---: | ---: | --- |')
for (const { hit, yardstick, target, share, cpuShare } of shares) {
  const verdict = share.median >= target ? 'met' : 'missed'
  console.log(`| ${hit} | ${yardstick} | ${shown(share)} | ${cpuShare.median.toFixed(2)} | ${target} | ${verdict} |`)
}

if (args.quick) console.log('\nA quick look: not written anywhere.')
else {
  const result = {
    method: { rounds, seconds, connections: CONNECTIONS, generator: generator.name, pinned: isPinned, sizes },
    cores: availableParallelism(),
    versions: versions(['express', 'koa', 'compression']),
    rows,
    shares,
  }
  writeFileSync(new URL('./results/compress.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`)
  console.log('\nWritten to bench/results/compress.json.')
}

function shown({ median, lowest, highest }: Spread): string {
  return `**${median.toFixed(2)}** (${lowest.toFixed(2)}–${highest.toFixed(2)})`
}

function series(name: Name, field: keyof Sample): number[] {
  return samples.get(name)!.map((sample) => sample[field])
}

async function measure(name: Name): Promise<Sample> {
  const { url, spent } = servers.get(name)!
  const before = await spent()
  const load = await generator.run(url, { connections: CONNECTIONS, seconds, headers: HEADERS })
  const after = await spent()
  if (after.runs !== before.runs) throw new Error(`${name}: the handler ran, these were no hits`)
  return { rate: load.rate, cpu: ((after.cpu - before.cpu) * 1000) / load.requests }
}

/** Fills the caches and waits until the coded body is there; makes sure that a hit sends the very bytes prepared by hand, under the same fields. */
async function agree(): Promise<string> {
  const plain = new Map<Name, Buffer>()
  let coded = 0
  for (const name of names) {
    const { encoding, bytes, heard } = await settled(name)
    if (encoding !== 'br') throw new Error(`${name} sends ${encoding ?? 'plain bytes'}`)
    plain.set(name, brotliDecompressSync(bytes))
    if (name.endsWith('-tiercache')) {
      const byHand = await settled(name.replace('tiercache', 'prepared') as Name)
      if (!bytes.equals(byHand.bytes) || heard !== byHand.heard)
        throw new Error(`${name} sends something else:\n${heard}\nnot\n${byHand.heard}`)
      coded = bytes.length
    }
  }
  const [first, ...others] = plain.values()
  if (others.some((body) => !body.equals(first!))) throw new Error('The servers do not send the same')
  return `${first!.length} bytes, ${coded} coded`
}

/** The answer once it is coded. */
async function settled(name: Name) {
  const { url } = servers.get(name)!
  for (let attempt = 1; ; attempt++) {
    const { encoding, bytes, heard } = await raw(url)
    if (encoding !== undefined || attempt === 100) return { encoding, bytes, heard }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The bytes as they come: `fetch` would decode them. */
async function raw(url: string): Promise<{ encoding: string | undefined; bytes: Buffer; heard: string }> {
  const res = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers: HEADERS, agent: false }, resolve).on('error', reject)
  })
  const bytes = await buffer(res)
  const changing = ['date', 'age', 'connection', 'keep-alive']
  const fields = Object.entries(res.headers).filter(([field]) => !changing.includes(field))
  const heard = fields.map(([field, value]) => `${field}: ${String(value).replace(/ttl=\d+/, 'ttl')}`).sort()
  return { encoding: res.headers['content-encoding'], bytes, heard: heard.join('\n') }
}
