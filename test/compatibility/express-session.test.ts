// express-session: each client has a session of its own, and no cookie of one ever reaches another.
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import session from 'express-session'
import { ask, value, values, type WireAnswer } from '../support/wire.ts'
import { pairs } from './pair.ts'
import { expectUnseen, refusals } from './same.ts'

const sessions = (options: Partial<session.SessionOptions> = {}): RequestHandler =>
  session({ secret: 'secret', resave: false, saveUninitialized: true, ...options })

const countVisits: RequestHandler = (req, _res, next) => {
  const visited = req.session as session.Session & { visits?: number }
  visited.visits = (visited.visits ?? 0) + 1
  next()
}

const tell = (app: Express) => {
  app.get('/page', (_req, res) => void res.json({ page: 'x'.repeat(500) }))
  app.get('/written', (_req, res) => {
    res.write('written ')
    res.end('in pieces')
  })
  app.get('/empty', (_req, res) => void res.status(204).end())
}

const cookieOf = (answer: WireAnswer) => values(answer, 'set-cookie').map((line) => line.split(';')[0]!)

// T31
describe('express-session before us', () => {
  const start = pairs()

  for (const path of ['/page', '/written', '/empty']) {
    it(`gives each client a cookie of its own with the one stored answer of ${path}`, async () => {
      const twin = await start.express('before us', () => sessions(), tell)
      const { warm, answers } = await expectUnseen(twin, [{ path }, { path }, { path }], { fields: ['set-cookie'] })
      expect(warm).to.deep.equal(['hit', 'hit', 'hit'])
      const cookies = answers.flatMap(cookieOf)
      expect(cookies).to.have.length(6)
      expect(new Set(cookies).size).to.equal(6)
    })
  }

  it('keeps its count and saves it on hits too, for each client', async () => {
    const seen: (number | undefined)[] = []
    const report: RequestHandler = (req, res, next) => {
      res.once('finish', () => seen.push((req.session as { visits?: number }).visits))
      next()
    }
    const twin = await start.express('before us', () => [sessions({ rolling: true }), countVisits, report], tell)
    const clients = [
      cookieOf(await ask(twin.cached, { path: '/page' })),
      cookieOf(await ask(twin.cached, { path: '/page' })),
    ]
    for (const [Cookie] of [...clients, ...clients]) {
      const answer = await ask(twin.cached, { path: '/page', headers: { Cookie } })
      expect(cookieOf(answer)).to.deep.equal([Cookie])
      expect(answer.body.length).to.equal(511)
    }
    expect(seen).to.deep.equal([1, 1, 2, 2, 3, 3])
    expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
  })
})

describe('express-session behind us', () => {
  const start = pairs()

  it('keeps every answer that brings a cookie out of the cache', async () => {
    const twin = await start.express('behind us', () => sessions(), tell)
    const questions = ['/page', '/written', '/empty', '/page'].map((path) => ({ path }))
    const { warm, answers } = await expectUnseen(twin, questions, { fields: ['set-cookie'] })
    expect(warm).to.deep.equal(['miss', 'miss', 'miss', 'miss'])
    expect(new Set(answers.flatMap(cookieOf)).size).to.equal(8)
    expect(refusals(twin)).to.deep.equal(Array(8).fill('set-cookie'))
    for (const answer of answers)
      expect(value(answer, 'cache-status')).to.equal('tiercache-l1; fwd=miss; detail=set-cookie')
  })

  it('gives no cookie of one client to another that waits for the same answer', async () => {
    const twin = await start.express('behind us', () => sessions(), tell)
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(twin.cached, { path: '/page' })))
    expect(new Set(answers.flatMap(cookieOf)).size).to.equal(30)
  })
})
