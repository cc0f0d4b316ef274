// A process whose cache is closed ends by itself, with Redis, without it, and with a Redis that does not answer.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createCache } from '../../src/express.ts'
import { expressHarness } from '../contract/middleware.ts'
import { freePort } from '../support/free-port.ts'
import { get } from '../support/http-client.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startProxy } from '../support/tcp-proxy.ts'

// T76
describe('a process whose cache was closed', function () {
  this.timeout(25_000)
  let redis: RedisServer

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())

  /** Runs the process to its end and resolves to what it did. */
  async function run(framework: string, url: string, wait: 'wait' | 'no wait' = 'no wait') {
    const script = fileURLToPath(new URL('./exit-process.ts', import.meta.url))
    const child = spawn(
      process.execPath,
      ['--import', 'tsx/esm', '--unhandled-rejections=strict', script, framework, url, wait],
      { stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000, killSignal: 'SIGKILL' },
    )
    const [output, errors, [code, signal]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null, string | null]>,
    ])
    expect({ code, signal, errors }).to.deep.equal({ code: 0, signal: null, errors: '' })
    return JSON.parse(output) as Record<string, unknown>
  }

  const everywhere = { applied: 'everywhere', journalled: false }
  const locally = { applied: 'locally', journalled: true }
  const common = { served: ['a', 'a'], midFlight: 'held', afterClose: ['a', 'no Cache-Status'] }

  for (const framework of ['Express', 'Koa']) {
    it(`ends on ${framework} with a cache in memory alone`, async () => {
      expect(await run(framework, '')).to.deep.include({ ...common, bumped: everywhere })
    })

    it(`ends on ${framework} with Redis, and with a request under way`, async () => {
      expect(await run(framework, redis.url, 'wait')).to.deep.include({ ...common, bumped: everywhere })
    })

    it(`ends on ${framework} without a Redis where one should be`, async () => {
      const url = `redis://127.0.0.1:${await freePort()}`
      expect(await run(framework, url)).to.deep.include({ ...common, bumped: locally })
    })

    it(`ends on ${framework} with a Redis that is frozen`, async () => {
      await redis.freeze()
      try {
        expect(await run(framework, redis.url)).to.deep.include({ ...common, bumped: locally })
      } finally {
        redis.thaw()
      }
    })
  }

  // T73
  it('has stored what it was about to store', async () => {
    const proxy = await startProxy(redis.port)
    const app = await expressHarness.start((app) => app.read('/last', () => ({ body: 'last' })), {
      redis: `redis://127.0.0.1:${proxy.port}`,
      namespace: 'last',
    })
    await get(app.port, '/last?first')
    await proxy.set({ delay: 40 })
    await get(app.port, '/last')
    const run = app.events.findLast((event) => event.type === 'run')
    await app.cache.close()
    expect(await redis.cli('EXISTS', `last:e:${run?.type === 'run' && run.key}`)).to.equal('1')
    await app.stop()
    await proxy.stop()
  })

  it('tells those who wait for Redis that it will not come any more', async () => {
    const cache = createCache({ redis: `redis://127.0.0.1:${await freePort()}` })
    const waiting = cache.ready('1m').then(
      () => 'ready',
      () => 'never',
    )
    await cache.close()
    expect(
      await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 1_000, 'still waiting'))]),
    ).to.equal('never')
  })
})
