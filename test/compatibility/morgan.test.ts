// morgan: before us it logs every answer as it went out, behind us those that were made.
import { expect } from 'chai'
import type { Express } from 'express'
import morgan from 'morgan'
import { eventually } from '../support/gate.ts'
import { ask } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

const tell = (app: Express) => {
  app.get('/page', (_req, res) => void res.send('<p>page</p>'))
  app.get('/written', (_req, res) => {
    res.write('written ')
    res.end('in pieces')
  })
}

for (const place of places) {
  describe(`morgan ${place}`, () => {
    const start = pairs()

    it('changes nothing in what is cached', async () => {
      const silent = { write: () => undefined }
      const twin = await start.express(place, () => morgan('combined', { stream: silent }), tell)
      const questions = ['/page', '/written', '/missing'].map((path) => ({ path }))
      const { warm } = await expectUnseen(twin, [...questions, { path: '/page', method: 'HEAD' }])
      expect(warm).to.deep.equal(['hit', 'hit', 'miss', 'hit'])
    })

    it('logs status, length and outcome of what passes it', async () => {
      const lines: string[] = []
      const format = ':method :status :res[content-length] :res[cache-status]'
      const logger = () => morgan(format, { stream: { write: (line) => void lines.push(line.trim()) } })
      const twin = await start.express(place, logger, tell)
      await ask(twin.cached, { path: '/page' })
      await ask(twin.cached, { path: '/page' })
      await ask(twin.cached, { path: '/page', headers: { 'If-None-Match': '*' } })
      const hit = 'tiercache-l1; hit; ttl='
      const all = ['GET 200 11 tiercache-l1; fwd=miss; stored', `GET 200 11 ${hit}`, `GET 304 - ${hit}`]
      const expected = place === 'before us' ? all : all.slice(0, 1)
      await eventually(() => expect(lines.map((line) => line.replace(/ttl=\d+$/, 'ttl='))).to.deep.equal(expected))
    })
  })
}
