// A client that takes its answer slowly: whoever waits does not wait for that client.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { type SinonFakeTimers, useFakeTimers } from 'sinon'
import { get, getSlowly } from '../../support/http-client.ts'
import { Arrivals } from '../crowd.ts'
import { overFrameworks, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const CHUNK = Buffer.alloc(64 * 1024, 'x')
/** More than two sockets and everything between them hold. */
const CHUNKS = 640

overFrameworks('a flight whose leader has a slow client', (harness) => {
  const start = starting(harness)
  let time: SinonFakeTimers
  beforeEach(() => {
    time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => time.restore())

  async function answering(first: () => Reply) {
    const arrivals = new Arrivals()
    let runs = 0
    const app = await start((app) => {
      app.read('/page', () => (++runs === 1 ? first() : { body: `run ${runs}` }), '1m', {
        maxBodyBytes: '100mb',
        tags: arrivals.tags,
      })
    })
    return { arrivals, app }
  }

  // T12 T49
  it('hands its followers on once the client has held it back for 100 ms: one leads, the rest stay', async () => {
    let sent = 0
    const { arrivals, app } = await answering(() => ({
      headers: { 'Content-Type': 'text/plain' },
      body: new Readable({
        read() {
          this.push(sent++ < CHUNKS ? CHUNK : null)
        },
      }),
    }))
    const slow = await getSlowly(app.port, '/page')
    const followers = [get(app.port, '/page'), get(app.port, '/page')]
    await arrivals.reach(3)
    let before = -1
    while (before !== sent) {
      before = sent
      await get(app.port, '/nothing') // gives the source its turns, until nothing moves any more
    }
    expect(sent).to.be.below(CHUNKS)
    expect(outcomes(app)).to.deep.equal(['miss'])
    time.tick(200)
    expect((await Promise.all(followers)).map(({ text }) => text)).to.deep.equal(['run 2', 'run 2'])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'collapsed'])
    expect((await slow.read()).length).to.equal(CHUNKS * CHUNK.length)
  })

  // T12
  it('settles at `end(chunk)`, whenever the client takes it', async () => {
    const body = Buffer.alloc(CHUNKS * CHUNK.length, 'y')
    const { arrivals, app } = await answering(() => ({ headers: { 'Content-Type': 'text/plain' }, body }))
    const slow = getSlowly(app.port, '/page')
    await arrivals.reach(1)
    const next = await get(app.port, '/page')
    expect(next.body.equals(body)).to.equal(true)
    expect((await slow).headers['cache-status']).to.equal('tiercache-l1; fwd=miss; stored')
    expect(outcomes(app).filter((outcome) => outcome === 'miss')).to.have.length(1)
    expect(eventsOf(app, 'run')).to.have.length(1)
    ;(await slow).abort()
  })
})
