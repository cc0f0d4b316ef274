// A header that is different for everyone must fill no cache: the variants of one URL are bounded.
import { expect } from 'chai'
import { deferred, eventually } from '../../support/gate.ts'
import { overFrameworks } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { askIn, speak } from './languages.ts'

/** As many as are kept. */
const MOST = 64
const language = (i: number) => `x-${i}`

// T33, T45
overFrameworks('the variants of one URL', (harness) => {
  const start = starting(harness)

  it('are 64 at most: the others run, are not stored and say so', async () => {
    const app = await start((app) => app.read('/page', speak))
    for (let i = 0; i < MOST; i++) await askIn(app, language(i))
    expect(app.cache.stats().tiers.l1?.entries).to.equal(MOST + 1)
    for (let round = 0; round < 2; round++) {
      const { text, headers } = await askIn(app, 'one too many')
      expect(text).to.equal('in "one too many"')
      expect(headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=vary-many')
    }
    expect(app.cache.stats().tiers.l1?.entries).to.equal(MOST + 1)
    for (const i of [0, MOST - 1]) await askIn(app, language(i))
    expect(outcomes(app).slice(MOST)).to.deep.equal(['miss', 'miss', 'hit', 'hit'])
    expect(eventsOf(app, 'run').at(-1)).to.include({ stored: false, reason: 'vary-many' })
  })

  it('are 64 at most also where all of them seemed to have room when their heads left', async () => {
    const all = deferred()
    let heads = 0
    const app = await start((app) =>
      app.read('/page', speak, '1m', {
        async storable() {
          if (++heads === 201) all.resolve()
          if (heads > 1) await all.promise
          return true
        },
      }),
    )
    await askIn(app, 'first')
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => askIn(app, language(i))))
    await eventually(() => expect(eventsOf(app, 'run')).to.have.length(201))
    expect(answers.map(({ text }) => text)).to.deep.equal(answers.map((_, i) => `in "${language(i)}"`))
    expect(app.cache.stats().tiers.l1?.entries).to.equal(MOST + 1)
    expect(eventsOf(app, 'run').filter(({ stored }) => stored)).to.have.length(MOST)
  })

  it('begin anew after an invalidation', async () => {
    const app = await start((app) => app.read('/page', speak))
    for (let i = 0; i < MOST; i++) await askIn(app, language(i))
    await app.cache.bump('/page')
    await askIn(app, 'new')
    await askIn(app, 'new')
    expect(outcomes(app).slice(MOST)).to.deep.equal(['miss', 'hit'])
  })

  it('of another URL are counted for themselves', async () => {
    const app = await start((app) => app.read('/page', speak))
    for (let i = 0; i < MOST; i++) await askIn(app, language(i))
    await askIn(app, 'new', '/page?other')
    await askIn(app, 'new', '/page?other')
    expect(outcomes(app).slice(MOST)).to.deep.equal(['miss', 'hit'])
  })
})
