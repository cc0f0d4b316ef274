// A Bloom filter whose Redis is refused, killed, frozen or full: everything may exist, soon, and each change is told once.
import { expect } from 'chai'
import { eachFilterKind } from '../support/filter-kinds.ts'
import { freePort } from '../support/free-port.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { known, opening, strangers } from '../tiers/filters.ts'

const rejected = (work: Promise<unknown>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    (error: Error) => error,
  )

// T48, T49
eachFilterKind('a Bloom filter without Redis', (kind) => {
  const open = opening()
  const servers: RedisServer[] = []

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop()
  })

  async function started(...args: string[]): Promise<RedisServer> {
    const server = await startRedis({ args: [...kind.args, ...args] })
    servers.push(server)
    return server
  }

  it('lets everything exist when nobody listens there, and rejects what it cannot keep', async () => {
    const { filter, states } = open(`redis://127.0.0.1:${await freePort()}`, 'users', { budget: '50ms' })
    expect(await known(filter, strangers(20))).to.equal(20)
    expect(await rejected(filter.ready('50ms'))).to.be.instanceOf(Error)
    await eventually(() => expect(states()).to.deep.equal(['open unreachable']))
    expect(await rejected(filter.add('a'))).to.match(/Redis is not reachable|did not take it/)
    expect(states()).to.deep.equal(['open unreachable'])
  })

  it('is up by itself once Redis is, and works at once for whoever can wait', async () => {
    const port = await freePort()
    const { filter, states } = open(`redis://127.0.0.1:${port}`, 'users')
    const added = filter.addMany(['a'])
    expect(await filter.has('b')).to.equal(true)
    servers.push(await startRedis({ port, args: kind.args }))
    await added
    await eventually(() => expect(states().at(-1)).to.equal('up answers'))
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false])
  })

  // T57
  it('has Redis take once more what it had when it comes back from an older snapshot', async () => {
    const redis = await started()
    const { filter, states } = open(redis.url, 'users')
    await filter.rebuild(['old'])
    await redis.cli('SAVE')
    await filter.add('late')
    await redis.kill()
    await eventually(() => expect(states().at(-1)).to.equal('open unreachable'))
    await redis.start()
    await eventually(() => expect(states().at(-1)).to.equal('up answers'))
    expect([await filter.has('old'), await filter.has('late'), await filter.has('none')]).to.deep.equal([
      true,
      true,
      false,
    ])
    const other = open(redis.url, 'users').filter
    await eventually(async () => expect(await other.has('late')).to.equal(true))
    expect(await other.has('none')).to.equal(false)
  })

  it('lets everything exist while Redis is frozen, asks no more of it, and answers again when it thaws', async () => {
    const redis = await started()
    const { filter, states } = open(redis.url, 'users', { budget: '20ms' })
    await filter.addMany(['a'])
    await eventually(async () => expect(await filter.has('b')).to.equal(false))
    await redis.resetStats()
    await redis.freeze()
    for (let i = 0; i < 5; i++) expect(await known(filter, strangers(20))).to.equal(20)
    await eventually(() => expect(states().at(-1)).to.equal('open unreachable'))
    expect(await known(filter, strangers(1_000))).to.equal(1_000)
    const before = states().length
    redis.thaw()
    await eventually(() => expect(states().slice(before)).to.deep.equal(['up answers']))
    await eventually(async () => expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false]))
    // Of the thousand questions none was asked.
    expect((await redis.commandStats())[kind.asking[0]!]).to.be.below(200)
  })

  it('lets everything exist after Redis was killed and has come back empty', async () => {
    const redis = await started()
    const { filter, states } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await redis.kill()
    await eventually(() => expect(states().at(-1)).to.equal('open unreachable'))
    expect(await known(filter, strangers(20))).to.equal(20)
    await redis.start()
    await eventually(() => expect(states().slice(-2)).to.deep.equal(['open unreachable', 'open missing']))
    expect(await known(filter, strangers(20))).to.equal(20)
    await filter.rebuild(['a'])
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false])
  })

  it('rejects what a full Redis does not take, and goes on to answer', async () => {
    const redis = await started()
    const { filter } = open(redis.url, 'users')
    await filter.rebuild(['a'])
    await redis.cli('CONFIG', 'SET', 'maxmemory', '1')
    expect(await rejected(filter.add('b'))).to.match(/OOM|used memory > 'maxmemory'/)
    expect(await rejected(filter.rebuild(['b']))).to.match(/OOM|used memory > 'maxmemory'/)
    expect([await filter.has('a'), await filter.has('c')]).to.deep.equal([true, false])
    await redis.cli('CONFIG', 'SET', 'maxmemory', '0')
    await filter.rebuild(['b'])
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([false, true])
  })
})
