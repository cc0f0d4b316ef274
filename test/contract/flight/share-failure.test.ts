// `onFailure: 'share'`: who waited for a run that failed gets its status and nothing else of it, without a run.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, getAndLeave, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Handler, overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const FOLLOWERS = 5

interface Failure {
  readonly fail: Handler
  readonly status: number
  readonly text: string
}

const secret = { 'Set-Cookie': 'sid=leader', ETag: '"1"', 'X-Trace': 'leader', 'Retry-After': '60' }

overFrameworks('a failure that is shared', (harness) => {
  const start = starting(harness)

  async function page(fail: Handler, options: ReadOptions = {}) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.outerHeaders(() => ({ 'X-Outer': 'yes' }))
      app.read(
        '/page',
        async (asked) => {
          const run = await gates.wait()
          return run === 1 ? fail(asked) : { body: `run ${run}` }
        },
        '1m',
        { tags: arrivals.tags, onFailure: 'share', ...options },
      )
    })
    return { app, gates, arrivals }
  }

  const failures: Readonly<Record<string, Failure>> = {
    'answers 500': {
      fail: () => ({ status: 500, headers: secret, body: 'secret' }),
      status: 500,
      text: 'Internal Server Error\n',
    },
    'answers 503': {
      fail: () => ({ status: 503, headers: secret, body: 'secret' }),
      status: 503,
      text: 'Service Unavailable\n',
    },
    'answers 502 by a stream': {
      fail: () => ({
        status: 502,
        headers: { ...secret, 'Content-Type': 'text/html' },
        body: Readable.from(['sec', 'ret']),
      }),
      status: 502,
      text: 'Bad Gateway\n',
    },
    throws: {
      fail: () => {
        throw new Error('secret')
      },
      status: 500,
      text: 'Internal Server Error\n',
    },
    'rejects with a status': {
      fail: () => Promise.reject(Object.assign(new Error('secret'), { status: 504 })),
      status: 504,
      text: 'Gateway Timeout\n',
    },
  }
  for (const [title, { fail, status, text }] of Object.entries(failures)) {
    // T48, T52
    it(`goes to all followers, bare, where the leader ${title}`, async () => {
      const { app, gates, arrivals } = await page(fail)
      const answers = await crowd(app.port, '/page', FOLLOWERS, arrivals, { headers: { 'if-none-match': '"1"' } })
      gates.open(1)
      const [leader, ...followers] = await Promise.all(answers)
      expect(leader!.status).to.equal(status)
      for (const follower of followers) {
        expect({ status: follower.status, text: follower.text }).to.deep.equal({ status, text })
        const { date: _, connection: __, 'keep-alive': ___, 'x-powered-by': ____, ...fields } = follower.headers
        expect(fields).to.deep.equal({
          'x-outer': 'yes',
          'content-type': 'text/plain; charset=utf-8',
          'content-length': String(text.length),
          'cache-control': 'no-store',
          'cache-status': 'tiercache-l1; fwd=miss; collapsed; detail=failed',
        })
      }
      expect(gates.begun, 'runs').to.equal(1)
      const [first, ...rest] = eventsOf(app, 'request')
      expect(first).to.include({ outcome: 'miss' })
      for (const event of rest) expect(event).to.include({ outcome: 'collapsed', reason: 'failed', tier: undefined })
    })
  }

  // T20
  it('is not stored: the next request leads again', async () => {
    const { app, gates, arrivals } = await page(() => ({ status: 503, body: 'gone' }))
    const answers = await crowd(app.port, '/page', 1, arrivals)
    gates.open()
    await Promise.all(answers)
    const next = await crowd(app.port, '/page', 1, arrivals)
    await gates.reach(2)
    gates.open()
    for (const { text } of await Promise.all(next)) expect(text).to.equal('run 2')
    expect(outcomes(app)).to.deep.equal(['miss', 'collapsed', 'miss', 'collapsed'])
  })

  const answers: Readonly<Record<string, Handler>> = {
    'answers 404': () => ({ status: 404, body: 'no' }),
    'answers 429': () => ({ status: 429, body: 'later' }),
    'throws a 404': () => {
      throw Object.assign(new Error('no'), { status: 404 })
    },
    'answers 501': () => ({ status: 501, body: 'no' }),
    'sets a cookie': () => ({ headers: { 'Set-Cookie': 'sid=1' }, body: 'for you' }),
    'forbids storing': () => ({ headers: { 'Cache-Control': 'no-store' }, body: 'for you' }),
    'reads a cookie': ({ headers }) => ({ body: `for ${headers.cookie}` }),
  }
  for (const [title, answer] of Object.entries(answers)) {
    // T48
    it(`is none where the leader ${title}: its followers run, side by side`, async () => {
      const { app, gates, arrivals } = await page(answer)
      const waiting = await crowd(app.port, '/page', FOLLOWERS, arrivals)
      gates.open(1)
      await gates.reach(1 + FOLLOWERS)
      gates.open()
      const [, ...followers] = await Promise.all(waiting)
      expect(new Set(followers.map(({ text }) => text)).size).to.equal(FOLLOWERS)
      expect(followers.map(({ status }) => status)).to.deep.equal(Array(FOLLOWERS).fill(200))
    })
  }

  // T49
  it('reaches the followers of a leader whose client has left', async () => {
    const { app, gates, arrivals } = await page(() => ({ status: 503, body: 'gone' }))
    const leave = getAndLeave(app.port, '/page')
    await arrivals.reach(1)
    const followers = [get(app.port, '/page'), get(app.port, '/page')]
    await arrivals.reach(3)
    leave()
    await eventually(async () => {
      const count = await new Promise((resolve) => app.server.getConnections((_error, open) => resolve(open)))
      expect(count, 'connections').to.equal(2)
    })
    gates.open(1)
    for (const { status, text } of await Promise.all(followers))
      expect({ status, text }).to.deep.equal({ status: 503, text: 'Service Unavailable\n' })
    expect(gates.begun).to.equal(1)
  })

  it('is for those who waited: who asked for the head, or bypassed, has an answer of his own', async () => {
    const { app, gates, arrivals } = await page(() => ({ status: 503, body: 'gone' }))
    const [leader, follower] = await crowd(app.port, '/page', 1, arrivals)
    const others = [send(app.port, '/page', { method: 'HEAD' }), get(app.port, '/page?is_not_cache=1')]
    await gates.reach(3)
    gates.open()
    expect((await leader!).status).to.equal(503)
    expect((await follower!).status).to.equal(503)
    expect((await Promise.all(others)).map(({ status }) => status)).to.deep.equal([200, 200])
  })

  it('says how long the follower waited, where the route tells intervals', async () => {
    const { app, gates, arrivals } = await page(() => ({ status: 503 }), { serverTiming: true })
    const [, follower] = await crowd(app.port, '/page', 1, arrivals)
    gates.open()
    expect((await follower!).headers['server-timing']).to.match(/flight;dur=[\d.]+$/)
  })

  // T51
  it('is none where the leader never answers: its followers run at the deadline', async () => {
    const { app, gates, arrivals } = await page(() => ({ body: 'late' }), { flightDeadline: '50ms' })
    const [leader, follower] = await crowd(app.port, '/page', 1, arrivals)
    await gates.reach(2)
    gates.open()
    expect((await follower!).text).to.equal('run 2')
    expect((await leader!).text).to.equal('late')
  })

  it('is not shared where the fields of a stored failure say that it may be', async () => {
    const fail = () => ({ status: 503, headers: { 'Cache-Control': 'max-age=60', 'X-Own': '1' }, body: 'gone' })
    const { app, gates, arrivals } = await page(fail, { honour: 'headers' })
    const waiting = await crowd(app.port, '/page', 1, arrivals)
    gates.open()
    const [, follower] = await Promise.all(waiting)
    expect(follower).to.include({ status: 503, text: 'gone' })
    expect(follower!.headers).to.include({ 'x-own': '1' })
  })
})
