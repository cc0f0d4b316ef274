// A Bloom filter of a million ids in Redis, and a guard while Redis is frozen: npm run bench -- bloom [--ids N] [--rounds N] [--module FILE]
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism, loadavg } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import express from 'express'
import { startRedis } from '../test/support/redis-server.ts'
import { build } from './shared/build.ts'
import { spread } from './shared/statistics.ts'
import { versions } from './shared/versions.ts'

const ERROR_RATE = 0.01
/** What is asked of a million ids at 1 %. */
const TARGETS = { falsePositives: 0.012, falseNegatives: 0, mebibytes: 1.25, perSecond: 200_000, roundTrips: 1 }
/** One in so many of the ids that were added is asked for. */
const SAMPLED = 10
/** Questions on their way together. */
const AT_ONCE = 2_000

const { values: args } = parseArgs({
  options: {
    ids: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    // Of BF commands, as redisbloom.so: the filter is then the server's own, and nothing is written.
    module: { type: 'string' },
  },
})
const ids = Number(args.ids)
const rounds = Number(args.rounds)

const folder = build()
const load = (file: string) => import(pathToFileURL(join(folder, file)).href)
const { bloomFilter } = (await load('index.js')) as typeof import('../src/index.ts')
const { guard } = (await load('express.js')) as typeof import('../src/express.ts')

function* named(prefix: string): Generator<string> {
  for (let i = 0; i < ids; i++) yield `${prefix}:${i}`
}

const redis = await startRedis({ args: args.module === undefined ? [] : ['--loadmodule', args.module] })
const filter = bloomFilter(redis.url, 'bench', { size: ids, errorRate: ERROR_RATE, budget: '30s' })
try {
  await filter.rebuild([])
  const addMany = await addAll()
  const asked = Math.ceil(ids / SAMPLED)
  const falseNegatives = asked - (await knownOf('id', SAMPLED))
  await redis.resetStats()
  const falsePositives = (await knownOf('other')) / ids
  const { bitfield_ro = 0, 'bf.mexists': ofServer = 0, ...others } = await redis.commandStats()
  const commands = bitfield_ro + ofServer
  const strays = Object.entries(others).filter(([name]) => !name.startsWith('config'))
  const mebibytes = await memoryInUse()
  const frozen = await frozenGuard()
  const result = {
    ids,
    errorRate: ERROR_RATE,
    falsePositives,
    falseNegatives: { asked, missed: falseNegatives },
    mebibytes,
    addMany: { ...addMany, rounds },
    has: { calls: ids, commands, others: Object.fromEntries(strays), roundTrips: commands / ids },
    frozen,
    cores: availableParallelism(),
    load: loadavg()[0],
    versions: versions(['express', 'ioredis']),
  }
  const best = result.addMany.perSecond
  say('false positives', `${(falsePositives * 100).toFixed(3)} %`, falsePositives <= TARGETS.falsePositives)
  say('false negatives', `${falseNegatives} of ${asked}`, falseNegatives === TARGETS.falseNegatives)
  say('in Redis (MEMORY USAGE)', `${mebibytes.toFixed(3)} MiB`, mebibytes <= TARGETS.mebibytes)
  say(
    'addMany',
    `${Math.round(best.median).toLocaleString('en')} ids/s (${Math.round(best.lowest).toLocaleString('en')}–${Math.round(best.highest).toLocaleString('en')}), ${Math.round(result.addMany.perCpuSecond.median).toLocaleString('en')} per second of CPU`,
    best.median >= TARGETS.perSecond,
  )
  say(
    'commands for one has',
    `${result.has.roundTrips}`,
    result.has.roundTrips === TARGETS.roundTrips && strays.length === 0,
  )
  say(
    'guard before a frozen Redis',
    `${frozen.passed} of ${frozen.requests} passed, the slowest in ${frozen.slowest.toFixed(0)} ms, the median in ${frozen.median.toFixed(1)} ms`,
    frozen.passed === frozen.requests,
  )
  if (ids === 1_000_000 && args.module === undefined) {
    writeFileSync(new URL('./results/bloom.json', import.meta.url), `${JSON.stringify(result, undefined, 2)}\n`)
    console.log('\nWritten to bench/results/bloom.json.')
  }
} finally {
  await filter.close()
  await redis.stop()
}

/** Adds all ids, some times over: bits that are set cost the same as bits that are not. */
async function addAll() {
  const perSecond: number[] = []
  const perCpuSecond: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    const before = process.cpuUsage()
    await filter.addMany(named('id'))
    perSecond.push((ids / (performance.now() - start)) * 1_000)
    const { user, system } = process.cpuUsage(before)
    perCpuSecond.push((ids / (user + system)) * 1e6)
  }
  return { perSecond: spread(perSecond), perCpuSecond: spread(perCpuSecond) }
}

async function knownOf(prefix: string, every = 1): Promise<number> {
  let known = 0
  let asked: Promise<boolean>[] = []
  const count = async () => {
    for (const answer of await Promise.all(asked)) if (answer) known++
    asked = []
  }
  for (let i = 0; i < ids; i += every) if (asked.push(filter.has(`${prefix}:${i}`)) === AT_ONCE) await count()
  await count()
  return known
}

async function memoryInUse(): Promise<number> {
  const { keys } = await filter.info()
  const sizes = await Promise.all(keys.map((key) => redis.cli('MEMORY', 'USAGE', key)))
  return sizes.reduce((sum, size) => sum + Number(size), 0) / 2 ** 20
}

/** A guard with the default budget, for ids that it would turn away: how long each request took while Redis was frozen. */
async function frozenGuard() {
  const guarded = bloomFilter(redis.url, 'bench', { size: ids, errorRate: ERROR_RATE })
  const app = express()
  app.get(
    '/:id',
    guard(guarded, (req) => `missing:${req.params.id}`),
    (_req, res) => void res.send('ok'),
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const times: number[] = []
  let passed = 0
  try {
    await guarded.ready()
    await redis.freeze()
    for (let i = 0; i < 200; i++) {
      const start = performance.now()
      if ((await statusOf(port, `/${i}`)) === 200) passed++
      times.push(performance.now() - start)
    }
  } finally {
    redis.thaw()
    server.closeAllConnections()
    server.close()
    await guarded.close()
  }
  const { median, highest } = spread(times)
  return { requests: times.length, passed, slowest: highest, median }
}

function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path }, (res) => res.resume().once('end', () => resolve(res.statusCode))).once(
      'error',
      reject,
    )
  })
}

function say(what: string, value: string, isMet: boolean): void {
  console.log(`${what}: ${value}, ${isMet ? 'met' : 'missed'}`)
}
