// Strong hits beside bounded ones, and what they ask of Redis: npm run bench -- strong [--rounds N] [--hits N] [--seconds N]
import { once } from 'node:events'
import { Agent, createServer, get, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import express from 'express'
import { Redis } from 'ioredis'
import Koa from 'koa'
import { type RedisServer, startRedis } from '../test/support/redis-server.ts'
import { build } from './shared/build.ts'
import { ratio, spread } from './shared/statistics.ts'
import { versions } from './shared/versions.ts'

/** What strong consistency may cost a hit: three times a bounded one; and Redis: one validation per tag and round trip. */
const TARGETS = { latency: 3, validations: 1 }
/** Each answer carries its route and `*`. */
const TAGS = 2

const { values: args } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    hits: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '3' },
  },
})
const body = JSON.stringify({ text: 'x'.repeat(2048) })

type Frameworks = Readonly<Record<string, (url: string) => Promise<App>>>

interface App {
  readonly listener: RequestListener
  close(): Promise<void>
}

async function main(): Promise<void> {
  const folder = await build()
  const load = (file: string) => import(pathToFileURL(join(folder, file)).href)
  const frameworks: Frameworks = {
    async Express(url) {
      const { createCache } = (await load('express.js')) as typeof import('../src/express.ts')
      const { cacheRoute, ready, close } = createCache({ redis: url })
      const app = express()
      app.get('/bounded', cacheRoute('1h'), (_req, res) => void res.type('json').end(body))
      app.get('/strong', cacheRoute('1h', { consistency: 'strong' }), (_req, res) => void res.type('json').end(body))
      await ready()
      return { listener: app, close }
    },
    async Koa(url) {
      const { createCache } = (await load('koa.js')) as typeof import('../src/koa.ts')
      const { cacheRoute, ready, close } = createCache({ redis: url })
      const app = new Koa()
      const routes = {
        '/bounded': cacheRoute('1h', { name: 'b' }),
        '/strong': cacheRoute('1h', { name: 's', consistency: 'strong' }),
      }
      app.use((ctx, next) => routes[ctx.path as keyof typeof routes](ctx, next))
      app.use((ctx) => {
        ctx.type = 'json'
        ctx.body = body
      })
      await ready()
      return { listener: app.callback(), close }
    },
  }
  console.log(
    `${args.rounds} rounds of ${args.hits} hits on one connection; ${JSON.stringify(versions(['express', 'koa', 'ioredis']))}\n`,
  )
  for (const [name, open] of Object.entries(frameworks)) await measure(name, open)
}

async function measure(name: string, open: Frameworks[string]): Promise<void> {
  const redis = await startRedis()
  const app = await open(redis.url)
  const server = createServer(app.listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await latency(name, server)
    await load(name, server, redis)
  } finally {
    server.closeAllConnections()
    server.close()
    await app.close()
    await redis.stop()
  }
}

async function latency(name: string, server: Server): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const medians: Record<string, number[]> = { '/bounded': [], '/strong': [] }
  for (let round = -1; round < Number(args.rounds); round++) {
    for (const path of ['/bounded', '/strong']) {
      const times: number[] = []
      for (let i = 0; i < Number(args.hits); i++) times.push(await timed(server, path, agent))
      // The first round warms up.
      if (round >= 0) medians[path]!.push(spread(times).median)
    }
  }
  agent.destroy()
  const share = ratio(medians['/strong']!, medians['/bounded']!)
  const ms = (path: string) => `${spread(medians[path]!).median.toFixed(3)} ms`
  console.log(
    `${name}: p50 of a bounded hit ${ms('/bounded')}, of a strong one ${ms('/strong')}: ${share.median.toFixed(2)} ×` +
      ` (${share.lowest.toFixed(2)}–${share.highest.toFixed(2)}), ${verdict(share.median <= TARGETS.latency)}`,
  )
}

async function load(name: string, server: Server, redis: RedisServer): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const probe = new Redis(redis.url)
  const trips: number[] = []
  const end = performance.now() + Number(args.seconds) * 1_000
  let requests = 0
  await redis.resetStats()
  const before = performance.now()
  const ask = async () => {
    while (performance.now() < end) {
      await timed(server, '/strong', agent)
      requests++
    }
  }
  const ping = async () => {
    while (performance.now() < end) {
      const start = performance.now()
      await probe.ping()
      trips.push(performance.now() - start)
    }
  }
  await Promise.all([...Array.from({ length: 64 }, ask), ping()])
  const seconds = (performance.now() - before) / 1_000
  const { publish = 0, get: reads = 0 } = await redis.commandStats()
  agent.destroy()
  probe.disconnect()
  const trip = trips.reduce((sum, ms) => sum + ms, 0) / trips.length / 1_000
  const perTrip = ((publish + reads) / seconds) * trip
  console.log(
    `${name}: ${Math.round(requests / seconds).toLocaleString('en')} strong hits/s over 64 connections ask ${Math.round((publish + reads) / seconds)} validations/s of Redis;` +
      ` × the round trip seen by the process (${(trip * 1_000).toFixed(2)} ms) = ${perTrip.toFixed(2)}, ${(perTrip / TAGS).toFixed(2)} per tag, ${verdict(perTrip / TAGS <= TARGETS.validations)}`,
  )
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'missed'
}

function timed(server: Server, path: string, agent: Agent): Promise<number> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const start = performance.now()
    get({ host: '127.0.0.1', port, path, agent }, (res) => {
      res.resume().once('end', () => resolve(performance.now() - start))
    }).once('error', reject)
  })
}

await main()
