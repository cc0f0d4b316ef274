// Announced writes that cannot be announced: 503 before anything was committed, and a word to listeners.
import { expect } from 'chai'
import { CacheConfigError } from '../../../src/errors.ts'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { timed } from '../../support/timed.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Announced, TOKEN } from './announced.ts'

overFrameworks('a write that cannot be announced', (harness) => {
  let redis: RedisServer
  let proxy: FaultProxy
  let shop: Announced
  let app: Running | undefined

  before(async () => {
    redis = await startRedis()
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    await redis.cli('ACL', 'SETUSER', 'default', '+@all', 'allchannels')
    proxy = new FaultProxy(redis.port)
    await proxy.start()
    shop = new Announced()
  })
  afterEach(async () => {
    await app?.stop()
    app = undefined
    proxy.stop()
  })
  after(() => redis.stop())

  async function start(wait = true) {
    app = await harness.start(shop.tell(), { redis: proxy.url, wait })
    return app
  }
  const state = (wanted: string) =>
    eventually(() => expect(eventsOf(app!, 'redis').at(-1)).to.have.property('state', wanted))
  const put = () => ask(app!, '/value', { method: 'PUT' })

  async function expectRefused() {
    const { ms, slack, result } = await timed(put, () => ask(app!, '/plain'))
    expect(ms).to.be.below(150 + slack)
    expect(result.status).to.equal(503)
    expect(result.headers).to.include({ 'retry-after': '1', 'cache-control': 'no-store' })
    expect(shop).to.include({ writes: 0, value: 0 })
    expect(eventsOf(app!, 'bump')).to.deep.equal([])
  }

  async function expectWritten() {
    await eventually(async () => expect((await put()).status).to.equal(200))
    expect((await ask(app!, '/strong')).text).to.equal('v1')
    expect(shop.writes).to.equal(1)
  }

  it('without Redis from the start is refused, and is made once it is there', async () => {
    proxy.lead(undefined)
    await start(false)
    await expectRefused()
    await state('down')
    await expectRefused()
    proxy.lead(redis.port)
    await state('up')
    await expectWritten()
  })

  it('after Redis was lost is refused, and is made once it is back', async () => {
    await start()
    proxy.lead(undefined)
    await state('down')
    await expectRefused()
    proxy.lead(redis.port)
    await state('up')
    await expectWritten()
  })

  it('while Redis answers nothing is refused in time', async () => {
    await start()
    proxy.set('commands', 'drop')
    await expectRefused()
    proxy.set('commands', 'pass')
    // What arrives late stands for its time: nobody keeps anything until then, and a write that comes is made.
    await state('up')
    await expectWritten()
  })

  it('because scripts are forbidden is refused, is told once with what is lost, and is made once they are allowed', async () => {
    await start()
    await redis.cli('ACL', 'SETUSER', 'default', '-eval', '-evalsha')
    for (let i = 0; i < 3; i++) await expectRefused()
    const told = eventsOf(app!, 'trouble').filter(({ message }) => /evalsha|eval/i.test(message))
    expect(told).to.have.length(1)
    await redis.cli('ACL', 'SETUSER', 'default', '+eval', '+evalsha')
    await expectWritten()
  })

  it('where Redis has no memory left is refused', async () => {
    await start()
    await ask(app!, '/strong')
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction')
    try {
      await expectRefused()
    } finally {
      await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    }
    await expectWritten()
    expect(await redis.cli('GET', 'tiercache:v:value')).to.match(TOKEN)
  })

  it('for want of Redis in the configuration is refused at the start', async () => {
    const error = await harness.start(shop.tell(), {}).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.be.an.instanceOf(CacheConfigError)
    expect(error).to.have.property('code', 'invalid-option')
    expect(error).to.have.property('message').that.contains("`mode: 'intent'` needs `redis`")
  })
})
