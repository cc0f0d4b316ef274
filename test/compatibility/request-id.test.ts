// Request ids: each answer names the request that it answers, or none.
import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { ask, value, values } from '../support/wire.ts'
import { pairs, places } from './pair.ts'

const identify: RequestHandler = (req, res, next) => {
  res.set('X-Request-Id', String(req.headers['x-request-id'] ?? randomUUID()))
  next()
}

for (const place of places) {
  describe(`a request id set ${place}`, () => {
    const start = pairs()

    it('is never that of another request', async () => {
      const twin = await start.express(
        place,
        () => identify,
        (app) => void app.get('/page', (_req, res) => void res.json({})),
      )
      const ids = []
      for (const id of ['1', '2', '3']) {
        const answer = await ask(twin.cached, { path: '/page', headers: { 'X-Request-Id': id } })
        ids.push(...values(answer, 'x-request-id'))
        expect(value(answer, 'etag')).to.be.a('string')
      }
      // Behind us a hit was given none.
      expect(ids).to.deep.equal(place === 'before us' ? ['1', '2', '3'] : ['1'])
      expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
    })
  })
}

describe('a field of one client, set before us', () => {
  const start = pairs()

  it('is never that of another client, whatever its name', async () => {
    const name: RequestHandler = (req, res, next) => {
      res.set('X-Greeting', `Hello ${req.headers['x-name']}`)
      next()
    }
    const twin = await start.express(
      'before us',
      () => name,
      (app) => void app.get('/page', (_req, res) => void res.json({})),
    )
    for (const one of ['a', 'b', 'a']) {
      const answer = await ask(twin.cached, { path: '/page', headers: { 'X-Name': one } })
      expect(values(answer, 'x-greeting')).to.deep.equal([`Hello ${one}`])
    }
    expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
  })
})
