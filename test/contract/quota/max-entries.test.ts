// `maxEntries` of a route: what one route may take of memory, whoever asks it for whatever.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { type App, overFrameworks, type Running } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'
import { askIn, speak } from '../variant/languages.ts'

async function all(app: Running, paths: readonly string[]): Promise<string[]> {
  const from = app.events.length
  for (const path of paths) await ask(app, path)
  return outcomes({ events: app.events.slice(from) })
}

const numbered = (path: string, many: number) => Array.from({ length: many }, (_, i) => `${path}${i}`)

// FEATURES 7
overFrameworks('a route with `maxEntries`', (harness) => {
  const start = starting(harness)
  const tell = (app: App) => {
    app.read('/search', ({ url }) => ({ body: url }), '1m', { maxEntries: 20 })
    app.read('/hot/:id', ({ url }) => ({ body: url }))
  }

  // T45
  it('pushes out no entry of another route, whatever query strings come', async () => {
    const app = await start(tell, { memory: { maxEntries: 100 } })
    const hot = numbered('/hot/', 80)
    await all(app, hot)
    expect(new Set(await all(app, numbered('/search?q=', 60)))).to.deep.equal(new Set(['miss']))
    expect(app.cache.stats().tiers.l1).to.include({ entries: 100, evictions: 40 })
    expect(new Set(await all(app, hot))).to.deep.equal(new Set(['hit']))
  })

  // T45
  it('keeps what is asked for again and again through a flood of its own', async () => {
    const app = await start(tell)
    await all(app, ['/search?q=shoes'])
    for (const path of numbered('/search?q=random', 60)) {
      await all(app, [path])
      expect(await all(app, ['/search?q=shoes'])).to.deep.equal(['hit'])
    }
    expect(app.cache.stats().tiers.l1).to.include({ entries: 20 })
  })

  it('answers rightly from what it still has, and runs for the rest', async () => {
    const app = await start(tell)
    await all(app, numbered('/search?q=', 30))
    for (const path of numbered('/search?q=', 30)) expect((await ask(app, path)).text).to.equal(path)
    expect(app.cache.stats().tiers.l1?.entries).to.equal(20)
    expect(eventsOf(app, 'run').every(({ stored }) => stored)).to.equal(true)
  })

  it('counts each variant of a URL, and what leads to them', async () => {
    const app = await start((app) => {
      app.read('/page', speak, '1m', { maxEntries: 5 })
      app.read('/hot/:id', ({ url }) => ({ body: url }))
    })
    await all(app, numbered('/hot/', 10))
    for (const language of numbered('x-', 30)) {
      for (let i = 0; i < 2; i++) expect((await askIn(app, language)).text).to.equal(`in "${language}"`)
      expect(outcomes(app).slice(-2)).to.deep.equal(['miss', 'hit'])
    }
    expect(app.cache.stats().tiers.l1).to.include({ entries: 15 })
  })

  // T33, T45
  it('is bounded where each URL has variants of its own', async () => {
    const app = await start((app) => app.read('/page', speak, '1m', { maxEntries: 9 }))
    for (const path of numbered('/page?', 50)) {
      await askIn(app, 'de', path)
      expect((await askIn(app, 'de', path)).text).to.equal('in "de"')
      expect(app.cache.stats().tiers.l1?.entries).to.be.at.most(9)
    }
  })

  it('is bounded for itself: two routes have two bounds', async () => {
    const app = await start((app) => {
      for (const path of ['/a', '/b']) app.read(path, ({ url }) => ({ body: url }), '1m', { maxEntries: 5 })
    })
    for (const path of ['/a?', '/b?']) await all(app, numbered(path, 20))
    expect(app.cache.stats().tiers.l1).to.include({ entries: 10, evictions: 30 })
  })

  it('may be a route that is mounted, for all that stands behind it', async () => {
    const app = await start((app) => {
      app.useCache('1m', { maxEntries: 5 })
      app.plain('get', '/a', ({ url }) => ({ body: url }))
      app.plain('get', '/b', ({ url }) => ({ body: url }))
    })
    for (const path of ['/a?', '/b?']) await all(app, numbered(path, 20))
    expect(app.cache.stats().tiers.l1).to.include({ entries: 5 })
  })

  it('answers and stores under concurrent requests as ever', async () => {
    const app = await start(tell)
    const paths = [...numbered('/search?q=', 50), ...numbered('/search?q=', 50)]
    const answers = await Promise.all(paths.map((path) => ask(app, path)))
    expect(answers.map(({ text }) => text)).to.deep.equal(paths)
    expect(app.cache.stats().tiers.l1).to.include({ entries: 20 })
  })
})
