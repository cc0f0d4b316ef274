// Those who wait for one run share its bytes: N followers do not hold N copies.
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { collected } from '../../support/heap.ts'
import { getSlowly, type SlowAnswer } from '../../support/http-client.ts'
import { overFrameworks, type Running } from '../middleware.ts'

const FOLLOWERS = 20
// More than a socket's buffers take, so that what is sent stays with the server.
const BODY_BYTES = 8_000_000

overFrameworks('followers of a large answer', (harness) => {
  let app: Running
  afterEach(() => app.stop())

  // T16
  it('share one copy while their clients read slowly', async function () {
    this.timeout(60_000)
    const gate = deferred()
    let asked = 0
    app = await harness.start((app) => {
      app.outerHeaders(() => {
        asked++
        return {}
      })
      app.useCache('1m', { maxBodyBytes: '20mb' })
      app.plain('get', '/large', async () => {
        await gate.promise
        return { headers: { 'Content-Type': 'application/octet-stream' }, body: Buffer.alloc(BODY_BYTES, 'l') }
      })
    })
    const clients: Promise<SlowAnswer>[] = []
    for (let i = 0; i <= FOLLOWERS; i++) clients.push(getSlowly(app.port, '/large'))
    await eventually(() => expect(asked).to.equal(1 + FOLLOWERS), { within: 10_000 })
    const before = collected().arrayBuffers
    gate.resolve()
    const answers = await Promise.all(clients)
    const grown = collected().arrayBuffers - before
    const outcomes = app.events.flatMap((event) => (event.type === 'request' ? [event.outcome] : []))
    expect(outcomes.filter((outcome) => outcome === 'collapsed')).to.have.lengthOf(FOLLOWERS)
    // The handler's own body, the entry, and what stands in the clients' buffers here.
    expect(grown).to.be.lessThan(8 * BODY_BYTES)
    for (const answer of answers) answer.abort()
  })
})
