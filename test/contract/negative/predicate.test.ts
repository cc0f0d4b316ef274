// Answers that say by their bodies that there is nothing: `negativeTtl.when` gives them the life of what is not there.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { cacheTime } from '../../support/cache-time.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type App, overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

/** `/found` has items, `/empty` has none, `/gone` is a 410. */
const shop: Readonly<Record<string, Reply>> = {
  found: { body: { items: [1] } },
  empty: { body: { items: [] } },
  gone: { status: 410, body: { error: 'gone' } },
}
const isEmpty: NonNullable<Exclude<ReadOptions['negativeTtl'], boolean | string | number | undefined>['when']> = ({
  json,
}) => (json() as { items: unknown[] }).items.length === 0

const tell = (options: ReadOptions) => (app: App) =>
  app.read('/lists/:id', ({ params }) => shop[params.id!]!, '10m', options)

// FEATURES 12, T28
overFrameworks('an answer that says that there is nothing', (harness) => {
  const start = starting(harness)
  afterEach(() => sinon.restore())

  it('lives by `negativeTtl`, and the others by their ttl', async () => {
    const app = await start(tell({ negativeTtl: { ttl: '50s', when: isEmpty } }))
    const time = cacheTime()
    const round = async () => {
      for (const id of ['found', 'empty', 'gone']) await ask(app, `/lists/${id}`)
      return outcomes(app).slice(-3)
    }
    expect(await round()).to.deep.equal(['miss', 'miss', 'miss'])
    expect(await round()).to.deep.equal(['hit', 'hit', 'hit'])
    time.advance(50_000)
    expect(await round()).to.deep.equal(['hit', 'miss', 'miss'])
  })

  it('may live longer than the others', async () => {
    const app = await start((app) =>
      app.read('/lists/:id', ({ params }) => shop[params.id!]!, '10s', { negativeTtl: { when: isEmpty } }),
    )
    const time = cacheTime()
    for (const id of ['found', 'empty']) await ask(app, `/lists/${id}`)
    time.advance(30_000)
    for (const id of ['found', 'empty']) await ask(app, `/lists/${id}`)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'miss', 'hit'])
  })

  it('says so on hits, and is counted', async () => {
    const app = await start(tell({ negativeTtl: { when: isEmpty } }))
    const status = async (id: string) => String((await ask(app, `/lists/${id}`)).headers['cache-status'])
    for (const id of ['found', 'empty', 'gone']) expect(await status(id)).to.equal('tiercache-l1; fwd=miss; stored')
    expect(await status('found')).to.match(/^tiercache-l1; hit; ttl=\d+$/)
    expect(await status('empty')).to.match(/^tiercache-l1; hit; ttl=\d+; detail=negative$/)
    expect(await status('gone')).to.match(/^tiercache-l1; hit; ttl=\d+; detail=negative$/)
    expect(app.cache.stats().tiers.l1).to.include({ entries: 3, negativeEntries: 2 })
  })

  it('is judged once for each run, and not where memory answers', async () => {
    let asked = 0
    const when = () => ++asked > 0
    const app = await start(tell({ negativeTtl: { when } }))
    for (let i = 0; i < 3; i++) await ask(app, '/lists/empty')
    expect(asked).to.equal(1)
  })

  // T36
  it('is advertised with the shorter life as long as nobody can know, and then with its own', async () => {
    const app = await start(tell({ advertise: true, negativeTtl: { ttl: '50s', when: isEmpty } }))
    const lives = async (id: string) => {
      const told = [await ask(app, `/lists/${id}`), await ask(app, `/lists/${id}`)]
      return told.map(({ headers }) => headers['cache-control'])
    }
    expect(await lives('found')).to.deep.equal(['public, max-age=50', 'public, max-age=600'])
    expect(await lives('empty')).to.deep.equal(['public, max-age=50', 'public, max-age=50'])
    expect(await lives('gone')).to.deep.equal(['public, max-age=50', 'public, max-age=50'])
  })

  // Issue 5, bad input; T75
  const failing: Readonly<Record<string, () => unknown>> = {
    throws() {
      throw new Error('no verdict')
    },
    'returns nothing': () => undefined,
    'returns a promise': async () => true,
    'returns a promise that rejects': () => Promise.reject(new Error('later')),
  }
  for (const [what, when] of Object.entries(failing)) {
    it(`passes unstored and unshared where \`when\` ${what}, and an event says so`, async () => {
      const gates = new Gates()
      const arrivals = new Arrivals()
      const app = await start((app) =>
        app.read('/page', async () => ({ body: `run ${await gates.wait()}` }), '1m', {
          tags: arrivals.tags,
          negativeTtl: { when: when as () => boolean },
        }),
      )
      const answers = await crowd(app.port, '/page', 1, arrivals)
      gates.open()
      await gates.reach(2)
      gates.open()
      expect((await Promise.all(answers)).map(({ status, text }) => `${status} ${text}`)).to.deep.equal([
        '200 run 1',
        '200 run 2',
      ])
      expect(eventsOf(app, 'run').map(({ stored, reason }) => ({ stored, reason }))).to.deep.equal(
        Array(2).fill({ stored: false, reason: 'negative-failed' }),
      )
      const failures = eventsOf(app, 'function-failed')
      expect(failures.map((event) => event.function)).to.deep.equal(['negative', 'negative'])
      expect(failures[0]!.error).to.be.instanceOf(Error)
      expect(app.cache.stats().tiers.l1).to.include({ entries: 0 })
    })
  }

  // T78
  it('is not changed by a predicate that writes to what it is shown', async () => {
    const app = await start((app) =>
      app.read('/page', () => ({ headers: { Link: ['<a>', '<b>'] }, body: 'nothing' }), '1m', {
        negativeTtl: {
          when({ headers, body }) {
            body.fill('x')
            for (const [, value] of headers) if (typeof value !== 'string') (value as string[]).push('<c>')
            return true
          },
        },
      }),
    )
    for (let i = 0; i < 3; i++) {
      const { text, headers } = await ask(app, '/page')
      expect([text, headers.link]).to.deep.equal(['nothing', '<a>, <b>'])
    }
    expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit'])
  })

  it('is asked for nothing where the answer is not stored anyway', async () => {
    const app = await start((app) =>
      app.read('/page', () => ({ status: 500, body: 'no' }), '1m', {
        negativeTtl: { when: () => expect.fail('asked') },
      }),
    )
    expect((await ask(app, '/page')).status).to.equal(500)
    expect(eventsOf(app, 'function-failed')).to.deep.equal([])
  })

  it('lives as its own fields say where they decide, and is counted all the same', async () => {
    const app = await start((app) =>
      app.read(
        '/lists/:id',
        ({ params }) => ({ ...shop[params.id!]!, headers: { 'Cache-Control': 'max-age=300' } }),
        '10m',
        { honour: 'headers', negativeTtl: { ttl: '5s', when: () => expect.fail('asked') } },
      ),
    )
    const time = cacheTime()
    for (const id of ['empty', 'gone']) await ask(app, `/lists/${id}`)
    time.advance(299_000)
    for (const id of ['empty', 'gone']) await ask(app, `/lists/${id}`)
    time.advance(2_000)
    for (const id of ['empty', 'gone']) await ask(app, `/lists/${id}`)
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit', 'miss', 'miss'])
    expect(eventsOf(app, 'function-failed')).to.deep.equal([])
    expect(app.cache.stats().tiers.l1).to.include({ entries: 2, negativeEntries: 1 })
  })
})
