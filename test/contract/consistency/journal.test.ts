// Bumps that Redis did not confirm: what `bump()` says of them, and that Redis hears of them before it is trusted with their tags.
import { expect } from 'chai'
import { FaultProxy } from '../../consistency/stage/fault-proxy.ts'
import { ask, outcomes } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type Monitor, monitor, type SeenCommand } from '../../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { timed } from '../../support/timed.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Shelf } from './shelf.ts'

const everywhere = { applied: 'everywhere', journalled: false }
const locally = { applied: 'locally', journalled: true }

// T60
overFrameworks('a bump that Redis did not hear', (harness) => {
  let redis: RedisServer
  let proxy: FaultProxy
  let watch: Monitor
  let shelf: Shelf
  let app: Running

  before(async () => {
    redis = await startRedis()
    watch = await monitor(redis.port)
  })
  beforeEach(async () => {
    await redis.cli('FLUSHALL')
    proxy = new FaultProxy(redis.port)
    await proxy.start()
    shelf = new Shelf()
  })
  afterEach(async () => {
    await app.stop()
    proxy.stop()
  })
  after(async () => {
    watch.stop()
    await redis.stop()
  })

  async function start(wait = true) {
    app = await harness.start(shelf.tell(), { redis: proxy.url, wait })
  }
  const state = (wanted: string) =>
    eventually(() => expect(eventsOf(app, 'redis').at(-1)).to.have.property('state', wanted))

  async function cut() {
    proxy.lead(undefined)
    await state('down')
  }
  async function heal() {
    proxy.lead(redis.port)
    await state('up')
  }

  it('says so: without Redis, after its loss, when it answers too late, and no more once it is back', async () => {
    proxy.lead(undefined)
    await start(false)
    expect(await app.cache.bump('a')).to.deep.equal(locally)
    await heal()
    expect(await app.cache.bump('a', 'b')).to.deep.equal(everywhere)
    proxy.set('commands', 'drop')
    const { ms, slack, result } = await timed(
      () => app.cache.bump('a', 'b', 'c'),
      () => ask(app, '/plain/control'),
    )
    expect(result).to.deep.equal(locally)
    expect(ms).to.be.below(150 + slack)
    await state('down')
    expect(await app.cache.bump('a')).to.deep.equal(locally)
    proxy.set('commands', 'pass')
    await state('up')
    expect(await app.cache.bump('a')).to.deep.equal(everywhere)
    const told = eventsOf(app, 'bump').map(({ tags, applied, journalled }) => ({ tags, applied, journalled }))
    expect(told).to.deep.equal([
      { tags: ['a'], ...locally },
      { tags: ['a', 'b'], ...everywhere },
      { tags: ['a', 'b', 'c'], ...locally },
      { tags: ['a'], ...locally },
      { tags: ['a'], ...everywhere },
    ])
  })

  it('is heard before anything of its tag is read, and once however often it was bumped', async () => {
    await start()
    await ask(app, '/things/1')
    await cut()
    for (let i = 0; i < 3; i++) await ask(app, '/things/1', { method: 'PUT' })
    await watch.take()
    await heal()
    expect((await ask(app, '/things/1')).text).to.equal('v3')
    const sent = await watch.take()
    const told = sent.findIndex(isBump)
    expect(told).to.be.above(-1)
    expect(sent.filter(isBump)).to.have.length(1)
    const read = sent.findIndex(({ name, args, byScript }) => {
      return name === 'get' && !byScript && /:v:thing:1$|:e:/.test(args[0]!)
    })
    expect(read === -1 || told < read, 'told before it was read').to.equal(true)
  })

  it('keeps former answers out, here and in Redis, also where they were stored after it', async () => {
    const other = await harness.start(shelf.tell(), { redis: redis.url })
    try {
      await start()
      for (const one of [app, other]) await ask(one, '/things/1')
      await cut()
      await ask(app, '/things/1', { method: 'PUT' })
      // Nobody told the other process: it stores its answer anew under the former token.
      expect((await ask(other, '/things/1?again')).text).to.equal('v1')
      expect((await ask(other, '/things/1')).text).to.equal('v0')
      await heal()
      expect((await ask(app, '/things/1')).text).to.equal('v1')
      await eventually(async () => expect((await ask(other, '/things/1')).text).to.equal('v1'), { within: 1_000 })
      await ask(app, '/things/1')
      expect(outcomes(app).at(-1)).to.equal('hit l1')
    } finally {
      await other.stop()
    }
  })

  it('is heard also where its tag was never read here', async () => {
    await start()
    await cut()
    await app.cache.bump('thing:1', 'unheard-of')
    await watch.take()
    await heal()
    const told = (await watch.take()).filter(({ name }) => name === 'publish').map(({ args }) => args[1] ?? '')
    for (const tag of ['thing:1', 'unheard-of']) {
      expect(told.filter((text) => text.startsWith('bump ') && text.endsWith(` ${tag}`))).to.have.length(1)
    }
  })
})

function isBump({ name, args }: SeenCommand): boolean {
  return name === 'publish' && /^bump \S+ thing:1$/.test(args[1] ?? '')
}
