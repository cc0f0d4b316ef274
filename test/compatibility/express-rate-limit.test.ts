// express-rate-limit: what one client may still ask for is told to that client alone.
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import { ask, value, type WireAnswer } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

const tell = (app: Express) => void app.get('/page', (_req, res) => void res.json({ page: true }))

/** Clients are told apart by a header here: all of them come from one address. */
const limit = (standardHeaders: 'draft-6' | 'draft-7' | 'draft-8', most = 100): RequestHandler =>
  rateLimit({
    windowMs: 60_000,
    limit: most,
    standardHeaders,
    legacyHeaders: true,
    keyGenerator: (req) => String(req.headers['x-client']),
    validate: false,
  })

const isQuota = (name: string) => /^(x-)?ratelimit/i.test(name)
const quota = ({ fields }: WireAnswer) =>
  fields.filter(([name]) => isQuota(name)).map(([name, text]) => `${name}: ${text}`)
const names = ['ratelimit', 'ratelimit-policy', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset']
const fields = [...names, 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']

for (const place of places) {
  for (const draft of ['draft-6', 'draft-7', 'draft-8'] as const) {
    describe(`express-rate-limit of ${draft} ${place}`, () => {
      const start = pairs()

      it('changes nothing else', async () => {
        const twin = await start.express(place, () => limit(draft), tell)
        const { warm } = await expectUnseen(twin, [{ path: '/page' }, { path: '/page' }], { fields })
        expect(warm).to.deep.equal(['hit', 'hit'])
      })

      it('tells no client the quota of another', async () => {
        const twin = await start.express(place, () => limit(draft), tell)
        const of = (client: string) => ask(twin.cached, { path: '/page', headers: { 'X-Client': client } })
        const first = await of('a')
        expect(value(first, 'x-ratelimit-remaining')).to.equal('99')
        expect(quota(first)).to.have.length.above(3)
        for (const [client, remaining] of [
          ['a', '98'],
          ['b', '99'],
          ['a', '97'],
        ] as const) {
          const hit = await of(client)
          // Behind us a hit costs nothing, and says nothing.
          if (place === 'before us') expect(value(hit, 'x-ratelimit-remaining')).to.equal(remaining)
          else expect(quota(hit)).to.deep.equal([])
        }
        expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
      })
    })
  }

  describe(`a refusal of express-rate-limit ${place}`, () => {
    const start = pairs()

    it('is given to who asked too much, and to nobody else', async () => {
      const twin = await start.express(place, () => limit('draft-7', 1), tell)
      const statuses = []
      for (const [client, path] of [
        ['a', '/page'],
        ['a', '/page?2'],
        ['a', '/page?2'],
        ['b', '/page?2'],
      ] as const) {
        statuses.push((await ask(twin.cached, { path, headers: { 'X-Client': client } })).status)
      }
      expect(statuses).to.deep.equal([200, 429, 429, 200])
    })
  })
}
