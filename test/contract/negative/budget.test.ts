// Answers that say that there is nothing may take a share of memory: a flood of unknown ids does not push out what is useful.
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { eventually } from '../../support/gate.ts'
import { type App, overFrameworks, type ReadOptions, type Reply, type Running } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'

const USEFUL = 80
const FLOOD = 60
/** Of a memory of 100 entries. */
const MOST = 10

const big = 'there is no such thing. '.repeat(100)

async function all(app: Running, paths: readonly string[], headers = {}): Promise<string[]> {
  const from = app.events.length
  for (const path of paths) await ask(app, path, { headers })
  return outcomes({ events: app.events.slice(from) })
}

const numbered = (path: string, many: number) => Array.from({ length: many }, (_, i) => `${path}${i}`)

// T28, T45, FEATURES 12
overFrameworks('a flood of what is not there', (harness) => {
  const start = starting(harness)

  const ways: Readonly<Record<string, { reply: Reply; options: ReadOptions; each: number }>> = {
    'by status': { reply: { status: 404, body: 'no' }, options: { negativeTtl: true }, each: 1 },
    'by predicate': {
      reply: { body: [] },
      options: { negativeTtl: { when: ({ text }) => text() === '[]' } },
      each: 1,
    },
    'whose life their own fields give': {
      reply: { status: 410, headers: { 'Cache-Control': 'max-age=60' }, body: 'no' },
      options: { honour: 'headers' },
      each: 1,
    },
    // Two for each: the answer, and what leads to its variants.
    'that vary': {
      reply: { status: 404, headers: { Vary: 'Accept-Language' }, body: 'no' },
      options: { negativeTtl: true },
      each: 2,
    },
    'that are kept coded': {
      reply: { status: 404, headers: { 'Content-Type': 'text/plain' }, body: big },
      options: { negativeTtl: true, compress: true },
      each: 1,
    },
  }
  for (const [what, { reply, options, each }] of Object.entries(ways)) {
    it(`leaves what is useful where it is: answers ${what}`, async () => {
      const tell = (app: App) => {
        app.read('/useful/:id', ({ params }) => ({ body: params.id }))
        app.read('/unknown/:id', () => reply, '1m', options)
      }
      const app = await start(tell, { memory: { maxEntries: 100 } })
      const useful = numbered('/useful/', USEFUL)
      await all(app, useful)
      const floods = await all(app, numbered('/unknown/', FLOOD), { 'Accept-Encoding': 'gzip' })
      expect(new Set(floods)).to.deep.equal(new Set(['miss']))
      expect(app.cache.stats().tiers.l1).to.include({
        entries: USEFUL + MOST,
        negativeEntries: MOST,
        evictions: FLOOD * each - MOST,
      })
      expect(new Set(await all(app, useful))).to.deep.equal(new Set(['hit']))
      // The last of them are there.
      const last = numbered('/unknown/', FLOOD).slice(-MOST / each)
      expect(await all(app, last, { 'Accept-Encoding': 'gzip' })).to.deep.equal(last.map(() => 'hit'))
    })
  }

  it('counts as before once its answers are kept coded', async () => {
    const tell = (app: App) =>
      app.read('/unknown/:id', () => ({ status: 404, headers: { 'Content-Type': 'text/plain' }, body: big }), '1m', {
        negativeTtl: true,
        compress: true,
      })
    const app = await start(tell, { memory: { maxEntries: 100 } })
    for (const path of numbered('/unknown/', 30)) {
      for (let i = 0; i < 2; i++) await ask(app, path, { headers: { 'Accept-Encoding': 'gzip' } })
    }
    await eventually(async () => {
      const { headers } = await ask(app, '/unknown/29', { headers: { 'Accept-Encoding': 'gzip' } })
      expect(headers['content-encoding']).to.equal('gzip')
    })
    expect(app.cache.stats().tiers.l1).to.include({ entries: MOST, negativeEntries: MOST })
  })

  it('takes the share that `memory.negativeShare` gives it', async () => {
    const tell = (app: App) =>
      app.read('/unknown/:id', () => ({ status: 404, body: 'no' }), '1m', { negativeTtl: true })
    for (const [negativeShare, most] of [
      [0.25, 25],
      [1, 100],
    ] as const) {
      const app = await start(tell, { memory: { maxEntries: 100, negativeShare } })
      await all(app, numbered('/unknown/', 100))
      expect(app.cache.stats().tiers.l1).to.include({ entries: most, negativeEntries: most })
    }
  })

  // What leads to the variants must not leave with those that are not there.
  for (const order of [
    ['xx', 'de'],
    ['de', 'xx'],
  ]) {
    it(`does not hide a variant that is there beside one that is not: ${order.join(', ')}`, async () => {
      const app = await start((app) => {
        app.read('/page', ({ headers }) => variant(headers['accept-language'] === 'de'), '1m', { negativeTtl: true })
        app.read('/unknown/:id', () => ({ status: 404, body: 'no' }), '1m', { negativeTtl: true })
      }, memory)
      for (const language of order) await page(app, language)
      expect(app.cache.stats().tiers.l1).to.include({ entries: 3, negativeEntries: 1 })
      await all(app, numbered('/unknown/', FLOOD))
      expect((await page(app, 'de')).text).to.equal('da')
      expect(outcomes(app).at(-1)).to.equal('hit')
    })
  }

  it('does not hide a variant that is there by now', async () => {
    let isThere = false
    const app = await start((app) => {
      app.read('/page', () => variant(isThere), '1m', { negativeTtl: true, bypass: { mode: 'refresh' } })
      app.read('/unknown/:id', () => ({ status: 404, body: 'no' }), '1m', { negativeTtl: true })
    }, memory)
    await page(app, 'de')
    expect(app.cache.stats().tiers.l1).to.include({ entries: 2, negativeEntries: 2 })
    isThere = true
    await page(app, 'de', '/page?is_not_cache=1')
    expect(app.cache.stats().tiers.l1).to.include({ entries: 2, negativeEntries: 0 })
    await all(app, numbered('/unknown/', FLOOD))
    expect((await page(app, 'de')).text).to.equal('da')
    expect(outcomes(app).at(-1)).to.equal('hit')
  })
})

const memory = { memory: { maxEntries: 100 } }

function variant(isThere: boolean): Reply {
  const headers = { Vary: 'Accept-Language' }
  return isThere ? { headers, body: 'da' } : { status: 404, headers, body: 'no' }
}

function page(app: Running, language: string, path = '/page') {
  return ask(app, path, { headers: { 'Accept-Language': language } })
}
