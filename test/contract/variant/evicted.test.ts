// Memory forgets the least recently used, be it a variant or what leads to the variants.
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { overFrameworks } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { askIn, said, speak } from './languages.ts'

// T77
overFrameworks('a full memory', (harness) => {
  const start = starting(harness)
  const tell: Parameters<typeof start>[0] = (app) => {
    app.read('/page', speak)
    app.read('/other', () => ({ body: 'other' }))
  }

  it('that forgot a variant still leads to the others', async () => {
    const app = await start(tell, { memory: { maxEntries: 2 } })
    await askIn(app, 'de')
    await askIn(app, 'en')
    expect((await askIn(app, 'en')).text).to.equal('in "en"')
    expect((await askIn(app, 'de')).text).to.equal('in "de"')
    expect((await askIn(app, 'de')).text).to.equal('in "de"')
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'miss', 'hit'])
  })

  it('that forgot what leads to the variants gives nobody the answer of another', async () => {
    const app = await start(tell, { memory: { maxEntries: 3 } })
    await askIn(app, 'de')
    await askIn(app, 'en')
    await askIn(app, undefined, '/other')
    await askIn(app, undefined, '/other?2')
    for (const language of ['fr', 'en', 'de']) {
      expect((await askIn(app, language)).text).to.equal(`in "${language}"`)
      expect((await askIn(app, language)).text).to.equal(`in "${language}"`)
    }
    expect(app.cache.stats().tiers.l1?.entries).to.be.at.most(3)
  })

  it('holds no variant beside a bound of one entry, and answers all the same', async () => {
    const app = await start(tell, { memory: { maxEntries: 1 } })
    for (const language of ['de', 'en', 'de', 'en']) {
      expect((await askIn(app, language)).text).to.equal(`in "${language}"`)
    }
    expect(app.cache.stats().tiers.l1?.entries).to.be.at.most(1)
  })

  it('holds no more bytes than it may, with one variant of each of many URLs', async () => {
    const body = 'x'.repeat(2_000)
    const app = await start(
      (app) => app.read('/page', (asked) => ({ ...speak(asked), body: `${body} ${said(asked)}` })),
      { memory: { maxBytes: 50_000 } },
    )
    // Four times as much as there is room for.
    for (let i = 0; i < 60; i++) {
      expect((await askIn(app, `x-${i}`, `/page?${i}`)).text).to.equal(`${body} "x-${i}"`)
      expect(app.cache.stats().tiers.l1?.bytes).to.be.at.most(50_000)
    }
    const { entries, evictions, bytes } = app.cache.stats().tiers.l1!
    expect(entries + evictions).to.equal(120)
    expect(bytes).to.be.above(40_000)
  })

  it('loses no variant of a long life to one of a short life', async () => {
    const app = await start(
      (app) =>
        app.read(
          '/page',
          (asked) => (asked.headers['accept-language'] === 'xx' ? { ...speak(asked), status: 404 } : speak(asked)),
          '1m',
          { negativeTtl: '50ms' },
        ),
      {},
    )
    await askIn(app, 'de')
    await askIn(app, 'xx')
    // A HEAD stores nothing: it runs once the short one is gone.
    const ask = () => askIn(app, 'xx', '/page', 'HEAD').then(() => outcomes(app).at(-1))
    await eventually(async () => expect(await ask()).to.equal('miss'))
    await askIn(app, 'de')
    expect(outcomes(app).at(-1)).to.equal('hit')
  })
})
