// Hit-for-miss: where an answer was for its asker alone, those who ask next do not wait to learn the same.
import { expect } from 'chai'
import sinon from 'sinon'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Asked, overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const CROWD = 5
const notFound = () => Object.assign(new Error('no'), { status: 404, expose: true })

interface Case {
  readonly answer: (asked: Asked) => Reply
  readonly options?: ReadOptions
}

const cookies = { headers: { 'Set-Cookie': 'sid=1' }, body: 'for you' }

const unshareable: Readonly<Record<string, Case>> = {
  'sets a cookie': { answer: () => cookies },
  'is private': { answer: () => ({ headers: { 'Cache-Control': 'private' }, body: 'for you' }) },
  'forbids storing': { answer: () => ({ headers: { 'Cache-Control': 'no-store' }, body: 'for you' }) },
  'differs by anything': { answer: () => ({ headers: { Vary: '*' }, body: 'for you' }) },
  'is 404': { answer: () => ({ status: 404, body: 'no' }) },
  'is 401': { answer: () => ({ status: 401, body: 'no' }) },
  'is thrown as a 404': {
    answer: () => {
      throw notFound()
    },
  },
  'is 501': { answer: () => ({ status: 501, body: 'no' }) },
  'is made of a cookie': { answer: ({ headers }) => ({ body: `for ${headers.cookie}` }) },
  'is too large': { answer: () => ({ body: 'x'.repeat(101) }), options: { maxBodyBytes: 100 } },
  'is refused by `storable`': { answer: () => ({ body: 'for you' }), options: { storable: () => false } },
  'is refused by `storable` later': { answer: () => ({ body: 'for you' }), options: { storable: async () => false } },
  'streams events': { answer: () => ({ headers: { 'Content-Type': 'text/event-stream' }, body: 'data: 1\n\n' }) },
  'has no life by its own fields': { answer: () => ({ body: 'page' }), options: { honour: 'headers' } },
  'must be confirmed for each request': {
    answer: () => ({ headers: { 'Cache-Control': 'no-cache', ETag: '"1"' }, body: 'page' }),
    options: { honour: 'headers' },
  },
}

overFrameworks('requests for what was for its asker alone', (harness) => {
  const start = starting(harness)

  async function page(answer: (asked: Asked, run: number) => Reply, options: ReadOptions = {}) {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) =>
      app.read(
        '/page',
        async (asked) => {
          const run = await gates.wait()
          return answer(asked, run)
        },
        '1h',
        { tags: arrivals.tags, ...options },
      ),
    )
    /** One request by itself. */
    const first = async () => {
      const begun = gates.begun
      const answered = get(app.port, '/page', { cookie: 'id=1' })
      await gates.reach(begun + 1)
      gates.open()
      return answered
    }
    return { app, gates, arrivals, first, crowd: () => crowd(app.port, '/page', CROWD - 1, arrivals) }
  }

  for (const [title, { answer, options }] of Object.entries(unshareable)) {
    // T48, T52
    it(`all run at once where it ${title}`, async () => {
      const { gates, first, crowd } = await page(answer, options)
      await first()
      const answers = await crowd()
      // Nobody has answered yet: they wait for nobody.
      await gates.reach(1 + CROWD)
      expect(gates.running).to.equal(CROWD)
      gates.open()
      await Promise.all(answers)
      const again = await crowd()
      await gates.reach(1 + 2 * CROWD)
      gates.open()
      await Promise.all(again)
    })
  }

  const passing: Readonly<Record<string, (asked: Asked) => Reply>> = {
    'answered 500': () => ({ status: 500, body: 'gone' }),
    'answered 503 with a cookie': () => ({ ...cookies, status: 503 }),
    threw: () => {
      throw new Error('gone')
    },
  }
  for (const [title, fail] of Object.entries(passing)) {
    // C4
    it(`wait for one run still where the last one ${title}`, async () => {
      const { gates, first, crowd } = await page((asked, run) => (run === 1 ? fail(asked) : { body: `run ${run}` }))
      await first()
      const answers = await crowd()
      expect(gates.begun).to.equal(2)
      gates.open()
      for (const { text } of await Promise.all(answers)) expect(text).to.equal('run 2')
    })
  }

  // C4
  it('wait for one run again once an answer could be shared, and that one is stored', async () => {
    const { app, gates, first, crowd } = await page((_, run) => (run < 3 ? cookies : { body: `run ${run}` }))
    await first()
    const answers = await crowd()
    await gates.reach(1 + CROWD)
    gates.open()
    await Promise.all(answers)
    expect((await get(app.port, '/page')).text).to.match(/^run [3-6]$/)
    expect(outcomes(app).at(-1)).to.equal('hit')
    await app.cache.bump('/page')
    const later = await crowd()
    expect(gates.begun).to.equal(2 + CROWD)
    gates.open()
    for (const { text } of await Promise.all(later)) expect(text).to.equal(`run ${2 + CROWD}`)
    expect(gates.begun).to.equal(2 + CROWD)
  })

  it('are told apart by their key: others wait as ever', async () => {
    const { app, gates, arrivals, first } = await page(() => cookies)
    await first()
    const others = await crowd(app.port, '/page?other=1', 2, arrivals)
    expect(gates.begun).to.equal(2)
    gates.open()
    await gates.reach(4)
    gates.open()
    await Promise.all(others)
  })

  it('may still bypass, ask for a part, or for the head', async () => {
    const { app, gates, first } = await page(() => cookies)
    await first()
    const others = [
      get(app.port, '/page?is_not_cache=1'),
      get(app.port, '/page', { range: 'bytes=0-1' }),
      send(app.port, '/page', { method: 'HEAD' }),
    ]
    await gates.reach(4)
    gates.open()
    expect((await Promise.all(others)).map(({ status }) => status)).to.deep.equal([200, 200, 200])
    expect(eventsOf(app, 'run')).to.have.length(1)
  })

  describe('in time', () => {
    let time: CacheTime
    beforeEach(() => {
      time = cacheTime()
    })
    afterEach(() => sinon.restore())

    it('wait for one run again after a minute', async () => {
      const { gates, first, crowd } = await page((_, run) => (run === 1 ? cookies : { body: `run ${run}` }))
      await first()
      time.advance(60_000)
      const answers = await crowd()
      expect(gates.begun).to.equal(2)
      gates.open()
      for (const { text } of await Promise.all(answers)) expect(text).to.equal('run 2')
    })
  })
})
