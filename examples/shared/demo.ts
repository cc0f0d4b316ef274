/** The demo of every framework: opens the parts, takes the tour, then ends (`--once`) or keeps serving. */
import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import type { CacheEvent } from '../../src/observe/events.ts'
import { type Catalog, createCatalog } from './catalog.ts'
import { oneServer, twoServers } from './chapters.ts'
import { openDatabase } from './database.ts'
import { listen } from './listen.ts'
import { printHeadline, printInvitation, printLegend, printPart, printResult } from './print.ts'
import { createRecorder } from './recorder.ts'
import { findRedis } from './redis.ts'
import { createReport } from './report.ts'
import { fillDatabase } from './schema.ts'
import { takeTour } from './tour.ts'

interface Closable {
  close(): Promise<unknown>
}

interface DemoCache extends Closable {
  ready(): Promise<unknown>
}

interface DemoOptions {
  namespace: string
  redis?: string
  listeners: ((event: CacheEvent) => void)[]
}

/** What Express and Koa do differently. */
export interface Framework<Cache extends DemoCache> {
  /** The package, whose version the headline shows. */
  name: 'express' | 'koa'
  createCache(options: DemoOptions): Cache
  createHandler(cache: Cache, catalog: Catalog): RequestListener
}

/** Runs the demo. Everything it opened is closed in the end, so that the process exits by itself. */
export async function runDemo<Cache extends DemoCache>(framework: Framework<Cache>): Promise<void> {
  const opened: Closable[] = []
  try {
    const { ports, passed } = await present(framework, opened)
    process.exitCode = passed ? 0 : 1
    if (process.argv.includes('--once')) return
    printInvitation(ports)
    await interrupted()
  } catch (error) {
    console.error(`\n  ${(error as Error).message}\n`)
    process.exitCode = 1
  } finally {
    for (const part of opened.reverse()) await part.close()
  }
}

async function present<Cache extends DemoCache>(framework: Framework<Cache>, opened: Closable[]) {
  const redis = process.env.REDIS_URL || undefined
  // A name of its own, so that an earlier run has left nothing behind in Redis.
  const namespace = `tiercache-demo-${randomBytes(4).toString('hex')}`
  const recorder = createRecorder()
  let runs = 0

  printHeadline(framework.name)
  const database = keep(await openDatabase(process.env.DATABASE_URL || undefined))
  printPart('database', `${database.title}: ${await fillDatabase(database)} countries`)
  printPart('L1', 'the memory of this process')
  const catalog = createCatalog(database, () => runs++)

  const openCache = () =>
    keep(
      framework.createCache({
        namespace,
        listeners: [recorder.listener],
        ...(redis === undefined ? {} : { redis }),
      }),
    )

  // Before Redis is asked, because it knows best what is wrong with an address.
  const cache = openCache()
  const found = redis === undefined ? undefined : await findRedis(redis)
  printPart('L2', found?.title ?? 'none; REDIS_URL adds Redis')

  const serve = async (cache: Cache, port: number) => {
    if (found?.answers) await cache.ready()
    return keep(await listen(framework.createHandler(cache, catalog), port))
  }
  const first = await serve(cache, Number(process.env.PORT || 3000))
  const second = found?.answers ? await serve(openCache(), 0) : undefined
  const ports = { first: first.port, second: second?.port }

  printLegend()
  const taken = await takeTour({
    chapters: second === undefined ? oneServer : [...oneServer, ...twoServers],
    ports,
    recorder,
    runs: () => runs,
    report: createReport(console.log),
  })
  printResult(taken)
  return { ports, passed: taken.every(({ problems }) => problems.length === 0) }

  function keep<Part extends Closable>(part: Part): Part {
    opened.push(part)
    return part
  }
}

/** Resolves at Ctrl+C; a second one while closing changes nothing. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', resolve)
    process.on('SIGTERM', resolve)
  })
}
