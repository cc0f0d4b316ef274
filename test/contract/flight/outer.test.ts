// What stands on a response before the cache's place is of that request alone: no follower and no hit gets it from another.
import { expect } from 'chai'
import { get, type SendOptions } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'

overFrameworks('headers set before the cache', (harness) => {
  const start = starting(harness)

  // T6 T55
  it("are each request's own: for the leader, for who waits and for who comes later", async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.outerHeaders(({ headers }) => ({ 'X-Request-Id': String(headers['x-id']), 'X-Frame-Options': 'DENY' }))
      app.useCache('1m', { tags: arrivals.tags })
      app.plain('get', '/page', async () => ({ headers: { 'X-Run': String(await gates.wait()) }, body: 'page' }))
    })
    const as = (id: string): SendOptions => ({ headers: { 'X-Id': id } })
    const leader = await crowd(app.port, '/page', 0, arrivals, as('a'))
    const follower = await crowd(app.port, '/page', 0, arrivals, as('b'))
    gates.open()
    const answers = [...(await Promise.all([...leader, ...follower])), await get(app.port, '/page', { 'X-Id': 'c' })]
    expect(answers.map(({ headers }) => headers['x-request-id'])).to.deep.equal(['a', 'b', 'c'])
    expect(answers.map(({ headers }) => headers['x-run'])).to.deep.equal(['1', '1', '1'])
    expect(answers.map(({ headers }) => headers['x-frame-options'])).to.deep.equal(['DENY', 'DENY', 'DENY'])
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed', 'hit'])
  })

  // T31
  it("make an answer nobody else's where they set a cookie", async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.outerHeaders(() => ({ 'Set-Cookie': 'sid=1' }))
      app.useCache('1m', { tags: arrivals.tags })
      app.plain('get', '/page', async () => ({ body: `run ${await gates.wait()}` }))
    })
    const answers = await crowd(app.port, '/page', 1, arrivals)
    gates.open()
    await gates.reach(2)
    gates.open()
    expect((await Promise.all(answers)).map(({ text }) => text)).to.deep.equal(['run 1', 'run 2'])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss'])
  })
})
