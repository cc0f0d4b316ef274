// Five hundred requests at once: one run, or, where its answer is for nobody else, all of theirs side by side.
import { expect } from 'chai'
import { type SinonSpy, spy } from 'sinon'
import { Flights } from '../../../src/flights.ts'
import { eventually } from '../../support/gate.ts'
import { type Answer, get } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks, type Reply } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'

const CROWD = 500

overFrameworks('a crowd of 500 before one cold key', (harness) => {
  const start = starting(harness)
  let starts: SinonSpy
  beforeEach(() => {
    starts = spy(Flights.prototype, 'start')
  })
  afterEach(() => starts.restore())

  /** An application whose runs the test holds, and the crowd that waits before it: one leads, all others follow. */
  async function held(reply: (run: number) => Reply) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read('/page', async () => reply(await gates.wait()), '1m', { tags: arrivals.tags })
    })
    const answers: Promise<Answer[]> = Promise.all(Array.from({ length: CROWD }, () => get(app.port, '/page')))
    await arrivals.reach(CROWD)
    return { gates, app, answers }
  }

  async function expectNothingLeft() {
    const [flights] = starts.thisValues as Flights<unknown>[]
    await eventually(() => expect(flights!.size, 'flights left').to.equal(0))
  }

  // T53 T54
  it('is one run, whose answer all get', async () => {
    const { gates, app, answers } = await held((run) => ({ body: `run ${run}` }))
    expect(gates.begun).to.equal(1)
    gates.open()
    expect(new Set((await answers).map(({ status, text }) => `${status} ${text}`))).to.deep.equal(
      new Set(['200 run 1']),
    )
    expect(gates.begun).to.equal(1)
    expect(outcomes(app).sort()).to.deep.equal([...Array(CROWD - 1).fill('collapsed'), 'miss'])
    await expectNothingLeft()
  })

  const forOne: Readonly<Record<string, (run: number) => Reply>> = {
    'whose handler fails': () => {
      throw new Error('database gone')
    },
    'whose answer sets a cookie': (run) => ({ headers: { 'Set-Cookie': `sid=${run}` }, body: `run ${run}` }),
    'whose answer is private': (run) => ({ headers: { 'Cache-Control': 'private' }, body: `run ${run}` }),
  }
  for (const [title, reply] of Object.entries(forOne)) {
    // T48 T52
    it(`waits for one run ${title}, then all run side by side, in no row`, async () => {
      const { gates, app, answers } = await held(reply)
      expect(gates.begun).to.equal(1)
      gates.open(1)
      // None of them waits for another: all have begun before any of them ends.
      await gates.reach(CROWD)
      expect(gates.running, 'runs side by side').to.equal(CROWD - 1)
      gates.open()
      const heard = await answers
      expect(gates.begun).to.equal(CROWD)
      expect(outcomes(app)).to.deep.equal(Array(CROWD).fill('miss'))
      const succeeded = heard.filter(({ status }) => status === 200)
      expect(new Set(succeeded.map(({ text }) => text)).size, 'each has an answer of its own').to.equal(
        succeeded.length,
      )
      expect(new Set(heard.map(({ status }) => status)).size).to.equal(1)
      await expectNothingLeft()
    })
  }
})
