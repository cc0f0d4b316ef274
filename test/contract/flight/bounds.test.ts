// The bounds of a flight: how many wait, how long, and for whose sake not at all.
import { expect } from 'chai'
import { type SinonFakeTimers, useFakeTimers } from 'sinon'
import { get } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { overFrameworks, type ReadOptions } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

overFrameworks('the bounds of a flight', (harness) => {
  const start = starting(harness)

  async function gated(options: ReadOptions) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', { ...options, tags: arrivals.tags })
    })
    return { gates, arrivals, app }
  }
  const texts = async (answers: readonly Promise<{ text: string }>[]) =>
    (await Promise.all(answers)).map(({ text }) => text)

  // T54
  it('lets requests beyond the most followers pass through, each with a run of its own', async () => {
    const { gates, arrivals, app } = await gated({ collapse: { maxFollowers: 2 } })
    const answers = await crowd(app.port, '/page', 4, arrivals)
    await gates.reach(3)
    gates.open()
    expect(await texts(answers)).to.have.members(['run 1', 'run 1', 'run 1', 'run 2', 'run 3'])
    expect(outcomes(app).sort()).to.deep.equal(['collapsed', 'collapsed', 'miss', 'miss', 'miss'])
  })

  it('lets nobody wait where `collapse` is false', async () => {
    const { gates, arrivals, app } = await gated({ collapse: false })
    const answers = await crowd(app.port, '/page', 3, arrivals)
    await gates.reach(4)
    gates.open()
    expect(await texts(answers)).to.have.members(['run 1', 'run 2', 'run 3', 'run 4'])
    await get(app.port, '/page')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'miss', 'hit'])
  })

  it('lets everyone wait where `collapse` is true, and by default', async () => {
    for (const options of [{ collapse: true }, {}]) {
      const { gates, arrivals, app } = await gated(options)
      const answers = await crowd(app.port, '/page', 30, arrivals)
      gates.open()
      expect(new Set(await texts(answers))).to.deep.equal(new Set(['run 1']))
      expect(gates.begun).to.equal(1)
      expect(app.cache.stats().total).to.include({ requestCount: 31, missCount: 1, collapsedCount: 30, loadCount: 1 })
    }
  })

  it('lands for all who wait, also where the cache is closed meanwhile; later requests pass by it', async () => {
    const { gates, arrivals, app } = await gated({})
    const answers = await crowd(app.port, '/page', 2, arrivals)
    await app.cache.close()
    gates.open()
    expect(await texts(answers)).to.deep.equal(['run 1', 'run 1', 'run 1'])
    const later = get(app.port, '/page')
    await gates.reach(2)
    gates.open()
    expect((await later).headers).to.not.have.property('cache-status')
  })

  describe('in time', () => {
    let time: SinonFakeTimers
    beforeEach(() => {
      time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    })
    afterEach(() => time.restore())

    for (const [title, options, deadline] of [
      ['after 30 s', {}, 30_000],
      ['after a `flightDeadline`', { flightDeadline: '5m' }, 300_000],
    ] as const) {
      // T51
      it(`ends for all who wait, and leaves the key free, where the handler never answers: ${title}`, async () => {
        const { gates, arrivals, app } = await gated(options)
        const [never, ...waiting] = await crowd(app.port, '/page', 2, arrivals)
        time.tick(deadline - 1)
        await get(app.port, '/other') // a turn of everything
        expect(gates.begun).to.equal(1)
        time.tick(1)
        await gates.reach(3)
        expect(gates.running, 'runs side by side').to.equal(3)
        gates.open(2)
        gates.open(3)
        expect(await texts(waiting)).to.have.members(['run 2', 'run 3'])
        expect((await get(app.port, '/page')).text).to.match(/^run [23]$/)
        expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'hit'])
        gates.open(1)
        expect((await never!).text).to.equal('run 1')
        expect(time.countTimers(), 'timers left').to.equal(0)
      })
    }

    it('leaves no timer behind where it lands in time, with an answer or without', async () => {
      const { gates, arrivals, app } = await gated({ storable: ({ headers }) => headers.length > 100 })
      for (const path of ['/page', '/page?a=1']) {
        const [leader] = await crowd(app.port, path, 0, arrivals)
        gates.open()
        await leader
      }
      expect(time.countTimers()).to.equal(0)
      const other = await gated({})
      const answers = await crowd(other.app.port, '/page', 1, other.arrivals)
      other.gates.open()
      await Promise.all(answers)
      expect(time.countTimers()).to.equal(0)
    })

    // T51
    it('lets the next request lead once the deadline is over, and others follow that one', async () => {
      const { gates, arrivals, app } = await gated({})
      const [never] = await crowd(app.port, '/page', 0, arrivals)
      time.tick(30_000)
      const next = await crowd(app.port, '/page', 1, arrivals)
      await gates.reach(2)
      gates.open(2)
      expect(await texts(next)).to.deep.equal(['run 2', 'run 2'])
      gates.open(1)
      await never
      expect(eventsOf(app, 'run')).to.have.length(2)
    })
  })
})
