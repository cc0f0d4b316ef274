// The options of a route at run time: what they were given cannot be changed afterwards, and what fails in them breaks no request.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { foreign } from '../foreign.ts'
import { expectApart } from '../key/pairs.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('the options of a route', (harness) => {
  const start = starting(harness)

  it('are copied at the start: what happens to the object afterwards changes nothing', async () => {
    const options = {
      tags: ['t'],
      vary: ['X-Tenant'],
      query: { ignore: ['utm_*'] },
      methods: ['GET'],
      bypass: { param: 'fresh' },
    }
    const app = await start((app) => {
      let runs = 0
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', options)
    })
    options.tags[0] = 'other'
    options.vary.length = 0
    options.query.ignore.push('a')
    options.methods[0] = 'POST'
    options.bypass.param = 'other'
    await expectApart(app, ['/page?a=1', '/page?a=2', { path: '/page?a=1', headers: { 'X-Tenant': '1' } }])
    await get(app.port, '/page?a=1&fresh=1&utm_x=1')
    await app.cache.bump('t')
    await get(app.port, '/page?a=1')
    expect(outcomes(app).slice(-2)).to.deep.equal(['bypass', 'miss'])
  })

  it('may be frozen, and are never written to', async () => {
    const frozen = Object.freeze({ tags: Object.freeze(['t']), query: Object.freeze({ allow: Object.freeze(['a']) }) })
    const app = await start((app) => app.read('/page', () => ({ body: 'page' }), '1m', frozen))
    await get(app.port, '/page')
    expect(outcomes(app)).to.deep.equal(['miss'])
  })

  const failing = {
    throws: () => {
      throw new Error('no')
    },
    rejects: () => Promise.reject(new Error('no')),
    'rejects in its own way': () => foreign<never>(new Error('no')),
  }
  for (const [title, fail] of Object.entries(failing)) {
    // T75
    it(`let a request run without the cache where \`tags\` ${title}, and an event says so`, async () => {
      const app = await start((app) => {
        let runs = 0
        app.read('/page', () => ({ body: `run ${++runs}` }), '1m', { tags: fail })
      })
      for (const run of [1, 2]) {
        const { text, headers } = await get(app.port, '/page')
        expect(text).to.equal(`run ${run}`)
        expect(headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=tags-failed')
      }
      expect(outcomes(app)).to.deep.equal(['bypass', 'bypass'])
      expect(eventsOf(app, 'function-failed').map((event) => event.function)).to.deep.equal(['tags', 'tags'])
    })

    // T75
    it(`let an answer pass unstored where \`storable\` ${title}, and an event says so`, async () => {
      const app = await start((app) => {
        let runs = 0
        app.read('/page', () => ({ body: `run ${++runs}` }), '1m', { storable: fail })
      })
      expect((await get(app.port, '/page')).text).to.equal('run 1')
      expect((await get(app.port, '/page')).text).to.equal('run 2')
      expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
      expect(eventsOf(app, 'run').map(({ stored, reason }) => ({ stored, reason }))).to.deep.equal(
        Array(2).fill({ stored: false, reason: 'storable-failed' }),
      )
      expect(eventsOf(app, 'function-failed').map((event) => event.function)).to.deep.equal(['storable', 'storable'])
    })
  }

  // T75
  for (const [title, tags] of Object.entries({ 'a number': 42, nothing: undefined, 'an empty name': ['x', ''] })) {
    it(`let a request run without the cache where \`tags\` returns ${title}`, async () => {
      const app = await start((app) => {
        app.read('/page', () => ({ body: 'page' }), '1m', { tags: () => tags as never })
      })
      await get(app.port, '/page')
      await get(app.port, '/page')
      expect(outcomes(app)).to.deep.equal(['bypass', 'bypass'])
      expect(eventsOf(app, 'function-failed')).to.have.length(2)
    })
  }

  it('show `storable` the status and the headers of the answer', async () => {
    const seen: unknown[] = []
    const app = await start((app) => {
      app.read('/page', () => ({ status: 203, headers: { 'X-Of': ['a', 'b'] }, body: 'page' }), '1m', {
        storable: ({ status, headers }) => {
          seen.push(status, headers.find(([name]) => name.toLowerCase() === 'x-of')?.[1])
          return true
        },
      })
    })
    await get(app.port, '/page')
    expect(seen).to.deep.equal([203, ['a', 'b']])
  })

  it('are asked for `tags` before a run, and not where memory answers', async () => {
    const asked: string[] = []
    const app = await start((app) => {
      app.read('/page', () => ({ body: 'page' }), '1m', {
        tags: ({ method, url }) => {
          asked.push(`${method} ${url}`)
          return 'x'
        },
      })
    })
    for (let sent = 0; sent < 3; sent++) await get(app.port, '/page')
    await app.cache.bump('x')
    await get(app.port, '/page')
    expect(asked).to.deep.equal(['GET /page', 'GET /page'])
  })
})
