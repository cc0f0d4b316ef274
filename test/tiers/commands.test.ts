// What the cache asks of Redis: few commands, bounded ones, none at all for what memory can answer.
import { expect } from 'chai'
import { type App, overFrameworks, type Running } from '../contract/middleware.ts'
import { ask, outcomes, storedKey } from '../support/apps.ts'
import { type Monitor, monitor, type SeenCommand } from '../support/redis-monitor.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

overFrameworks('the commands sent to Redis', (harness) => {
  let redis: RedisServer
  let watch: Monitor
  let app: Running

  const tell = (app: App) => {
    app.read('/things/:id', ({ params }) => ({ body: `thing ${params.id}` }), '5m', {
      tags: ({ params }) => `thing:${params.id}`,
    })
    app.write('put', '/things/:id', [({ params }) => [`thing:${params.id}`, '/things/:id']], () => ({ body: 'ok' }))
  }

  before(async () => {
    redis = await startRedis()
    app = await harness.start(tell, { redis: redis.url })
    watch = await monitor(redis.port)
  })
  after(async () => {
    watch.stop()
    await app.stop()
    await redis.stop()
  })

  /** Leaves out the connection's own signs of life, which come whether there are requests or not, and the test's look at what is stored. */
  const forRequests = (commands: readonly SeenCommand[]) =>
    commands.filter(({ name, args, byScript }) => {
      const sign =
        ['info', 'role', 'time', 'publish', 'exists'].includes(name) || (name === 'get' && args[0] === 'tiercache:v:*')
      return !sign && !byScript
    })

  // T69
  it('are of a few kinds, none of which walks or empties the keys or fills a set', async () => {
    await redis.resetStats()
    for (const id of ['1', '2', '3']) await ask(app, `/things/${id}`)
    for (const id of ['1', '2', '3']) await ask(app, `/things/${id}`)
    for (const id of ['1', '2']) await ask(app, `/things/${id}`, { method: 'PUT' })
    await app.cache.bump('*', 'thing:3')
    await ask(app, '/things/1')
    const kinds = Object.keys(await redis.commandStats())
    const bounded = ['get', 'pttl', 'set', 'pexpire', 'evalsha', 'eval', 'publish', 'time', 'info', 'role', 'del']
    expect(kinds.filter((kind) => !bounded.includes(kind))).to.deep.equal([])
  })

  // T68
  it('set an entry and its life in one command, once', async () => {
    await watch.take()
    await ask(app, '/things/atomic')
    await storedKey(app, redis)
    const writes = (await watch.take()).filter(({ name, args }) => name === 'set' && args[0]?.includes(':e:'))
    expect(writes).to.have.length(1)
    expect(writes[0]!.args.slice(2, 3)).to.deep.equal(['PX'])
    expect(Number(writes[0]!.args[3])).to.be.within(299_000, 300_000)
  })

  it('are none for a hit in memory', async () => {
    await ask(app, '/things/hit')
    await storedKey(app, redis)
    await watch.take()
    for (let i = 0; i < 200; i++) await ask(app, '/things/hit')
    expect(outcomes(app).slice(-200)).to.deep.equal(Array(200).fill('hit l1'))
    // A tag in use is read again twice in its bound of a second: three tags, and this takes no two seconds.
    const sent = forRequests(await watch.take())
    expect(sent.filter(({ name }) => name !== 'get')).to.deep.equal([])
    expect(sent.length).to.be.below(30)
  })

  it('are one look-up and one store for a miss, and do not prolong the same versions over and over', async () => {
    await ask(app, '/things/first')
    await storedKey(app, redis)
    await watch.take()
    for (let i = 0; i < 50; i++) await ask(app, `/things/one-of-many-${i}`)
    await storedKey(app, redis)
    const sent = forRequests(await watch.take())
    const entries = sent.filter(({ args }) => args[0]?.startsWith('tiercache:e:'))
    expect(count(entries)).to.deep.equal({ pttl: 50, get: 50, set: 50 })
    // Each thing has a tag of its own that is made; the two tags that all share need no more than a look.
    const shared = sent.filter(({ args }) => args.some((arg) => /^tiercache:v:(\*|\/things\/:id)$/.test(arg)))
    expect(shared.length).to.be.below(20)
  })

  // T62
  it('are two scripts for a hundred writes of one thing at once', async () => {
    await ask(app, '/things/stormed')
    await watch.take()
    const results = await Promise.all(Array.from({ length: 100 }, () => app.cache.bump('thing:stormed')))
    expect(new Set(results.map(({ applied }) => applied))).to.deep.equal(new Set(['everywhere']))
    expect((await watch.take()).filter(({ name }) => name === 'publish')).to.have.length(2)
    await ask(app, '/things/stormed')
    expect(outcomes(app).at(-1)).to.equal('miss')
  })
})

function count(commands: readonly SeenCommand[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { name } of commands) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
