// A Bloom filter is made anew while it is in use: what was and stays in it is never missing, and what is added meanwhile is not lost.
import { expect } from 'chai'
import { eachFilterKind } from '../support/filter-kinds.ts'
import { deferred, eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { known, opening, strangers } from './filters.ts'

const many = (count: number, prefix = 'id') => Array.from({ length: count }, (_, i) => `${prefix}:${i}`)

eachFilterKind('the rebuild of a Bloom filter', (kind) => {
  const open = opening()
  let redis: RedisServer

  before(async () => {
    redis = await startRedis({ args: kind.args })
  })
  beforeEach(() => redis.cli('FLUSHALL'))
  after(() => redis.stop())

  it('makes a filter of the new ids, and forgets the others', async () => {
    const { filter } = open(redis.url, 'users', { size: 2_000 })
    await filter.rebuild(many(2_000, 'old'))
    expect(await known(filter, many(2_000, 'old'))).to.equal(2_000)
    await filter.rebuild(many(2_000, 'new'))
    expect(await known(filter, many(2_000, 'new'))).to.equal(2_000)
    expect(await known(filter, many(2_000, 'old'))).to.be.below(150)
  })

  it('of no ids says that nothing exists', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.rebuild([])
    expect(await known(filter, strangers(50))).to.equal(0)
  })

  it('leaves the former filter in use until its last id was taken', async () => {
    const { filter } = open(redis.url, 'users')
    const other = open(redis.url, 'users').filter
    await filter.addMany(['kept', 'dropped'])
    const gate = deferred()
    const begun = deferred()
    const rebuilding = filter.rebuild(
      (async function* () {
        yield 'kept'
        begun.resolve()
        await gate.promise
        yield 'new'
      })(),
    )
    await begun.promise
    for (const one of [filter, other]) {
      expect([await one.has('kept'), await one.has('dropped'), await one.has('new')]).to.deep.equal([true, true, false])
    }
    gate.resolve()
    await rebuilding
    for (const one of [filter, other]) {
      expect([await one.has('kept'), await one.has('dropped'), await one.has('new')]).to.deep.equal([true, false, true])
    }
  })

  it('keeps what this or another process adds while it is under way, one by one and many', async () => {
    const { filter } = open(redis.url, 'users', { size: 200_000 })
    const other = open(redis.url, 'users', { size: 200_000 }).filter
    await filter.addMany(['kept'])
    const gate = deferred()
    const begun = deferred()
    const rebuilding = filter.rebuild(
      (async function* () {
        begun.resolve()
        await gate.promise
        yield 'kept'
      })(),
    )
    await begun.promise
    await Promise.all([filter.add('mine'), other.add('theirs'), other.addMany(many(30_000))])
    expect([await filter.has('mine'), await other.has('theirs'), await other.has('id:7')]).to.deep.equal([
      true,
      true,
      true,
    ])
    gate.resolve()
    await rebuilding
    expect([await filter.has('mine'), await other.has('theirs'), await filter.has('kept')]).to.deep.equal([
      true,
      true,
      true,
    ])
    expect(await known(filter, many(30_000).slice(-2_000))).to.equal(2_000)
  })

  it('keeps what is added from the moment its function is called', async () => {
    const { filter } = open(redis.url, 'users')
    const other = open(redis.url, 'users').filter
    await filter.addMany(['dropped'])
    await filter.rebuild(async () => {
      await other.add('late')
      return []
    })
    expect([await filter.has('late'), await filter.has('dropped')]).to.deep.equal([true, false])
  })

  it('never misses what stays, nor loses what is added, through many rebuilds under load', async () => {
    const { filter } = open(redis.url, 'users', { size: 150_000 })
    const other = open(redis.url, 'users', { size: 150_000 }).filter
    const staying = many(100, 'staying')
    await filter.addMany(staying)
    const added: string[] = []
    let rebuilding = true
    let missed = 0
    const ask = async (one: typeof filter) => {
      while (rebuilding) missed += staying.length - (await known(one, staying))
    }
    const add = async (one: typeof filter, prefix: string) => {
      for (let i = 0; rebuilding; i++) {
        // First the database, then the filter: a rebuild that reads the one later sees it.
        const id = `${prefix}:${i}`
        added.push(id)
        await one.add(id)
        if (!(await one.has(id))) missed++
      }
    }
    const rebuildAll = async () => {
      for (let i = 0; i < 12; i++) {
        await filter.rebuild(() => [...staying, ...added, ...many(1_000, `round ${i}`)])
      }
      rebuilding = false
    }
    await Promise.all([rebuildAll(), ask(filter), ask(other), add(filter, 'mine'), add(other, 'theirs')])
    expect(missed).to.equal(0)
    expect(await known(other, added)).to.equal(added.length)
    expect(added).to.have.length.above(20)
  })

  it('waits for another one to be over', async () => {
    const { filter } = open(redis.url, 'users')
    const other = open(redis.url, 'users').filter
    const gate = deferred()
    const begun = deferred()
    const order: string[] = []
    const first = filter.rebuild(
      (async function* () {
        begun.resolve()
        await gate.promise
        order.push('first')
        yield 'a'
      })(),
    )
    await begun.promise
    const second = other.rebuild(
      (function* () {
        order.push('second')
        yield 'b'
      })(),
    )
    gate.resolve()
    await Promise.all([first, second])
    expect(order).to.deep.equal(['first', 'second'])
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([false, true])
  })

  it('is done once for the first ids of several processes, which are all in it', async () => {
    const filters = Array.from({ length: 4 }, () => open(redis.url, 'users').filter)
    await Promise.all(filters.map((filter, i) => filter.addMany(many(500, `process ${i}`))))
    for (const i of filters.keys()) expect(await known(filters[0]!, many(500, `process ${i}`))).to.equal(500)
    expect(await known(filters[0]!, strangers(500))).to.be.below(20)
  })

  it('that fails before there is a filter takes no id with it: who added one waits, and is told', async () => {
    const { filter } = open(redis.url, 'users')
    const other = open(redis.url, 'users').filter
    const gate = deferred()
    const begun = deferred()
    const rebuilding = filter.rebuild(
      // biome-ignore lint/correctness/useYield: it fails before its first id
      (async function* () {
        begun.resolve()
        await gate.promise
        throw new Error('the database is away')
      })(),
    )
    await begun.promise
    const added = [other.add('one'), other.addMany(['many'])].map((work) => work.catch((error: Error) => error.name))
    gate.resolve()
    await rebuilding.catch(() => undefined)
    // The second makes the filter, by then or before: the first is in it, or was refused.
    const [one] = await Promise.all(added)
    await filter.addMany(['later'])
    expect([await other.has('one'), await other.has('many')]).to.deep.equal([one === undefined, true])
  })

  it('that fails leaves the filter as it was, and nothing else', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    const failure = new Error('the database is away')
    const rebuilding = filter.rebuild(
      (async function* () {
        yield 'b'
        throw failure
      })(),
    )
    expect(await rebuilding.catch((error: unknown) => error)).to.equal(failure)
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false])
    expect((await redis.cli('KEYS', '*')).split('\n').sort()).to.deep.equal([...(await filter.info()).keys].sort())
    await filter.rebuild(['c'])
    expect(await filter.has('c')).to.equal(true)
  })

  it('that Redis forgets half-way rejects, and does not put a part in the place of the whole', async () => {
    const { filter } = open(redis.url, 'users', { size: 200_000 })
    await filter.addMany(['a'])
    const rebuilding = filter.rebuild(
      (async function* () {
        await redis.cli('DEL', `{tiercache:bloom:users}:${kind.next}`)
        yield* many(5_000)
      })(),
    )
    expect(await rebuilding.catch((error: unknown) => error)).to.match(/Redis lost what this rebuild had made/)
    expect(await filter.has('a')).to.equal(true)
    expect(await known(filter, strangers(100))).to.be.below(5)
  })

  it('that Redis forgets a part of once all ids are there puts no other part in place either', async () => {
    const { filter } = open(redis.url, 'users', { size: 200_000 })
    await filter.addMany(many(200))
    const rebuilding = filter.rebuild(async () => {
      await redis.cli('DEL', `{tiercache:bloom:users}:${kind.next}`)
      return []
    })
    expect(await rebuilding.catch((error: unknown) => error)).to.match(/Redis lost what this rebuild had made/)
    expect(await known(filter, many(200))).to.equal(200)
    expect(await known(filter, strangers(100))).to.be.below(5)
  })

  it('that lost its claim to another one gives way', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    const rebuilding = filter.rebuild(
      (async function* () {
        await redis.cli('SET', '{tiercache:bloom:users}:rebuild', 'another')
        yield 'b'
      })(),
    )
    expect(await rebuilding.catch((error: unknown) => error)).to.match(/Redis lost what this rebuild had made/)
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false])
    expect(await redis.cli('GET', '{tiercache:bloom:users}:rebuild')).to.equal('another')
  })

  it('makes what outlives a process that dies for half a minute at most', async () => {
    const { filter } = open(redis.url, 'users')
    await filter.addMany(['a'])
    const rebuilding = filter.rebuild(
      (async function* () {
        await filter.addMany(many(20_000))
        for (const key of (await redis.cli('KEYS', '*')).split('\n')) {
          const left = Number(await redis.cli('PTTL', key))
          if (key.includes(':bits:') || key.endsWith(':bf')) expect(left).to.equal(-1)
          else expect(left, key).to.be.within(1, 30_000)
        }
        yield 'a'
      })(),
    )
    await rebuilding
  })

  it('makes up for what was lost', async () => {
    const { filter, states } = open(redis.url, 'users')
    await filter.rebuild(['a'])
    await redis.cli('FLUSHALL')
    expect(await filter.has('b')).to.equal(true)
    await eventually(() => expect(states().at(-1)).to.equal('open missing'))
    await filter.rebuild(['a'])
    expect([await filter.has('a'), await filter.has('b')]).to.deep.equal([true, false])
    expect(states().at(-1)).to.equal('up answers')
  })

  it('by another process is noticed without being asked', async () => {
    const { filter, states } = open(redis.url, 'users')
    await filter.ready()
    expect(states()).to.deep.equal(['open missing'])
    await open(redis.url, 'users').filter.rebuild(['a'])
    await eventually(() => expect(states()).to.deep.equal(['open missing', 'up answers']))
  })
})
