// Which requests may meet the cache: the others go around it, and leave no trace in it.
import { expect } from 'chai'
import { get, type SendOptions, send } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('a request that may not meet the cache', (harness) => {
  const start = starting(harness)

  // T27
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    it(`passes untouched: ${method}`, async () => {
      let runs = 0
      const app = await start((app) => {
        app.useCache()
        app.plain('get', '/page', () => ({ body: 'page' }))
        for (const verb of ['post', 'put', 'delete', 'patch', 'options'] as const) {
          app.plain(verb as 'post', '/page', () => ({ headers: { ETag: '"own"' }, body: `run ${++runs}` }))
        }
      })
      await get(app.port, '/page')
      for (const run of [1, 2]) {
        const answer = await send(app.port, '/page', { method, headers: { 'If-None-Match': '"other"' } })
        expect(answer.text).to.equal(`run ${run}`)
        expect(answer.headers).to.not.have.any.keys('cache-status', 'age')
        expect(answer.headers.etag).to.equal('"own"')
      }
      expect((await get(app.port, '/page')).text).to.equal('page')
      expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'bypass', 'hit'])
      expect(eventsOf(app, 'request')[1]).to.include({ reason: 'method' })
    })
  }

  const refused: readonly (readonly [reason: string, headers: Record<string, string>])[] = [
    // T30
    ['authorization', { Authorization: 'Bearer 1' }],
    ['authorization', { Authorization: '' }],
    ['precondition', { 'If-Match': '"x"' }],
    ['precondition', { 'If-Unmodified-Since': 'Thu, 01 Jan 1970 00:00:00 GMT' }],
    ['body', { 'Content-Length': '4', 'Content-Type': 'text/plain' }],
  ]

  for (const [reason, headers] of refused) {
    it(`reads nothing, fills nothing and waits for nobody: ${JSON.stringify(headers)}`, async () => {
      const gates = new Gates()
      const app = await start((app) => {
        app.read('/page', async () => ({ body: `run ${await gates.wait()}` }))
      })
      const options: SendOptions = { headers, ...(reason === 'body' ? { body: 'text' } : {}) }
      const leader = get(app.port, '/page')
      await gates.reach(1)
      // While another flies, and on a cold cache
      const around = send(app.port, '/page', options)
      await gates.reach(2)
      gates.open(2)
      const answer = await around
      expect(answer.text).to.equal('run 2')
      expect(answer.headers['cache-status']).to.equal(`tiercache-l1; fwd=bypass; detail=${reason}`)
      expect(answer.headers).to.not.have.any.keys('age')
      gates.open(1)
      expect((await leader).text).to.equal('run 1')
      // On a warm one
      const again = send(app.port, '/page', options)
      await gates.reach(3)
      gates.open(3)
      await again
      expect((await get(app.port, '/page')).text).to.equal('run 1')
      expect(outcomes(app)).to.deep.equal(['miss', 'bypass', 'bypass', 'hit'])
      expect(eventsOf(app, 'request')[1]).to.include({ reason }).and.have.property('key', undefined)
    })
  }

  // T26
  it('runs alone where it is HEAD on a cold cache: leads nobody, joins nobody, stores nothing', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', { tags: arrivals.tags })
    })
    const head = send(app.port, '/page', { method: 'HEAD' })
    await gates.reach(1)
    const full = get(app.port, '/page')
    await gates.reach(2)
    const second = send(app.port, '/page', { method: 'HEAD' })
    await gates.reach(3)
    gates.open(1)
    gates.open(3)
    await Promise.all([head, second])
    const follower = get(app.port, '/page')
    await arrivals.reach(4)
    expect(gates.begun).to.equal(3)
    gates.open(2)
    expect((await full).text).to.equal('run 2')
    expect((await follower).text).to.equal('run 2')
    const warm = await send(app.port, '/page', { method: 'HEAD' })
    expect(warm.headers['content-length']).to.equal('5')
    expect(warm.text).to.equal('')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'collapsed', 'hit'])
  })
})
