// What the counters say of each outcome, and that a snapshot stays as it was.
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { starting } from '../starting.ts'

const nothing = {
  requestCount: 0,
  hitCount: 0,
  staleCount: 0,
  missCount: 0,
  bypassCount: 0,
  collapsedCount: 0,
  hitRate: 0,
  missRate: 0,
  loadCount: 0,
  loadSuccessCount: 0,
  loadFailureCount: 0,
  loadFailureRate: 0,
  totalLoadTime: 0,
  averageLoadTime: 0,
}

/** Every object within, the snapshot included. */
function objectsOf(value: unknown): object[] {
  return typeof value === 'object' && value !== null ? [value, ...Object.values(value).flatMap(objectsOf)] : []
}

overFrameworks('the counters', (harness) => {
  const start = starting(harness)

  it('are zero at first, and so are their rates', async () => {
    const { cache } = await start(() => {})
    expect(cache.stats()).to.deep.equal({
      total: nothing,
      routes: {},
      tiers: { l1: { hitCount: 0, missCount: 0, entries: 0, bytes: 0, negativeEntries: 0, evictions: 0, errors: {} } },
    })
  })

  it('count each outcome once, for its route and in total', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/a', async () => ({ body: `run ${await gates.wait()}` }), '1m', { tags: arrivals.tags })
      app.read('/b', () => ({ status: 503, body: 'no' }))
    })
    const answers = await crowd(app.port, '/a', 3, arrivals)
    gates.open()
    await Promise.all(answers)
    for (let sent = 0; sent < 4; sent++) await get(app.port, '/a')
    const around = get(app.port, '/a?is_not_cache=1')
    await gates.reach(2)
    gates.open()
    await around
    await get(app.port, '/b')
    await get(app.port, '/b')
    await send(app.port, '/b', { headers: { Authorization: 'x' } })

    const { total, routes, tiers } = app.cache.stats()
    expect(Object.keys(routes)).to.have.members(['/a', '/b'])
    expect(routes['/a']).to.include({
      requestCount: 9,
      hitCount: 4,
      missCount: 1,
      collapsedCount: 3,
      bypassCount: 1,
      hitRate: 7 / 8,
      missRate: 1 / 8,
      loadCount: 1,
      loadSuccessCount: 1,
      loadFailureCount: 0,
      loadFailureRate: 0,
    })
    expect(routes['/b']).to.include({
      requestCount: 3,
      hitCount: 0,
      missCount: 2,
      collapsedCount: 0,
      bypassCount: 1,
      hitRate: 0,
      missRate: 1,
      loadCount: 2,
      loadSuccessCount: 0,
      loadFailureCount: 2,
      loadFailureRate: 1,
    })
    expect(total).to.include({ requestCount: 12, hitCount: 4, missCount: 3, collapsedCount: 3, bypassCount: 2 })
    expect(total).to.include({ loadCount: 3, loadFailureCount: 2, loadFailureRate: 2 / 3, hitRate: 7 / 10 })
    expect(total.averageLoadTime).to.equal(total.totalLoadTime / 3)
    expect(total.totalLoadTime).to.be.above(0)
    expect(tiers.l1).to.include({ hitCount: 4, missCount: 6, entries: 1, evictions: 0 })
    expect(tiers.l1!.bytes).to.be.above(0)
    expect(tiers).to.not.have.property('l2')
  })

  // T42
  it('know routes by any name', async () => {
    const names = ['__proto__', 'constructor', 'toString']
    const app = await start((app) => {
      for (const [at, name] of names.entries()) app.read(`/${at}`, () => ({ body: name }), '1m', { name })
    })
    for (const at of names.keys()) {
      await get(app.port, `/${at}`)
      await get(app.port, `/${at}`)
    }
    const { routes, total } = app.cache.stats()
    expect(Object.keys(routes)).to.have.members(names)
    for (const name of names) {
      expect(Object.getOwnPropertyDescriptor(routes, name)?.value).to.include({ requestCount: 2, hitCount: 1 })
    }
    expect(total).to.include({ requestCount: 6, hitCount: 3 })
  })

  it('are frozen in a snapshot, through and through, and the next one goes on', async () => {
    const app = await start((app) => app.read('/a', () => ({ body: 'a' })))
    await get(app.port, '/a')
    const before = app.cache.stats()
    const copy = structuredClone(before)
    await get(app.port, '/a')
    expect(before).to.deep.equal(copy)
    for (const object of objectsOf(before)) expect(Object.isFrozen(object), JSON.stringify(object)).to.equal(true)
    expect(app.cache.stats().routes['/a']).to.include({ requestCount: 2, hitCount: 1 })
  })

  it('count an entry that leaves for want of room', async () => {
    const app = await start((app) => app.read('/:id', ({ params }) => ({ body: params.id })), {
      memory: { maxEntries: 2 },
    })
    for (const id of [1, 2, 3, 4]) await get(app.port, `/${id}`)
    const { l1 } = app.cache.stats().tiers
    expect(l1!.entries).to.be.at.most(2)
    expect(l1!.entries + l1!.evictions).to.equal(4)
  })
})
