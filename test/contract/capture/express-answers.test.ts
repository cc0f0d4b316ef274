// Every way in which Express answers: stored once, and the same again.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline as pipelineWithCallback, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import type { ExpressSubject } from '../../../src/express.ts'
import type { CacheRouteOptions } from '../../../src/route.ts'
import {
  expectFilledBehindNotModified,
  expectSameNeverStored,
  expectSameThenReplay,
  expressTwin,
  type Twin,
} from '../../support/compare.ts'
import type { Question } from '../../support/wire.ts'

const folder = mkdtempSync(join(tmpdir(), 'tiercache-answers-'))
const page = join(folder, 'page.html')
const image = join(folder, 'image.png')

interface Case {
  readonly handler: RequestHandler
  readonly question?: Question
  readonly route?: CacheRouteOptions<ExpressSubject>
  readonly tell?: (app: Express) => void
}

const answers = (handler: RequestHandler, rest: Omit<Case, 'handler'> = {}): Case => ({ handler, ...rest })
const large = 'large '.repeat(50_000)

async function* parts() {
  yield 'one, '
  yield Buffer.from('two, ')
  await new Promise(setImmediate)
  yield 'three'
}

// T5
const stored: Record<string, Case> = {
  'res.send(string)': answers((_req, res) => res.send('<p>zażółć</p>')),
  'res.send(long string)': answers((_req, res) => res.send(large)),
  "res.send('')": answers((_req, res) => res.send('')),
  'res.send()': answers((_req, res) => res.send()),
  'res.send(Buffer)': answers((_req, res) => res.send(Buffer.from([0, 255, 128]))),
  'res.send(Uint8Array)': answers((_req, res) => res.send(Uint8Array.of(0, 255, 128))),
  'res.send(object)': answers((_req, res) => res.send({ a: [1, 'ż', null] })),
  'res.send(array)': answers((_req, res) => res.send([])),
  'res.send(number)': answers((_req, res) => res.send(5 as unknown as string)),
  'res.send(0)': answers((_req, res) => res.send(0 as unknown as string)),
  'res.send(true)': answers((_req, res) => res.send(true)),
  'res.send(false)': answers((_req, res) => res.send(false)),
  'res.send(null)': answers((_req, res) => res.send(null)),
  "res.send('false')": answers((_req, res) => res.send('false')),
  'res.type().send()': answers((_req, res) => res.type('image/svg+xml').send('<svg/>')),
  'res.status(203).send()': answers((_req, res) => res.status(203).send('transformed')),
  'res.status(204).send(body)': answers((_req, res) => res.status(204).send('ignored')),
  'res.json(object)': answers((_req, res) => res.json({ a: 1 })),
  'res.json(null)': answers((_req, res) => res.json(null)),
  'res.json(string)': answers((_req, res) => res.json('text')),
  'res.json with spaces': answers((_req, res) => res.json({ a: 1 }), { tell: (app) => app.set('json spaces', 2) }),
  'res.jsonp without callback': answers((_req, res) => res.jsonp({ a: 1 })),
  'res.jsonp with callback': answers((_req, res) => res.jsonp({ a: '\u2028' }), {
    question: { path: '/answer?callback=give' },
  }),
  'res.sendStatus(200)': answers((_req, res) => res.sendStatus(200)),
  'res.sendStatus(204)': answers((_req, res) => res.sendStatus(204)),
  'res.sendStatus(404) as a negative entry': answers((_req, res) => res.sendStatus(404), {
    route: { negativeTtl: '5s' },
  }),
  'res.redirect(301)': answers((_req, res) => res.redirect(301, '/there?a=ż'), { route: { vary: ['Accept'] } }),
  'res.redirect(308) for a browser': answers((_req, res) => res.redirect(308, '/there'), {
    route: { vary: ['Accept'] },
    question: { headers: { Accept: 'text/html' } },
  }),
  'res.format': answers((_req, res) => void res.format({ text: () => res.send('t'), json: () => res.send({ t: 1 }) }), {
    route: { vary: ['Accept'] },
    question: { headers: { Accept: 'application/json' } },
  }),
  'res.render': answers((_req, res) => res.render('page', { who: 'you' }), { tell: (app) => withViews(app) }),
  'res.render with a callback': answers(
    (_req, res) => res.render('page', { who: 'you' }, (_error, html) => res.send(`<main>${html}</main>`)),
    { tell: (app) => withViews(app) },
  ),
  'res.sendFile with maxAge': answers((_req, res) => res.sendFile(image, { maxAge: '1m' })),
  'res.sendFile without Cache-Control': answers((_req, res) => res.sendFile(page, { cacheControl: false })),
  'res.download with maxAge': answers((_req, res) => res.download(page, 'zażółć "quoted".html', { maxAge: '1m' })),
  'res.attachment, res.links, res.location, res.append': answers((_req, res) =>
    res.attachment('a.csv').links({ next: '/2' }).location('/here').append('Link', '<b>').send('a;b'),
  ),
  'stream.pipe': answers((_req, res) => void Readable.from(parts()).pipe(res.type('text'))),
  'stream.pipeline with a callback': answers((_req, res) => void pipelineWithCallback(parts, res, () => undefined)),
  'stream.pipeline with a promise': answers((_req, res) => pipeline(Readable.from(['a', 'b']), res)),
  'an async iterator': answers(async (_req, res) => {
    for await (const part of parts()) res.write(part)
    res.end()
  }),
  'an empty stream': answers((_req, res) => void Readable.from([]).pipe(res)),
  'a stream of one empty chunk': answers((_req, res) => void Readable.from([Buffer.alloc(0)]).pipe(res)),
  'a web stream': answers((_req, res) => void Readable.fromWeb(new Blob([large]).stream() as never).pipe(res)),
  'a router below': answers((_req, _res, next) => next(), {
    tell: (app) => app.get('/answer', (_req, res) => void res.json({ below: true })),
  }),
  'no ETag by the application': answers((_req, res) => res.json({ a: 1 }), { tell: (app) => app.disable('etag') }),
  'a strong ETag by the application': answers((_req, res) => res.json({ a: 1 }), {
    tell: (app) => app.set('etag', 'strong'),
  }),
}

// T5: what may not be stored is the same each time, too
const neverStored: Record<string, Case & { reason: string }> = {
  'res.sendFile by itself (max-age=0)': { handler: (_req, res) => res.sendFile(image), reason: 'max-age-0' },
  'res.redirect()': { handler: (_req, res) => res.redirect('/login'), reason: 'status-302' },
  'res.cookie': { handler: (_req, res) => res.cookie('a', '1').send('body'), reason: 'set-cookie' },
  'res.sendStatus(404)': { handler: (_req, res) => res.sendStatus(404), reason: 'status-404' },
  'no route at all': { handler: (_req, _res, next) => next(), reason: 'status-404' },
  'a missing file': {
    handler: (_req, res, next) =>
      res.sendFile(join(folder, 'missing'), (error) => (error ? res.status(404).send('no file') : next())),
    reason: 'status-404',
  },
}

function withViews(app: Express): void {
  app.set('views', folder)
  app.set('view engine', 'html')
  app.engine('html', (_path, options, done) => done(null, `<p>hello ${(options as { who: string }).who}</p>`))
}

describe('an answer of Express', () => {
  let twin: Twin
  before(() => {
    writeFileSync(page, '<h1>page</h1>')
    writeFileSync(image, Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251)))
  })
  afterEach(() => twin.stop())
  after(() => rmSync(folder, { recursive: true }))

  const start = ({ handler, tell, route }: Case) =>
    expressTwin(
      {
        mount(app, cacheRoute) {
          app.get('/answer', cacheRoute, handler)
          tell?.(app)
        },
      },
      route === undefined ? {} : { route },
    )

  for (const [form, one] of Object.entries(stored)) {
    it(`is stored once and replayed: ${form}`, async () => {
      twin = await start(one)
      await expectSameThenReplay(twin, one.question)
      expect(twin.cache.stats().tiers.l1?.entries).to.equal(1)
    })
  }

  // T81
  for (const [form, one] of Object.entries(stored)) {
    it(`fills a cold cache for a client whose copy is good: ${form}`, async () => {
      twin = await start(one)
      await expectFilledBehindNotModified(twin, one.question)
    })
  }

  for (const [form, one] of Object.entries(neverStored)) {
    it(`that may not be stored is the handler’s own each time: ${form}`, async () => {
      twin = await start(one)
      await expectSameNeverStored(twin, one.reason, one.question)
    })
  }
})
