// Streamed answers that prove unfit on the way: who waits for them is let go at that moment, not at their end.
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { useFakeTimers } from 'sinon'
import { get, getSlowly } from '../../support/http-client.ts'
import { Arrivals } from '../crowd.ts'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('a streamed answer that must not be stored', (harness) => {
  const start = starting(harness)
  const streams: PassThrough[] = []
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.destroy()
  })

  /** The first run streams what the test writes, the others answer at once. */
  async function streaming(options: ReadOptions, headers: Record<string, string> = {}) {
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        () => {
          if (streams.length > 0) return { body: 'another' }
          const stream = new PassThrough()
          streams.push(stream)
          return { headers, body: stream }
        },
        '1m',
        { ...options, tags: arrivals.tags },
      )
    })
    return { app, arrivals }
  }

  // T15
  it('lets its followers run as soon as it is over the cap, while it streams on to its client', async () => {
    const { app, arrivals } = await streaming({ maxBodyBytes: 10 }, { 'Content-Type': 'text/plain' })
    const leader = getSlowly(app.port, '/page')
    await arrivals.reach(1)
    streams[0]!.write('12345')
    const answer = await leader
    expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=miss; stored')
    const followers = [get(app.port, '/page'), get(app.port, '/page')]
    await arrivals.reach(3)
    expect(outcomes(app)).to.deep.equal(['miss'])
    streams[0]!.write('6789012345')
    for (const { text } of await Promise.all(followers)) expect(text).to.equal('another')
    expect(outcomes(app), 'side by side').to.deep.equal(['miss', 'miss', 'miss'])
    streams[0]!.end('!')
    expect(String(await answer.read())).to.equal('123456789012345!')
    const [first] = eventsOf(app, 'run')
    expect(first).to.include({ stored: false, reason: 'too-large', status: 200 })
  })

  // T15
  it('lets its followers run at its head where that says event stream, and is never kept', async () => {
    const { app, arrivals } = await streaming({}, { 'Content-Type': 'Text/Event-Stream; charset=utf-8' })
    const leader = getSlowly(app.port, '/page')
    await arrivals.reach(1)
    const follower = get(app.port, '/page')
    await arrivals.reach(2)
    streams[0]!.write('data: 1\n\n')
    expect((await leader).headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=event-stream')
    expect((await follower).text).to.equal('another')
    ;(await leader).abort()
  })

  // T15 T51
  it('holds nobody beyond the deadline where it never ends', async () => {
    const time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { app, arrivals } = await streaming({}, { 'Content-Type': 'text/plain' })
      const leader = getSlowly(app.port, '/page')
      await arrivals.reach(1)
      streams[0]!.write('for ever')
      const answer = await leader
      const follower = get(app.port, '/page')
      await arrivals.reach(2)
      time.tick(30_000)
      expect((await follower).text).to.equal('another')
      expect((await get(app.port, '/page')).text).to.equal('another')
      answer.abort()
    } finally {
      time.restore()
    }
  })

  // T32: a length that is announced is known before the first byte
  it('is refused at its head where the length it announces is over the cap', async () => {
    const { app, arrivals } = await streaming(
      { maxBodyBytes: 10 },
      { 'Content-Length': '11', 'Content-Type': 'text/plain' },
    )
    const leader = get(app.port, '/page')
    await arrivals.reach(1)
    const follower = get(app.port, '/page')
    await arrivals.reach(2)
    streams[0]!.write('1')
    expect((await follower).text).to.equal('another')
    streams[0]!.end('2345678901')
    expect((await leader).text).to.equal('12345678901')
    expect((await leader).headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=too-large')
  })
})
