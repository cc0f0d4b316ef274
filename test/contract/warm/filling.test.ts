// `warm(app, requests)`: what it has stored answers the first real client, from the tier that has it.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { outcomeOf } from '../../support/outcome.ts'
import { type App, overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const shop = { headers: { host: 'shop.test' } }

overFrameworks('warm', (harness) => {
  const start = starting(harness)
  let runs: string[]
  const tell = (app: App) => {
    app.read('/things/:id', ({ url, headers }) => {
      runs.push(url)
      return { body: `${url} for ${headers['x-tenant'] ?? 'all'}` }
    })
    app.read('/tenants/:id', ({ url }) => ({ body: url }), '1m', { vary: ['X-Tenant'] })
  }
  beforeEach(() => {
    runs = []
  })

  it('stores what clients then get without a run', async () => {
    const app = await start(tell)
    const result = await app.warm(['/things/1', '/things/2?b=2&a=1'], shop)
    expect(result).to.include({ total: 2, stored: 2, hit: 0, notStored: 0, failed: 0 })
    expect(result.ms).to.be.greaterThan(0)
    const answers = [await ask(app, '/things/1'), await ask(app, '/things/2?a=1&b=2')]
    expect(answers.map(outcomeOf)).to.deep.equal(['hit l1', 'hit l1'])
    expect(answers.map(({ text }) => text)).to.deep.equal(['/things/1 for all', '/things/2?b=2&a=1 for all'])
    expect(runs).to.have.members(['/things/1', '/things/2?b=2&a=1'])
  })

  it('counts what is there already as a hit, and runs nothing for it', async () => {
    const app = await start(tell)
    await ask(app, '/things/1')
    expect(await app.warm(['/things/1', '/things/2'], shop)).to.include({ total: 2, stored: 1, hit: 1 })
    expect(runs).to.deep.equal(['/things/1', '/things/2'])
  })

  it('runs once for a request that is given twice', async () => {
    const app = await start(tell)
    const result = await app.warm(['/things/1', '/things/1', '/things/1'], shop)
    expect(result).to.include({ total: 3, stored: 1, hit: 2 })
    expect(runs).to.deep.equal(['/things/1'])
  })

  it('stores anew what was invalidated', async () => {
    const app = await start(tell)
    await app.warm(['/things/1'], shop)
    await app.cache.bump('/things/:id')
    expect(await app.warm(['/things/1'], shop)).to.include({ stored: 1, hit: 0 })
    expect(runs).to.have.length(2)
  })

  it('takes requests from a generator and from an async one, and tells of each', async () => {
    const app = await start(tell)
    function* some() {
      yield '/things/1'
      yield { url: '/things/2' }
      yield new URL('http://shop.test/things/3')
    }
    async function* others() {
      yield* some()
    }
    const told: object[] = []
    const onProgress = (progress: object) => void told.push(progress)
    const first = await app.warm(some(), { ...shop, concurrency: 1, onProgress })
    const second = await app.warm(others(), { ...shop, concurrency: 1, onProgress })
    expect([first.stored, second.hit]).to.deep.equal([3, 3])
    const stored = { total: undefined, outcome: 'stored', status: 200, reason: undefined }
    expect(told.slice(0, 3)).to.deep.equal([
      { ...stored, done: 1, url: '/things/1' },
      { ...stored, done: 2, url: '/things/2' },
      { ...stored, done: 3, url: 'http://shop.test/things/3' },
    ])
    expect(told[5]).to.include({ done: 3, outcome: 'hit', status: 200 })
  })

  it('sends the fields of each request beside those of all', async () => {
    const app = await start(tell)
    const requests = ['a', 'b'].map((tenant) => ({ url: '/tenants/1', headers: { 'X-Tenant': tenant } }))
    expect(await app.warm(requests, shop)).to.include({ stored: 2 })
    for (const tenant of ['a', 'b', 'c']) await ask(app, '/tenants/1', { headers: { 'X-Tenant': tenant } })
    expect(outcomes(app).slice(2)).to.deep.equal(['hit', 'hit', 'miss'])
  })

  // Invariant 11: scheme and host are in the key, so only who is addressed in the same way gets what was warmed.
  it('stores for the host and the scheme of the URL alone', async () => {
    const app = await start(tell, { trustProxy: true })
    await app.warm(['https://shop.test/things/1'])
    const https = { 'X-Forwarded-Proto': 'https' }
    expect(outcomeOf(await ask(app, '/things/1', { headers: https }))).to.equal('hit l1')
    expect(outcomeOf(await ask(app, '/things/1'))).to.equal('miss')
    expect(outcomeOf(await ask(app, '/things/1', { headers: { ...https, host: 'other.test' } }))).to.equal('miss')
  })

  it('believes a host and a scheme that a trusted proxy would have sent', async () => {
    const app = await start(tell, { trustProxy: true })
    const proxied = { host: '10.0.0.1', 'X-Forwarded-Host': 'shop.test', 'X-Forwarded-Proto': 'https' }
    await app.warm(['/things/1'], { headers: proxied })
    expect(outcomeOf(await ask(app, '/things/1', { headers: proxied }))).to.equal('hit l1')
  })

  it('goes through all that is mounted before the cache, as a request from this machine', async () => {
    const seen: (string | undefined)[] = []
    const app = await start((told) => {
      told.outerHeaders(({ method, url, headers }) => {
        seen.push(`${method} ${headers.host}${url} ${headers['x-a']}`)
        return { 'X-Before': 'yes' }
      })
      tell(told)
    })
    await app.warm(['/things/1'], { headers: { host: 'shop.test', 'X-A': ['1', '2'] } })
    expect(seen).to.deep.equal(['GET shop.test/things/1 1, 2'])
    expect((await ask(app, '/things/1')).headers['x-before']).to.equal('yes')
  })

  it('leaves out conditions, ranges and directives: they would keep the answer from being stored', async () => {
    const app = await start(tell)
    const headers = { ...shop.headers, Range: 'bytes=0-1', 'If-None-Match': '"a"', 'Cache-Control': 'no-store' }
    expect(await app.warm(['/things/1'], { headers })).to.include({ stored: 1 })
  })

  it('is told of by the events of any request', async () => {
    const app = await start(tell)
    await app.warm(['/things/1'], shop)
    expect(outcomes(app)).to.deep.equal(['miss'])
    expect(eventsOf(app, 'run').map(({ stored }) => stored)).to.deep.equal([true])
  })
})
