// A guard answers 404 for what cannot exist, and lets all else pass; what a write has made passes from its answer on.
import { expect } from 'chai'
import type { BloomFilter } from '../../../src/guard/bloom/filter.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { get, send } from '../../support/http-client.ts'
import { type RedisServer, startRedis } from '../../support/redis-server.ts'
import { opening } from '../../tiers/filters.ts'
import { expectError } from '../../unit/fixtures/config-error.ts'
import { type OpenSite, onExpress, onKoa, type Site } from './site.ts'

for (const framework of [onExpress, onKoa]) {
  describe(`a guard on ${framework.name}`, () => {
    const open = opening()
    const sites: OpenSite[] = []
    let redis: RedisServer

    before(async () => {
      redis = await startRedis()
    })
    afterEach(async () => {
      for (const site of sites.splice(0)) await site.stop()
      await redis.cli('FLUSHALL')
    })
    after(() => redis.stop())

    async function opened(filter: BloomFilter, site?: Site): Promise<OpenSite> {
      const made = await framework.open(filter, site)
      sites.push(made)
      return made
    }
    const put = (port: number, path: string) => send(port, path, { method: 'PUT' })

    // T45
    it('answers 404, for nobody to keep, to what cannot exist, and runs no handler', async () => {
      const { filter } = open(redis.url, 'users')
      await filter.rebuild(['1', 2])
      const { port, read } = await opened(filter)
      const missing = await get(port, '/users/7')
      expect([missing.status, missing.headers['cache-control'], missing.text]).to.deep.equal([
        404,
        'no-store',
        'Not Found\n',
      ])
      expect(missing.headers['content-type']).to.equal('text/plain; charset=utf-8')
      expect((await send(port, '/users/7', { method: 'HEAD' })).status).to.equal(404)
      expect([(await get(port, '/users/1')).status, (await get(port, '/users/2')).status]).to.deep.equal([200, 200])
      expect(read).to.deep.equal(['1', '2'])
    })

    it('waits for an id that is a promise, and lets pass what asks for none', async () => {
      const { filter } = open(redis.url, 'users')
      await filter.rebuild(['1'])
      const { port } = await opened(filter, { idOf: async (id) => (id === 'none' ? undefined : id) })
      const statuses = await Promise.all(['1', '2', 'none'].map(async (id) => (await get(port, `/users/${id}`)).status))
      expect(statuses).to.deep.equal([200, 404, 200])
    })

    for (const [how, idOf] of [
      [
        'throws',
        () => {
          throw new Error('no id')
        },
      ],
      ['rejects', () => Promise.reject(new Error('no id'))],
    ] as const) {
      it(`lets pass where the function ${how}, and tells it`, async () => {
        const { filter, events } = open(redis.url, 'users')
        await filter.rebuild([])
        const { port } = await opened(filter, { idOf })
        expect((await get(port, '/users/7')).status).to.equal(200)
        const failures = events.filter(({ type }) => type === 'function-failed')
        expect(failures).to.have.length(1)
        expect(failures[0]).to.deep.include({ route: 'users', function: 'guard' })
        expect(failures[0]).to.have.nested.property('error.message', 'no id')
      })
    }

    it('lets pass what is no id, and tells it', async () => {
      const { filter, events } = open(redis.url, 'users')
      await filter.rebuild([])
      const { port } = await opened(filter, { idOf: () => ({}) as string })
      expect((await get(port, '/users/7')).status).to.equal(200)
      expect(events.filter(({ type }) => type === 'function-failed')).to.have.length(1)
    })

    it('lets everything pass while the filter is missing, Redis frozen or gone', async () => {
      const own = await startRedis()
      try {
        const { filter } = open(own.url, 'users', { budget: '20ms' })
        const { port } = await opened(filter)
        expect((await get(port, '/users/7')).status).to.equal(200)
        await eventually(() => filter.rebuild(['1']))
        await eventually(async () => expect((await get(port, '/users/7')).status).to.equal(404))
        await own.freeze()
        for (let i = 0; i < 10; i++) expect((await get(port, '/users/7')).status).to.equal(200)
        own.thaw()
        await eventually(async () => expect((await get(port, '/users/7')).status).to.equal(404))
        await own.kill()
        await eventually(async () => expect((await get(port, '/users/7')).status).to.equal(200))
      } finally {
        await own.stop()
      }
    })

    it('makes no filter of the ids that are added: only a rebuild knows all of them', async () => {
      const { filter } = open(redis.url, 'users')
      const { port } = await opened(filter)
      expect(await filter.add('9').catch((error: Error) => error.name)).to.equal('FilterMissingError')
      expect((await put(port, '/users/8')).status).to.equal(201)
      expect((await get(port, '/users/7')).status).to.equal(200)
      expect(await filter.add('9').catch((error: Error) => error.name)).to.equal('FilterMissingError')
    })

    it('knows what a write has made before the first byte of its answer leaves', async () => {
      const { filter } = open(redis.url, 'users')
      const other = open(redis.url, 'users').filter
      await filter.rebuild([])
      for (const streams of [false, true]) {
        const { port } = await opened(filter, { streams, idsOf: async (id) => [id, `${id}-too`] })
        const id = streams ? '8' : '9'
        expect((await get(port, `/users/${id}`)).status).to.equal(404)
        const answer = await put(port, `/users/${id}`)
        expect([answer.status, answer.text]).to.deep.equal([201, streams ? 'made done' : 'done'])
        expect((await get(port, `/users/${id}`)).status).to.equal(200)
        expect([await other.has(id), await other.has(`${id}-too`), await other.has('7')]).to.deep.equal([
          true,
          true,
          false,
        ])
      }
    })

    it('holds the answer until Redis has the id', async () => {
      const { filter } = open(redis.url, 'users')
      await filter.rebuild([])
      const gate = deferred()
      const { port } = await opened(filter, { idsOf: (id) => gate.promise.then(() => id) })
      let answered = false
      const writing = put(port, '/users/8').finally(() => {
        answered = true
      })
      expect((await get(port, '/users/8')).status).to.equal(404)
      expect(answered).to.equal(false)
      gate.resolve()
      await writing
      expect((await get(port, '/users/8')).status).to.equal(200)
    })

    it('adds nothing of a write that failed, or that made nothing', async () => {
      const { filter } = open(redis.url, 'users')
      await filter.rebuild([])
      const { port } = await opened(filter, {
        write: (id) => (id === 'bad' ? 409 : 201),
        idsOf: (id) => (id === 'none' ? undefined : id),
      })
      expect([(await put(port, '/users/bad')).status, (await put(port, '/users/none')).status]).to.deep.equal([
        409, 201,
      ])
      expect([await filter.has('bad'), await filter.has('none')]).to.deep.equal([false, false])
    })

    it('answers a write whose ids cannot be named or are none, and tells it', async () => {
      const { filter, events } = open(redis.url, 'users')
      await filter.rebuild([])
      const { port } = await opened(filter, {
        idsOf: (id) => {
          if (id === 'throws') throw new Error('no id')
          return [{} as string]
        },
      })
      for (const id of ['throws', 'wrong']) expect((await put(port, `/users/${id}`)).status).to.equal(201)
      expect(events.filter(({ type }) => type === 'function-failed')).to.have.length(2)
    })

    // T48, T49
    it('answers a write soon while Redis is frozen; its ids exist here at once, and everywhere once Redis is back', async () => {
      const own = await startRedis()
      try {
        const { filter, events } = open(own.url, 'users', { budget: '50ms' })
        await filter.rebuild(['1'])
        const { port } = await opened(filter)
        await own.freeze()
        const added = ['8', '9', '10', '11', '12']
        for (const id of added) expect((await put(port, `/users/${id}`)).status).to.equal(201)
        const told = () =>
          events.flatMap((event) => (event.type === 'filter-add' ? [`${event.outcome} ${event.count}`] : []))
        expect(told()).to.deep.equal(['waiting 1'])
        own.thaw()
        for (const id of added) expect((await get(port, `/users/${id}`)).status).to.equal(200)
        await eventually(() => expect(told()).to.have.length(2), { within: 5_000 })
        expect(told()).to.deep.equal(['waiting 1', 'added 5'])
        const other = open(own.url, 'users').filter
        for (const id of added) expect(await other.has(id)).to.equal(true)
        expect(await other.has('7')).to.equal(false)
      } finally {
        await own.stop()
      }
    })

    it('lets what a write has made exist in its process while Redis is full, and goes on to turn others away', async () => {
      const own = await startRedis()
      try {
        const { filter, events, states } = open(own.url, 'users')
        await filter.rebuild(['1'])
        const { port } = await opened(filter)
        await own.cli('CONFIG', 'SET', 'maxmemory', '1')
        const before = states().length
        expect((await put(port, '/users/8')).status).to.equal(201)
        expect((await put(port, '/users/9')).status).to.equal(201)
        const statuses = await Promise.all(
          ['1', '7', '8', '9'].map(async (id) => (await get(port, `/users/${id}`)).status),
        )
        expect(statuses).to.deep.equal([200, 404, 200, 200])
        expect(states()).to.have.length(before)
        await own.cli('CONFIG', 'SET', 'maxmemory', '0')
        await eventually(() => expect(events.at(-1)).to.include({ type: 'filter-add', outcome: 'added', count: 2 }))
        expect(await open(own.url, 'users').filter.has('8')).to.equal(true)
      } finally {
        await own.stop()
      }
    })

    // T76
    it('says at its end which ids Redis has never taken', async () => {
      const own = await startRedis()
      try {
        const { filter, events } = open(own.url, 'users', { budget: '50ms' })
        await filter.rebuild(['1'])
        const { port } = await opened(filter)
        await own.kill()
        expect((await put(port, '/users/8')).status).to.equal(201)
        await filter.close()
        const told = events.flatMap((event) => (event.type === 'filter-add' ? [`${event.outcome} ${event.count}`] : []))
        expect(told).to.deep.equal(['waiting 1', 'lost 1'])
      } finally {
        await own.stop()
      }
    })

    it('needs a filter and a function', () => {
      const { filter } = open(redis.url, 'users')
      const { guard } = framework as unknown as { guard: ((...args: unknown[]) => unknown) & { add: typeof guard } }
      for (const wrong of [undefined, null, {}, { has: async () => true }]) {
        expect(expectError(() => guard(wrong, () => '1'), 'invalid-option').message).to.match(
          /^Expected `guard\(filter\)` to be a filter that bloomFilter\(\) made, got/,
        )
        expect(expectError(() => guard.add(wrong, () => '1'), 'invalid-option').message).to.match(
          /`guard.add\(filter\)`/,
        )
      }
      expect(expectError(() => guard(filter, 'id'), 'invalid-option').message).to.match(/given a function, got "id"/)
      expect(expectError(() => guard.add(filter), 'invalid-option').message).to.match(/given a function, got undefined/)
    })
  })
}
