// A Bloom filter in a real Redis: what it knows, who shares it, what it costs, and what is no filter of its kind.
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { CacheConfigError } from '../../src/errors.ts'
import { FilterMissingError } from '../../src/guard/bloom/filter.ts'
import { eachFilterKind } from '../support/filter-kinds.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { known, opening, strangers } from './filters.ts'

const many = (count: number, prefix = 'id') => Array.from({ length: count }, (_, i) => `${prefix}:${i}`)
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => error,
  )

eachFilterKind('a Bloom filter', (kind) => {
  const open = opening()
  let redis: RedisServer

  before(async () => {
    redis = await startRedis({ args: kind.args })
  })
  beforeEach(() => redis.cli('FLUSHALL'))
  after(() => redis.stop())

  it('knows every id that was added, and few others', async () => {
    const { filter } = open(redis.url, 'users', { size: 4_000 })
    const ids = many(4_000)
    await filter.addMany(ids)
    expect(await known(filter, ids)).to.equal(4_000)
    // 1 % wanted; the bound is seven standard deviations away.
    expect(await known(filter, strangers(4_000))).to.be.below(85)
  })

  it('takes ids from arrays, generators and cursors, one by one and many, numbers as their text', async () => {
    const { filter } = open(redis.url, 'users', { size: 1_000 })
    await filter.addMany(['array', 1])
    await filter.addMany(
      (function* () {
        yield 'generator'
      })(),
    )
    await filter.addMany(
      (async function* () {
        yield 'cursor'
      })(),
    )
    await filter.addMany([])
    await filter.add('one')
    await filter.add(2)
    await filter.add('')
    await filter.add(12345678901234567890n)
    const ids = ['array', '1', 1, 'generator', 'cursor', 'one', '2', '', '12345678901234567890']
    expect(await known(filter, ids)).to.equal(9)
    expect(await known(filter, strangers(50))).to.be.below(5)
  })

  it('is the same in every process that names it, and another one under another name or namespace', async () => {
    const one = open(redis.url, 'users').filter
    const two = open({ host: '127.0.0.1', port: redis.port }, 'users').filter
    const other = open(redis.url, 'products').filter
    const elsewhere = open(redis.url, 'users', { namespace: 'shop' }).filter
    await one.addMany(['a'])
    await other.addMany(['b'])
    await elsewhere.addMany(['c'])
    expect([await two.has('a'), await two.has('b'), await two.has('c')]).to.deep.equal([true, false, false])
    await two.add('d')
    expect(await one.has('d')).to.equal(true)
    expect([await other.has('a'), await elsewhere.has('b')]).to.deep.equal([false, false])
  })

  it("duplicates a client that it is given, honours the client's prefix, and leaves it open", async () => {
    const client = new Redis(redis.url, { keyPrefix: 'app:' })
    try {
      const { filter } = open(client, 'users', { size: 1_000 })
      await filter.addMany(['a'])
      expect((await filter.info()).keys).to.deep.equal([`{app:tiercache:bloom:users}:${kind.key}`])
      expect(await redis.cli('KEYS', '*')).to.equal(`{app:tiercache:bloom:users}:${kind.key}`)
      await filter.close()
      expect(await client.ping()).to.equal('PONG')
    } finally {
      client.disconnect()
    }
  })

  it('asks one command on one key for each has, however large it is', async () => {
    const { filter } = open(redis.url, 'users', { size: 1_000_000 })
    await filter.addMany(['a'])
    await redis.resetStats()
    await known(filter, ['a', ...strangers(99)])
    const counts = Object.entries(await redis.commandStats()).filter(([name]) => name !== 'config|resetstat')
    expect(counts.sort()).to.deep.equal(kind.asking.map((name) => [name, 100]))
  })

  it('leaves nothing in Redis but its keys, which never expire', async () => {
    const { filter } = open(redis.url, 'users', { size: 100_000 })
    await filter.addMany(many(5_000))
    await filter.addMany(many(5_000, 'more'))
    await filter.rebuild(many(10_000))
    const { keys } = await filter.info()
    expect((await redis.cli('KEYS', '*')).split('\n').sort()).to.deep.equal([...keys].sort())
    for (const key of keys) expect(await redis.cli('PTTL', key)).to.equal('-1')
  })

  it('says what it is, and about how many ids it holds', async () => {
    const { filter } = open(redis.url, 'users', { size: 10_000, errorRate: 0.02 })
    await filter.addMany(many(4_000))
    const { count, bits, ...info } = await filter.info()
    expect(count).to.be.within(3_900, 4_100)
    if (kind.name === 'bitmap') expect(bits).to.equal(81_424)
    else expect(bits).to.be.within(81_424, 100_000)
    expect(info).to.deep.equal({
      name: 'users',
      size: 10_000,
      errorRate: 0.02,
      kind: kind.name,
      hashes: 6,
      keys: [`{tiercache:bloom:users}:${kind.key}`],
      state: 'up',
    })
  })

  it('tells once that it answers', async () => {
    const { filter, states } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await known(filter, strangers(20))
    await eventually(() => expect(states().at(-1)).to.equal('up answers'))
    expect(states().filter((state) => state === 'up answers')).to.have.length(1)
  })

  it('refuses what is no id, and says so', async () => {
    const { filter } = open(redis.url, 'users')
    for (const wrong of [undefined, null, {}, ['a'], Number.NaN, 2 ** 53]) {
      expect(await failureOf(filter.add(wrong as unknown as string))).to.match(
        /Expected an id to be a string or a number/,
      )
      expect(await failureOf(filter.addMany([wrong as unknown as string]))).to.be.instanceOf(TypeError)
      expect(await filter.has(wrong as unknown as string)).to.equal(true)
    }
    expect(await redis.cli('KEYS', '*')).to.equal('')
  })

  describe('that is stored with other parameters', () => {
    const message = new RegExp(
      `Expected the Bloom filter \`users\` to be stored as ${kind.name} size=1000 errorRate=0.01, got ${kind.name} size=2000 `,
    )

    it('rejects whatever would change or read it, with both, and says that everything may exist', async () => {
      await open(redis.url, 'users', { size: 2_000 }).filter.addMany(['a'])
      const { filter, states } = open(redis.url, 'users', { size: 1_000 })
      const kept = await redis.cli('DUMP', `{tiercache:bloom:users}:${kind.key}`)
      for (const work of [
        () => filter.ready(),
        () => filter.add('b'),
        () => filter.addMany(['b']),
        () => filter.rebuild(['b']),
        () => filter.info(),
      ]) {
        const error = (await failureOf(work())) as Error
        expect(error).to.be.instanceOf(CacheConfigError)
        expect(error.message).to.match(message)
      }
      expect(await known(filter, strangers(50))).to.equal(50)
      expect(states()).to.deep.equal(['open other-parameters'])
      expect(await redis.cli('DUMP', `{tiercache:bloom:users}:${kind.key}`)).to.equal(kept)
    })

    it('is found out by has alone, too', async () => {
      await open(redis.url, 'users', { size: 2_000 }).filter.addMany(['a'])
      const { filter, states } = open(redis.url, 'users', { size: 1_000 })
      expect(await known(filter, strangers(10))).to.equal(10)
      await eventually(() => expect(states()).to.deep.equal(['open other-parameters']))
    })
  })

  it('lets everything exist where a foreign value stands in its place, and rejects to add to it', async () => {
    const { filter } = open(redis.url, 'users')
    await redis.cli('HSET', `{tiercache:bloom:users}:${kind.key}`, 'a', 'b')
    expect(await filter.has('a')).to.equal(true)
    expect(await failureOf(filter.add('a'))).to.match(/WRONGTYPE/)
    expect(await redis.cli('HGET', `{tiercache:bloom:users}:${kind.key}`, 'a')).to.equal('b')
  })

  describe('of which Redis has lost all or a part', () => {
    const segment = kind.name === 'bitmap' ? 'bits:3' : kind.key
    for (const [what, lose] of [
      ['all', () => redis.cli('FLUSHALL')],
      ['a key', () => redis.cli('DEL', `{tiercache:bloom:users}:${segment}`)],
    ] as const) {
      it(`lets everything exist that may have been lost with ${what}, and tells it once`, async () => {
        const { filter, states } = open(redis.url, 'users', { size: 500_000 })
        const ids = many(500)
        await filter.addMany(ids)
        const before = states().length
        await lose()
        expect(await known(filter, ids)).to.equal(500)
        await eventually(() => expect(states().slice(before)).to.deep.equal(['open missing']))
        expect(await known(filter, ids)).to.equal(500)
        expect(states().slice(before)).to.deep.equal(['open missing'])
      })

      it(`takes no ids after ${what} is gone, as it would turn the others away, until it is rebuilt`, async () => {
        const { filter, states } = open(redis.url, 'users', { size: 500_000 })
        await filter.addMany(many(500))
        await lose()
        const error = (await failureOf(filter.addMany(many(500, 'new')))) as Error
        expect(error).to.be.instanceOf(FilterMissingError)
        expect(error.message).to.match(/make it with rebuild\(ids\)/)
        expect(await known(filter, many(500))).to.equal(500)
        await filter.rebuild(many(500, 'new'))
        expect(await known(filter, many(500, 'new'))).to.equal(500)
        expect(await known(filter, strangers(500))).to.be.below(20)
        expect(states().slice(-2)).to.deep.equal(['open missing', 'up answers'])
      })
    }

    // A worker that starts while the filter is lost must not turn away all that it does not know.
    it('makes none of an add in a process that knows nothing of it', async () => {
      const { filter } = open(redis.url, 'users')
      expect(await failureOf(filter.add('a'))).to.be.instanceOf(FilterMissingError)
      expect(await redis.cli('KEYS', '*')).to.equal('')
      await filter.addMany(['b'])
      await filter.add('a')
      expect(await known(filter, ['a', 'b'])).to.equal(2)
    })

    it('makes none of an add in a process that found it missing', async () => {
      const { filter } = open(redis.url, 'users')
      expect(await filter.has('a')).to.equal(true)
      expect(await failureOf(filter.add('a'))).to.be.instanceOf(FilterMissingError)
      expect(await redis.cli('KEYS', '*')).to.equal('')
    })
  })

  it('refuses to add at once where it was closed before it was used', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.close()
    expect(await failureOf(filter.add('b'))).to.match(/The Bloom filter `users` was closed/)
  })

  it('lets everything exist once it is closed, and rejects all else', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    await filter.close()
    await filter.close()
    expect(await known(filter, strangers(5))).to.equal(5)
    for (const work of [
      () => filter.add('b'),
      () => filter.addMany(['b']),
      () => filter.rebuild([]),
      () => filter.info(),
    ])
      expect(await failureOf(work())).to.match(/The Bloom filter `users` was closed/)
  })
})
