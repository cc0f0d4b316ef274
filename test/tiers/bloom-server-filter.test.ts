// A Bloom filter that the server keeps by its own BF commands: how exact it is, and what becomes of it where the server changes.
import { expect } from 'chai'
import { CacheConfigError } from '../../src/errors.ts'
import type { BloomFilter } from '../../src/guard/bloom/filter.ts'
import { withBloomModule } from '../support/filter-kinds.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, SYNC_AT_ONCE, startRedis } from '../support/redis-server.ts'
import { known, opening, strangers } from './filters.ts'

const KEYS = '{tiercache:bloom:users}'
const many = (count: number, prefix = 'id') => Array.from({ length: count }, (_, i) => `${prefix}:${i}`)

/** Some at a time, so that none is late on a busy machine. */
async function knownInTurns(filter: BloomFilter, ids: readonly string[]): Promise<number> {
  let count = 0
  for (let i = 0; i < ids.length; i += 500) count += await known(filter, ids.slice(i, i + 500))
  return count
}

withBloomModule('a Bloom filter of the server', (path) => {
  const open = opening()
  const servers: RedisServer[] = []

  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop()
  })

  async function started(args: readonly string[], port?: number): Promise<RedisServer> {
    const server = await startRedis(port === undefined ? { args } : { args, port })
    servers.push(server)
    return server
  }
  const capable = () => started(['--loadmodule', path, ...SYNC_AT_ONCE])
  const kindOf = async (filter: ReturnType<typeof open>['filter']) => (await filter.info()).kind

  for (const errorRate of [0.01, 0.1, 0.6]) {
    it(`takes at most 1.2 × ${errorRate} of strangers for its own at capacity, and none of its own for strangers`, async () => {
      const redis = await capable()
      // Above 16 KiB a filter is asked for at another rate than below.
      for (const size of [1_000, 30_000]) {
        const { filter } = open(redis.url, `users-${size}`, { size, errorRate })
        const ids = many(size)
        await filter.addMany(ids)
        expect(await knownInTurns(filter, ids)).to.equal(size)
        expect((await knownInTurns(filter, strangers(30_000))) / 30_000).to.be.below(errorRate * 1.2)
      }
    })
  }

  it('takes about as much memory as its bits', async () => {
    const redis = await capable()
    const { filter } = open(redis.url, 'users', { size: 100_000 })
    await filter.addMany(many(100_000))
    expect(Number(await redis.cli('MEMORY', 'USAGE', `${KEYS}:bf`))).to.be.below(121_000)
  })

  it('takes more ids than its size, and at most twice the strangers', async () => {
    const redis = await capable()
    const { filter } = open(redis.url, 'users', { size: 2_000 })
    await filter.addMany(many(20_000))
    expect(await knownInTurns(filter, many(20_000))).to.equal(20_000)
    expect((await knownInTurns(filter, strangers(20_000))) / 20_000).to.be.below(0.024)
    expect((await filter.info()).count).to.be.within(19_000, 20_000)
  })

  it('takes ids of any length', async () => {
    const redis = await capable()
    const { filter } = open(redis.url, 'users')
    const ids = ['', 'x'.repeat(200_000), 'é'.repeat(100_000), 'y', '😀\0']
    await filter.addMany(ids)
    expect(await known(filter, ids)).to.equal(5)
    expect(await known(filter, ['x'.repeat(199_999), 'z'])).to.equal(0)
  })

  it('that was made as bitmaps goes on as bitmaps, through rebuilds, until it is lost', async () => {
    const redis = await started(['--enable-module-command', 'yes'])
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await redis.cli('MODULE', 'LOAD', path)
    const later = open(redis.url, 'users').filter
    for (const one of [filter, later]) {
      await one.add('b')
      expect([await one.has('a'), await one.has('b'), await one.has('c'), await kindOf(one)]).to.deep.equal([
        true,
        true,
        false,
        'bitmap',
      ])
    }
    await later.rebuild(['d'])
    expect([await filter.has('d'), await filter.has('a'), await kindOf(filter)]).to.deep.equal([true, false, 'bitmap'])
    await redis.cli('FLUSHALL')
    await later.rebuild(['e'])
    expect(await kindOf(later)).to.equal('bf')
    // The other process finds out by the next question.
    await eventually(async () => expect(await filter.has('d')).to.equal(false))
    await filter.add('f')
    expect([await filter.has('e'), await later.has('f'), await kindOf(filter)]).to.deep.equal([true, true, 'bf'])
  })

  it('takes what a process adds that still knows it as bitmaps', async () => {
    const redis = await started(['--enable-module-command', 'yes'])
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await redis.cli('MODULE', 'LOAD', path)
    const later = open(redis.url, 'users').filter
    await redis.cli('FLUSHALL')
    await later.rebuild(['a'])
    await filter.add('b')
    expect([await later.has('a'), await later.has('b'), await later.has('c')]).to.deep.equal([true, true, false])
  })

  it('leaves nothing of bitmaps that it comes in place of', async () => {
    const redis = await started(['--enable-module-command', 'yes'])
    const { filter } = open(redis.url, 'users', { size: 200_000 })
    await filter.addMany(['a'])
    await redis.cli('DEL', `${KEYS}:bits:1`)
    await redis.cli('MODULE', 'LOAD', path)
    await filter.rebuild(['a'])
    expect(await kindOf(filter)).to.equal('bf')
    expect(await redis.cli('KEYS', '*')).to.equal(`${KEYS}:bf`)
  })

  it('lets everything exist once the server has come back without its commands, and is rebuilt as bitmaps', async () => {
    const redis = await capable()
    const { filter, states } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await redis.stop()
    await eventually(() => expect(states().at(-1)).to.equal('open unreachable'))
    await started([], redis.port)
    expect(await known(filter, strangers(20))).to.equal(20)
    await eventually(() => expect(states().at(-1)).to.equal('open missing'))
    expect(await known(filter, strangers(20))).to.equal(20)
    await filter.rebuild(['a'])
    expect([await filter.has('a'), await filter.has('b'), await kindOf(filter)]).to.deep.equal([true, false, 'bitmap'])
  })

  it('is kept as bitmaps where the user may not use its commands', async () => {
    const redis = await capable()
    await redis.cli('ACL', 'SETUSER', 'default', '-bf.mexists')
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    expect([await filter.has('a'), await filter.has('b'), await kindOf(filter)]).to.deep.equal([true, false, 'bitmap'])
  })

  it('is kept as bitmaps where one value would be larger than 64 MiB', async () => {
    const redis = await capable()
    expect(await kindOf(open(redis.url, 'users', { size: 56_000_000 }).filter)).to.equal('bf')
    expect(await kindOf(open(redis.url, 'users', { size: 57_000_000 }).filter)).to.equal('bitmap')
  })

  it('of other parameters is left alone, whichever parameter it is', async () => {
    const redis = await capable()
    await open(redis.url, 'users', { size: 1_000, errorRate: 0.01 }).filter.addMany(['a'])
    for (const options of [{ size: 2_000 }, { size: 1_000, errorRate: 0.02 }]) {
      const { filter } = open(redis.url, 'users', options)
      expect(await known(filter, strangers(50))).to.equal(50)
      const error = await filter.addMany(['b']).catch((reason: unknown) => reason)
      expect(error).to.be.instanceOf(CacheConfigError)
      expect((error as Error).message).to.match(/got bf size=1000 and another errorRate/)
    }
    expect(await redis.cli('BF.EXISTS', `${KEYS}:bf`, 'b')).to.equal('0')
  })

  it('that others made without our marks is no filter of ours', async () => {
    const redis = await capable()
    await redis.cli('BF.RESERVE', `${KEYS}:bf`, '0.01', '100000')
    await redis.cli('BF.MADD', `${KEYS}:bf`, 'a')
    const { filter, states } = open(redis.url, 'users')
    expect(await known(filter, strangers(20))).to.equal(20)
    expect(await filter.rebuild(['b']).catch((reason: unknown) => reason)).to.be.instanceOf(CacheConfigError)
    expect(states()).to.deep.equal(['open other-parameters'])
  })

  it('follows a primary', async () => {
    const redis = await capable()
    const { filter } = open(redis.url, 'users')
    await filter.addMany(many(3_000))
    const replica = await started(['--loadmodule', path, '--replicaof', '127.0.0.1', `${redis.port}`])
    await eventually(async () => expect(await replica.cli('BF.EXISTS', `${KEYS}:bf`, 'id:2999')).to.equal('1'), {
      within: 10_000,
    })
    await filter.add('later')
    await filter.rebuild([...many(3_000), 'later', 'last'])
    await filter.add('after')
    await eventually(async () => {
      for (const id of ['later', 'last', 'after'])
        expect(await replica.cli('BF.EXISTS', `${KEYS}:bf`, id)).to.equal('1')
    })
    expect(await replica.cli('KEYS', '*')).to.equal(`${KEYS}:bf`)
  })
})
