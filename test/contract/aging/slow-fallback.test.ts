// A `fallback` that takes its time, or never answers: it holds nobody else up, and nobody for ever.
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Handler, overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, starting } from '../starting.ts'

const failures: Readonly<Record<string, Handler>> = {
  'answers 503': () => ({ status: 503, body: 'broken' }),
  throws: () => {
    throw new Error('broken')
  },
}

overFrameworks('a fallback', (harness) => {
  const start = starting(harness)

  async function page(handler: Handler, options: ReadOptions) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((told) => {
      const held: Handler = async (asked) => {
        await gates.wait()
        return handler(asked)
      }
      told.read('/page', held, '1m', { tags: arrivals.tags, ...options })
    })
    return { app, gates, arrivals }
  }

  for (const [what, fail] of Object.entries(failures)) {
    // T48
    it(`of a leader whose handler ${what} holds none of those up who waited for it`, async () => {
      const first = deferred<{ body: string }>()
      let calls = 0
      const fallback = () => (++calls === 1 ? first.promise : { body: 'mine' })
      const { app, gates, arrivals } = await page(fail, { fallback })
      const [leader, ...followers] = await crowd(app.port, '/page', 3, arrivals)
      gates.open(1)
      await gates.reach(4)
      gates.open()
      for (const follower of followers) expect((await follower).text).to.equal('mine')
      first.resolve({ body: 'first' })
      expect((await leader)!.text).to.equal('first')
    })

    it(`at once leaves those who share the failure of a handler that ${what} without a run`, async () => {
      const { app, gates, arrivals } = await page(fail, { onFailure: 'share', fallback: () => ({ body: 'instead' }) })
      const answers = await crowd(app.port, '/page', 3, arrivals)
      gates.open(1)
      for (const answer of answers) expect((await answer).text).to.equal('instead')
      expect(gates.begun).to.equal(1)
    })

    it(`that never answers lets the failure of a handler that ${what} out in the end, and an event tells of it`, async () => {
      const { app, gates } = await page(fail, { flightDeadline: '50ms', fallback: () => new Promise(() => {}) })
      const answer = send(app.port, '/page')
      await gates.reach(1)
      gates.open(1)
      expect((await answer).status).to.be.within(500, 503)
      const [told, ...more] = eventsOf(app, 'function-failed')
      expect(told).to.include({ function: 'fallback', route: '/page' })
      expect((told!.error as Error).message).to.match(/did not answer within 50 ms/)
      expect(more).to.deep.equal([])
    })
  }

  it('that is still at work gives way to the answer of the run that its request waits for', async () => {
    let calls = 0
    const fallback = () => {
      calls++
      return new Promise<never>(() => {})
    }
    const { app, gates, arrivals } = await page(() => ({ body: 'whole' }), { timeout: { hard: '30ms' }, fallback })
    const answers = await crowd(app.port, '/page', 2, arrivals)
    await eventually(() => expect(calls).to.equal(3))
    gates.open(1)
    for (const answer of answers) expect((await answer).text).to.equal('whole')
  })

  it('that has answered is not asked again when the run fails after all', async () => {
    let calls = 0
    const fallback = async () => ({ body: `call ${++calls}` })
    const { app, gates } = await page(failures.throws!, { timeout: { hard: '20ms' }, fallback })
    expect((await send(app.port, '/page')).text).to.equal('call 1')
    gates.open(1)
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(1))
    expect(calls).to.equal(1)
  })
})
