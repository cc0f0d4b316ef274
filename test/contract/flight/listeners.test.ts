// Listeners are told everything and can break nothing.
import { expect } from 'chai'
import type { CacheEvent } from '../../../src/observe/events.ts'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

type Careless = (event: CacheEvent) => unknown

const careless: Readonly<Record<string, Careless>> = {
  throws: () => {
    throw new Error('log full')
  },
  'throws nothing at all': () => {
    throw undefined
  },
  rejects: () => Promise.reject(new Error('log gone')),
  'rejects later': async () => {
    await new Promise(setImmediate)
    throw new Error('log gone')
  },
  'promises in its own way, and fails': () => ({
    // biome-ignore lint/suspicious/noThenProperty: that is what it is about
    then(_resolve: unknown, reject?: (error: Error) => void) {
      reject?.(new Error('log gone'))
      return Promise.reject(new Error('log gone')).catch(() => {})
    },
  }),
  'writes to what it is told': (event) => {
    for (const name of Object.keys(event)) Reflect.set(event, name, undefined)
    if ('intervals' in event) Reflect.set(event.intervals ?? [], 'length', 0)
  },
}

overFrameworks('a listener', (harness) => {
  const start = starting(harness)

  for (const [title, listener] of Object.entries(careless)) {
    it(`disturbs neither a request nor the others where it ${title}`, async () => {
      const unhandled: unknown[] = []
      const note = (reason: unknown) => unhandled.push(reason)
      process.on('unhandledRejection', note)
      try {
        const after: string[] = []
        const app = await start(
          (app) => {
            app.read('/page', () => ({ body: 'page' }), '1m', { serverTiming: true })
            app.read('/broken', () => ({ body: 'page' }), '1m', {
              tags: () => {
                throw new Error('no')
              },
            })
            app.write('put', '/page', ['/paeg', '/page'], () => ({ body: 'written' }))
          },
          { listeners: [listener as (event: CacheEvent) => void, ({ type }) => after.push(type)] },
        )
        const texts: string[] = []
        for (const path of ['/page', '/page', '/broken']) texts.push((await get(app.port, path)).text)
        texts.push((await send(app.port, '/page', { method: 'PUT' })).text)
        texts.push((await get(app.port, '/page')).text)
        expect(texts).to.deep.equal(['page', 'page', 'page', 'written', 'page'])
        expect(after).to.have.length(app.events.length)
        expect(app.cache.stats().total).to.include({ requestCount: 4, hitCount: 1, missCount: 2, bypassCount: 1 })
        for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
        expect(unhandled).to.deep.equal([])
      } finally {
        process.off('unhandledRejection', note)
      }
    })
  }

  it('is told of every step, in order, with what belongs to it', async () => {
    const app = await start((app) => {
      app.read('/page', () => ({ body: 'page' }))
      app.write('put', '/page', ['/page'], () => ({ body: 'written' }))
    })
    await get(app.port, '/page')
    await get(app.port, '/page')
    await send(app.port, '/page', { method: 'PUT' })
    await get(app.port, '/page?is_not_cache=1')
    const told = app.events.map((event) =>
      Object.fromEntries(
        Object.entries(event)
          .filter(([name, value]) => value !== undefined && !['ms', 'intervals', 'degraded'].includes(name))
          .map(([name, value]) => [name, name === 'key' ? value.length : value]),
      ),
    )
    expect(told).to.deep.equal([
      { type: 'request', route: '/page', outcome: 'miss', key: 43 },
      { type: 'run', route: '/page', status: 200, stored: true, key: 43 },
      { type: 'request', route: '/page', outcome: 'hit', tier: 'l1', key: 43 },
      { type: 'bump', tags: ['/page'], applied: 'everywhere', journalled: false },
      { type: 'request', route: '/page', outcome: 'bypass', reason: 'is_not_cache' },
    ])
  })

  it('is told how long each part of a request took', async () => {
    const app = await start((app) => app.read('/page', () => ({ body: 'page' })))
    await get(app.port, '/page')
    await get(app.port, '/page')
    const [miss, hit] = eventsOf(app, 'request')
    const [run] = eventsOf(app, 'run')
    expect(miss!.intervals.map(({ name }) => name)).to.include.members(['fingerprint'])
    expect(run!.intervals.map(({ name }) => name)).to.include.members(['fingerprint', 'handler', 'store'])
    expect(hit!.intervals.map(({ name }) => name)).to.deep.equal(['fingerprint', 'l1'])
    for (const { ms } of [...miss!.intervals, ...run!.intervals, ...hit!.intervals, miss!, hit!, run!]) {
      expect(ms).to.be.at.least(0)
    }
    expect(hit!.ms).to.be.at.least(hit!.intervals.reduce((sum, { ms }) => sum + ms, 0))
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })
})

overFrameworks('Server-Timing', (harness) => {
  const start = starting(harness)
  const part = String.raw`[\w-]+;dur=\d+\.\d\d`

  it("is sent where the route asks for it, beside the handler's own, and not stored", async () => {
    const app = await start((app) => {
      app.read('/page', () => ({ headers: { 'Server-Timing': 'db;dur=53' }, body: 'page' }), '1m', {
        serverTiming: true,
      })
      app.read('/bare', () => ({ body: 'page' }), '1m', { serverTiming: true })
    })
    const miss = await get(app.port, '/page')
    expect(miss.headers['server-timing']).to.match(new RegExp(`^db;dur=53, ${part}(, ${part})*$`))
    expect(miss.headers['server-timing']).to.include('handler;dur=')
    const hit = await get(app.port, '/page')
    expect(hit.headers['server-timing']).to.match(/^db;dur=53, fingerprint;dur=\d+\.\d\d, l1;dur=\d+\.\d\d$/)
    expect((await get(app.port, '/bare')).headers['server-timing']).to.match(new RegExp(`^${part}(, ${part})*$`))
    expect((await get(app.port, '/bare')).headers['server-timing']).to.match(/^fingerprint;dur=[\d.]+, l1;dur=[\d.]+$/)
  })

  it('says how long a request waited for another', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', {
        serverTiming: true,
        tags: arrivals.tags,
      })
    })
    const answers = await crowd(app.port, '/page', 1, arrivals)
    gates.open()
    const [, follower] = await Promise.all(answers)
    expect(follower!.headers['server-timing']).to.match(/^fingerprint;dur=[\d.]+,.* flight;dur=[\d.]+$/)
    const waited = eventsOf(app, 'request').find(({ outcome }) => outcome === 'collapsed')
    expect(waited!.intervals.map(({ name }) => name)).to.include.members(['fingerprint', 'flight'])
  })

  it('is not sent where nobody asks', async () => {
    const app = await start((app) => app.read('/page', () => ({ body: 'page' })))
    for (let sent = 0; sent < 2; sent++) {
      expect((await get(app.port, '/page')).headers).to.not.have.property('server-timing')
    }
  })
})
