// `?is_not_cache=1`: around the cache, leaving no trace in it and none of its marks on the answer.
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { expectApart, expectShared } from '../key/pairs.ts'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('the flag is_not_cache', (harness) => {
  const start = starting(harness)
  const counting = (options?: ReadOptions) =>
    start((app) => {
      let runs = 0
      app.read('/page', () => ({ body: `run ${++runs}` }), '1m', options)
    })

  const yes = [
    'is_not_cache=1',
    'is_not_cache=true',
    'a=1&is_not_cache=1&b=2',
    'is%5Fnot%5fcache=1',
    'is_not_cache=0&is_not_cache=1',
    'is_not_cache=1&is_not_cache=0',
    '&&is_not_cache=true&',
  ]
  for (const query of yes) {
    // T37
    it(`reads nothing and stores nothing: ?${query}`, async () => {
      const app = await counting()
      expect((await get(app.port, `/page?${query}`)).text).to.equal('run 1')
      expect((await get(app.port, '/page')).text).to.equal('run 2')
      const around = await get(app.port, `/page?${query}`)
      expect(around.text).to.equal('run 3')
      expect(around.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=is_not_cache')
      expect((await get(app.port, '/page')).text).to.equal('run 2')
      expect(outcomes(app)).to.deep.equal(['bypass', 'miss', 'bypass', 'hit'])
      for (const event of eventsOf(app, 'request').filter(({ outcome }) => outcome === 'bypass')) {
        expect(event).to.include({ reason: 'is_not_cache', route: '/page' })
      }
    })
  }

  // T37
  it('is as if it were not there with a plain no', async () => {
    const no = ['=0', '=false', '=', ''].map((value) => `/page?is_not_cache${value}`)
    for (const first of no) {
      await expectShared(await counting(), [first, '/page', ...no, '/page?is%5Fnot_cache=0&is_not_cache=false'])
    }
    await expectShared(await counting(), ['/page?a=1', '/page?a=1&is_not_cache=0', '/page?is_not_cache=&a=1'])
  })

  const odd = [
    '=TRUE',
    '=True',
    '=yes',
    '=no',
    '=2',
    '=01',
    '=1.0',
    '=-1',
    '=null',
    '=1%20',
    '=%22onx',
    '=0&is_not_cache=x',
  ]
  // T37
  it('is no bypass with any other value: it reads what is stored, and leaves nothing of its own for others', async () => {
    const app = await counting()
    const paths = odd.map((value) => `/page?a=1&is_not_cache${value}`)
    let runs = 0
    // A handler may show the value: what it made of it is for its sender.
    for (const path of paths) {
      const { text, headers } = await get(app.port, path)
      expect(text).to.equal(`run ${++runs}`)
      expect(headers['cache-status']).to.match(/^tiercache-l1; fwd=miss(; detail=[\w-]+)?$/)
    }
    expect((await get(app.port, '/page?a=1')).text).to.equal(`run ${++runs}`)
    for (const path of paths) expect((await get(app.port, path)).text).to.equal(`run ${runs}`)
    expect(outcomes(app)).to.deep.equal([...paths.map(() => 'miss'), 'miss', ...paths.map(() => 'hit')])
  })

  // T37
  it('is meant by its own name alone: others are parameters as any', async () => {
    await expectApart(await counting(), [
      '/page',
      '/page?IS_NOT_CACHE=1',
      '/page?is_not_cached=1',
      '/page?xis_not_cache=1',
      '/page?q=is_not_cache=1',
      '/page?q=1%26is_not_cache=1',
      '/page?q[is_not_cache]=1',
      '/page?q=?is_not_cache=1',
    ])
  })

  // T37
  it('joins no flight and leads none', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', { tags: arrivals.tags })
    })
    const leader = get(app.port, '/page')
    await gates.reach(1)
    const around = get(app.port, '/page?is_not_cache=1')
    await gates.reach(2)
    const follower = get(app.port, '/page')
    await arrivals.reach(2)
    gates.open(2)
    expect((await around).text).to.equal('run 2')
    expect(outcomes(app)).to.deep.equal(['miss', 'bypass'])
    gates.open(1)
    expect((await leader).text).to.equal('run 1')
    expect((await follower).text).to.equal('run 1')
    expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'collapsed'])
  })

  // T37
  it('leaves the answer as it would be without the cache, and the request as the client sent it', async () => {
    const app = await start((app) => {
      const handler = ({ headers }: { headers: object }) => ({
        headers: { 'Cache-Control': 'max-age=5', 'X-Saw': String((headers as never)['if-none-match']) },
        body: 'page',
      })
      app.read('/page', handler)
      app.plain('get', '/plain', handler)
    })
    for (const headers of [{}, { 'If-None-Match': '"other"' }]) {
      const around = await get(app.port, '/page?is_not_cache=1', headers)
      const plain = await get(app.port, '/plain', headers)
      const { 'cache-status': status, date: _, ...rest } = around.headers
      const { date: __, ...expected } = plain.headers
      expect(status).to.equal('tiercache-l1; fwd=bypass; detail=is_not_cache')
      expect(rest).to.deep.equal(expected)
      expect(rest).to.not.have.property('age')
      expect(around.status).to.equal(plain.status)
    }
  })

  it('does nothing more to a request that passes untouched for its method', async () => {
    const app = await start((app) => {
      app.useCache()
      app.plain('post', '/page', () => ({ body: 'posted' }))
    })
    const answer = await send(app.port, '/page?is_not_cache=1', { method: 'POST' })
    expect(answer.headers).to.not.have.property('cache-status')
    expect(eventsOf(app, 'request').map(({ reason }) => reason)).to.deep.equal(['method'])
  })

  // T37
  it('goes by another name where `bypass.param` gives it one, and the old name is a parameter as any', async () => {
    const app = await counting({ bypass: { param: 'fresh' } })
    await expectApart(app, ['/page', '/page?is_not_cache=1', '/page?is_not_cache=2'])
    await expectShared(app, ['/page?a=1', '/page?a=1&fresh=0'])
    const { headers } = await get(app.port, '/page?fresh=true')
    expect(headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=fresh')
  })

  // T37
  it('is found under a name with a space, however that is written', async () => {
    const app = await counting({ bypass: { param: 'no cache' } })
    for (const query of ['no+cache=1', 'no%20cache=1', '%6Eo+cache=true']) {
      await get(app.port, `/page?${query}`)
    }
    expect(outcomes(app)).to.deep.equal(['bypass', 'bypass', 'bypass'])
    await expectShared(app, ['/page?a=1', '/page?a=1&no+cache=0', '/page?no%20cache=0&a=1'])
  })

  // T37
  it('is a parameter as any where `bypass` is false', async () => {
    await expectApart(await counting({ bypass: false }), ['/page', '/page?is_not_cache=1', '/page?is_not_cache=true'])
  })
})
