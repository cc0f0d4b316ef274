// A doorkeeper: an answer is stored only once its key was asked for before.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { startRedis } from '../../support/redis-server.ts'
import { unhurried } from '../../support/unhurried.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const turnedAway = 'tiercache-l1; fwd=miss; detail=doorkeeper'

/** Asks for as many things that nobody asks for again as memory holds, five times over. */
async function flood(port: number): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.all(Array.from({ length: 10 }, (_, j) => get(port, `/search?q=${i}-${j}`)))
}

overFrameworks('a doorkeeper', (harness) => {
  const start = starting(harness)

  it('stores from the second request on, and says so', async () => {
    let runs = 0
    const { port, ...app } = await start((app) => {
      app.read('/a', () => ({ body: `run ${++runs}` }), '1m', { doorkeeper: true })
    })
    const answers = [await get(port, '/a'), await get(port, '/a'), await get(port, '/a')]
    expect(answers.map(({ text }) => text)).to.deep.equal(['run 1', 'run 2', 'run 2'])
    const [first, second, third] = answers.map(({ headers }) => headers['cache-status'])
    expect([first, second]).to.deep.equal([turnedAway, 'tiercache-l1; fwd=miss; stored'])
    expect(third).to.match(/^tiercache-l1; hit; ttl=\d+$/)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit'])
    expect(eventsOf(app, 'run').map(({ stored, reason }) => [stored, reason])).to.deep.equal([
      [false, 'doorkeeper'],
      [true, undefined],
    ])
  })

  it('is off unless it is asked for', async () => {
    const { port } = await start((app) => app.read('/a', () => ({ body: 'a' })))
    expect((await get(port, '/a')).headers['cache-status']).to.equal('tiercache-l1; fwd=miss; stored')
  })

  it('shares what it turns away with those who wait', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const { port, ...app } = await start((app) => {
      const handler = async () => ({ body: `run ${await gates.wait()}` })
      app.read('/a', handler, '1m', { doorkeeper: true, tags: arrivals.tags })
    })
    const asking = await crowd(port, '/a', 4, arrivals)
    gates.open()
    const answers = await Promise.all(asking)
    expect(answers.map(({ text }) => text)).to.deep.equal(new Array(5).fill('run 1'))
    expect(outcomes(app).sort()).to.deep.equal(['collapsed', 'collapsed', 'collapsed', 'collapsed', 'miss'])
    expect(eventsOf(app, 'run').map(({ stored, reason }) => [stored, reason])).to.deep.equal([[false, 'doorkeeper']])
  })

  it('does not advertise what it turns away', async () => {
    const { port } = await start((app) => {
      app.read('/a', () => ({ body: 'a' }), '1m', { doorkeeper: true, advertise: true })
    })
    expect((await get(port, '/a')).headers).to.not.have.property('cache-control')
    expect((await get(port, '/a')).headers['cache-control']).to.match(/max-age=60/)
  })

  it('starts anew after as many requests as it remembers', async () => {
    const { port } = await start((app) => {
      app.read('/:id', () => ({ body: 'a' }), '1m', { doorkeeper: { size: 2, errorRate: 0.001 } })
    })
    await get(port, '/a')
    await get(port, '/b')
    expect((await get(port, '/a')).headers['cache-status']).to.equal(turnedAway)
    expect((await get(port, '/a')).headers['cache-status']).to.contain('stored')
  })

  it('remembers for each route on its own', async () => {
    const { port } = await start((app) => {
      app.read('/a', () => ({ body: 'a' }), '1m', { doorkeeper: true })
      app.read('/b', () => ({ body: 'b' }), '1m', { doorkeeper: true })
    })
    await get(port, '/a')
    expect((await get(port, '/b')).headers['cache-status']).to.equal(turnedAway)
  })

  it('lets in what a request renews on purpose', async () => {
    const { port } = await start((app) => {
      app.read('/a', () => ({ body: 'a' }), '1m', { doorkeeper: true, bypass: { mode: 'refresh' } })
    })
    expect((await get(port, '/a?is_not_cache=1')).headers['cache-status']).to.contain('stored')
    expect((await get(port, '/a')).headers['cache-status']).to.contain('hit')
  })

  it('lets in what a handler confirms of a stored answer', async () => {
    let asked = 0
    const { port } = await start((app) => {
      const handler = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => {
        asked++
        const isKnown = headers['if-none-match'] === '"a"'
        return {
          status: isKnown ? 304 : 200,
          headers: { ETag: '"a"', 'Cache-Control': 'max-age=60' },
          body: isKnown ? undefined : 'a',
        }
      }
      app.read('/a', handler, '1h', { honour: 'headers', doorkeeper: { size: 2, errorRate: 0.001 } })
    })
    await get(port, '/a')
    await get(port, '/a')
    // The second request ended the round: the third asks for a confirmation, as a key that is new.
    const renewed = await get(port, '/a', { 'Cache-Control': 'no-cache' })
    expect(renewed.headers['cache-status']).to.contain('stored')
    expect(asked).to.equal(3)
  })

  // T45
  it('keeps a flood of made-up query strings from evicting what is asked for again, and from Redis', async () => {
    const redis = await startRedis()
    try {
      const app = await start(
        (app) => {
          app.read('/hot/:id', ({ url }) => ({ body: url }))
          app.read('/search', ({ url }) => ({ body: url }), '1m', { doorkeeper: true })
        },
        { redis: redis.url, memory: { maxEntries: 20 }, ...unhurried },
      )
      const hot = Array.from({ length: 10 }, (_, i) => `/hot/${i}`)
      for (const path of hot) await get(app.port, path)
      await get(app.port, '/search?q=tea')
      await get(app.port, '/search?q=tea')
      await flood(app.port)
      app.events.splice(0)
      for (const path of [...hot, '/search?q=tea']) await get(app.port, path)
      const tiers = eventsOf(app, 'request').map(({ outcome, tier }) => `${outcome} ${tier}`)
      expect(new Set(tiers)).to.deep.equal(new Set(['hit l1']))
      const entries = (await redis.cli('KEYS', 'tiercache:e:*')).split('\n')
      expect(entries).to.have.length(11)
    } finally {
      await redis.stop()
    }
  })
})

overFrameworks('a route without a doorkeeper', (harness) => {
  const start = starting(harness)

  // T45: the control, for the flood above to mean something.
  it('loses what it had to the same flood', async () => {
    const app = await start(
      (app) => {
        app.read('/hot/:id', ({ url }) => ({ body: url }))
        app.read('/search', ({ url }) => ({ body: url }))
      },
      { memory: { maxEntries: 20 } },
    )
    for (let i = 0; i < 10; i++) await get(app.port, `/hot/${i}`)
    await flood(app.port)
    app.events.splice(0)
    for (let i = 0; i < 10; i++) await get(app.port, `/hot/${i}`)
    expect(new Set(outcomes(app))).to.deep.equal(new Set(['miss']))
  })
})
