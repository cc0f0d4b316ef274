// cors: every origin reads its own name, on a hit as without us, and a preflight is never cached.

import { expect } from 'chai'
import cors, { type CorsOptions } from 'cors'
import type { Express } from 'express'
import { ask, type Question, value } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

const tell = (app: Express) => {
  app.get('/page', (_req, res) => void res.json({ page: true }))
  app.get('/varied', (_req, res) => void res.vary('Accept').json({ varied: true }))
  app.get('/exposing', (_req, res) => void res.set('Access-Control-Expose-Headers', 'X-A').json({}))
}

const origins = ['https://a.test', 'https://b.test', 'null', undefined]
const questionsOf = (path: string): Question[] =>
  origins.map((origin) => ({ path, headers: origin === undefined ? {} : { Origin: origin } }))

const kinds: Record<string, CorsOptions> = {
  'that lets everyone in': {},
  'that names who asks': { origin: true, credentials: true },
  'for some': { origin: ['https://a.test'], credentials: true, exposedHeaders: ['X-B'] },
  'for one': { origin: 'https://a.test' },
}

for (const place of places) {
  for (const [kind, options] of Object.entries(kinds)) {
    describe(`cors ${kind} ${place}`, () => {
      const start = pairs()

      for (const path of ['/page', '/varied', '/exposing']) {
        it(`says of each origin at ${path} what it says without us, cold and warm`, async () => {
          const twin = await start.express(place, () => cors(options), tell)
          const { warm } = await expectUnseen(twin, questionsOf(path))
          expect(warm).to.deep.equal(origins.map(() => 'hit'))
        })
      }

      it('answers each preflight itself', async () => {
        const twin = await start.express(place, () => cors(options), tell)
        const preflight = (origin: string, method: string): Question => ({
          path: '/page',
          method: 'OPTIONS',
          headers: { Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': 'x-a' },
        })
        await expectUnseen(twin, [preflight('https://a.test', 'PUT'), preflight('https://b.test', 'GET')])
        expect(twin.events.filter(({ type }) => type === 'run')).to.deep.equal([])
      })
    })
  }
}

describe('origins that come at once', () => {
  const start = pairs()

  for (const place of places) {
    it(`read their own names with cors ${place}`, async () => {
      const twin = await start.express(place, () => cors({ origin: true, credentials: true }), tell)
      const asked = Array.from({ length: 60 }, (_, i) => `https://${i % 5}.test`)
      for (let round = 0; round < 2; round++) {
        const answers = await Promise.all(
          asked.map((origin) => ask(twin.cached, { path: '/page', headers: { Origin: origin } })),
        )
        expect(answers.map((answer) => value(answer, 'access-control-allow-origin'))).to.deep.equal(asked)
      }
    })
  }
})
