// `lock: 'fleet'` with `timeout`: who waits for another process's run waits no longer than for one of its own.
import { expect } from 'chai'
import { ask, overPairs } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { Gates } from '../crowd.ts'
import type { ReadOptions, Running } from '../middleware.ts'

// C4
overPairs('a run of another process that takes too long', (first, second) => {
  let redis: RedisServer
  let apps: Running[]
  let gates: Gates

  before(async () => {
    redis = await startRedis()
  })
  after(() => redis.stop())
  afterEach(async () => {
    gates.open()
    for (const app of apps) await app.stop()
    await redis.cli('FLUSHALL')
  })

  async function start(ttl: `${number}ms`, options: ReadOptions): Promise<void> {
    gates = new Gates()
    const handler = async () => ({ body: `run ${await gates.wait()}` })
    const begin = (harness: typeof first) =>
      harness.start((app) => app.read('/page', handler, ttl, { lock: 'fleet', ...options }), {
        redis: redis.url,
        ...unhurried,
      })
    apps = [await begin(first), await begin(second)]
  }

  it('lets the stale answer go first, after the soft timeout, and is the only one', async () => {
    await start('150ms', { staleIfError: '1h', timeout: { soft: '50ms' } })
    const filled = ask(apps[0]!, '/page')
    await gates.reach(1)
    gates.open(1)
    await filled
    expect((await ask(apps[1]!, '/page')).text).to.equal('run 1')
    await eventually(async () => {
      await ask(apps[0]!, '/page')
      expect(gates.begun).to.equal(2)
    })
    for (let asked = 0; asked < 2; asked++) {
      const { text, headers } = await ask(apps[1]!, '/page')
      expect(text).to.equal('run 1')
      expect(headers['cache-status']).to.match(/hit; ttl=-?\d+; detail=(timeout|stale-if-error)$/)
    }
    expect(gates.begun).to.equal(2)
  })

  it('is answered for after the hard timeout, without a run', async () => {
    await start('60000ms', { timeout: { hard: '50ms' } })
    expect((await ask(apps[0]!, '/page')).status).to.equal(504)
    const late = await Promise.all([ask(apps[1]!, '/page'), ask(apps[1]!, '/page')])
    expect(late.map(({ status }) => status)).to.deep.equal([504, 504])
    expect(gates.begun).to.equal(1)
    gates.open(1)
    await eventually(async () => expect((await ask(apps[1]!, '/page')).text).to.equal('run 1'))
    expect(gates.begun).to.equal(1)
  })
})
