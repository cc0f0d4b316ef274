// A leader that fails lets all who wait run themselves, at once and side by side.
import { expect } from 'chai'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Handler, overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const FOLLOWERS = 5

overFrameworks('a flight whose leader fails', (harness) => {
  const start = starting(harness)

  const failures: Readonly<Record<string, Handler>> = {
    throws: () => {
      throw new Error('database gone')
    },
    rejects: () => Promise.reject(Object.assign(new Error('busy'), { status: 503 })),
    'answers 500': () => ({ status: 500, body: 'database gone' }),
    'answers 503 without a body': () => ({ status: 503 }),
    'asks for a login': () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic' } }),
  }
  for (const [title, fail] of Object.entries(failures)) {
    // T48
    it(`lets all followers run at the same time where it ${title}`, async () => {
      const gates = new Gates()
      const arrivals = new Arrivals()
      const app = await start((app) => {
        app.read(
          '/page',
          async (asked) => {
            const run = await gates.wait()
            return run === 1 ? fail(asked) : { body: `run ${run}` }
          },
          '1m',
          { tags: arrivals.tags },
        )
      })
      const answers = await crowd(app.port, '/page', FOLLOWERS, arrivals)
      expect(gates.begun).to.equal(1)
      gates.open(1)
      await gates.reach(1 + FOLLOWERS)
      expect(gates.running, 'runs side by side').to.equal(FOLLOWERS)
      gates.open()
      const [first, ...rest] = await Promise.all(answers)
      expect(first!.status).to.be.at.least(400)
      expect(first!.headers).to.not.have.property('age')
      expect(rest.map(({ status }) => status)).to.deep.equal(Array(FOLLOWERS).fill(200))
      expect(new Set(rest.map(({ text }) => text)).size).to.equal(FOLLOWERS)
      expect(outcomes(app)).to.deep.equal(Array(1 + FOLLOWERS).fill('miss'))
      expect(eventsOf(app, 'run')[0]).to.include({ stored: false })
    })
  }

  // T48
  it('makes no convoy of failures: all handlers that fail do so side by side', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        async () => {
          await gates.wait()
          throw new Error('database gone')
        },
        '1m',
        { tags: arrivals.tags },
      )
    })
    const answers = await crowd(app.port, '/page', 20, arrivals)
    gates.open()
    await gates.reach(21)
    expect(gates.running, 'runs side by side').to.equal(20)
    gates.open()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses).to.deep.equal(Array(21).fill(500))
    expect(gates.begun).to.equal(21)
  })

  // T20
  it('leaves the way free: the next request leads again, and what it finds is stored', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        async () => {
          const run = await gates.wait()
          if (run === 1) throw new Error('database gone')
          return { body: `run ${run}` }
        },
        '1m',
        { tags: arrivals.tags },
      )
    })
    const [failed] = await crowd(app.port, '/page', 0, arrivals)
    gates.open()
    expect((await failed!).status).to.equal(500)
    const answers = await crowd(app.port, '/page', 2, arrivals)
    gates.open()
    expect((await Promise.all(answers)).map(({ text }) => text)).to.deep.equal(['run 2', 'run 2', 'run 2'])
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'collapsed', 'collapsed'])
  })
})
