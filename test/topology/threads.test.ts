// Worker threads of one process: each has a cache of its own, made of the built package, and ends once that is closed.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { expect } from 'chai'
import { type Origin, startOrigin } from '../chaos/origin.ts'
import { ask } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { guard } from '../support/guard.ts'
import { outcomeOf } from '../support/outcome.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { seenWithinBound } from './lag.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Thread {
  readonly port: number
  readonly worker: Worker
}

describe('worker threads that share one Redis', function () {
  this.timeout(60_000)
  // Within the project, so that the package finds what it depends on.
  const folder = mkdtempSync(join(root, 'test', 'topology', '.run-'))
  const watch = guard(folder)
  let redis: RedisServer
  let origin: Origin
  let threads: readonly Thread[] = []

  before(async () => {
    writeFileSync(join(folder, '.gitignore'), '*')
    ;[redis, origin] = await Promise.all([startRedis(), startOrigin()])
    await build()
    threads = await Promise.all([startThread(), startThread()])
  })
  after(async () => {
    await Promise.all(threads.map(({ worker }) => worker.terminate()))
    await Promise.all([redis.stop(), origin.stop()])
    await watch.end()
  })

  async function build() {
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    await promisify(execFile)(
      process.execPath,
      [compiler, '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')],
      {
        cwd: root,
      },
    )
  }

  async function startThread(): Promise<Thread> {
    const built = pathToFileURL(join(folder, 'dist', 'express.js')).href
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: { built, redis: redis.url, origin: origin.port },
      // As a user's: without what runs TypeScript for us.
      execArgv: [],
    })
    const [port] = await once(worker, 'message')
    return { port, worker }
  }

  const warm = (thread: Thread, path: string) =>
    eventually(async () => expect(outcomeOf(await ask(thread, path))).to.equal('hit l1'), { within: 10_000 })

  it('share their entries', async () => {
    const [one, other] = threads
    await ask(one!, '/things/shared')
    await eventually(async () => expect(await redis.cli('KEYS', 'tiercache:e:*')).not.to.equal(''), { within: 10_000 })
    expect(outcomeOf(await ask(other!, '/things/shared'))).to.equal('hit l2')
    expect(origin.reads).to.equal(1)
  })

  it('answer with a write of either within the bound', async () => {
    for (const [value, writer] of threads.entries()) {
      for (const thread of threads) await warm(thread, '/things/written')
      await ask(writer, '/things/written', { method: 'PUT' })
      const acknowledgedAt = performance.now()
      const text = `${value + 1}`
      expect((await ask(writer, '/things/written')).text).to.equal(text)
      for (const thread of threads) await seenWithinBound(thread, '/things/written', text, acknowledgedAt)
    }
  })

  it('are not disturbed by one that is terminated where it stands', async () => {
    const third = await startThread()
    await warm(third, '/things/third')
    await third.worker.terminate()
    for (const thread of threads) await warm(thread, '/things/third')
    await ask(threads[0]!, '/things/third', { method: 'PUT' })
    await seenWithinBound(threads[1]!, '/things/third', '1')
  })

  // T76
  it('end by themselves once their cache is closed', async () => {
    const exits = threads.map(({ worker }) => once(worker, 'exit'))
    for (const { worker } of threads) worker.postMessage('stop')
    expect(await Promise.all(exits)).to.deep.equal([[0], [0]])
  })
})
