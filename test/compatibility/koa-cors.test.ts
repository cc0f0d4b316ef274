// @koa/cors: every origin reads its own name, on a hit as without us, and a preflight is never cached.
import cors from '@koa/cors'
import { expect } from 'chai'
import type Koa from 'koa'
import { ask, type Question, value } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

const tell = (app: Koa) =>
  void app.use((ctx) => {
    if (ctx.path === '/varied') ctx.vary('Accept')
    if (ctx.path === '/broken') ctx.throw(503, 'broken')
    ctx.body = { path: ctx.path }
  })

const origins = ['https://a.test', 'https://b.test', 'null', undefined]
const kinds: Record<string, cors.Options> = {
  'that lets everyone in': {},
  'that names who asks': { credentials: true },
  'for some': { origin: (ctx) => (ctx.get('Origin') === 'https://a.test' ? 'https://a.test' : '') },
  'that exposes fields': { exposeHeaders: ['X-A'], secureContext: true },
}

for (const place of places) {
  for (const [kind, options] of Object.entries(kinds)) {
    describe(`@koa/cors ${kind} ${place}`, () => {
      const start = pairs()

      for (const path of ['/page', '/varied', '/broken']) {
        it(`says of each origin at ${path} what it says without us, cold and warm`, async () => {
          const twin = await start.koa(place, () => cors(options), tell)
          const questions = origins.map((origin): Question => {
            return { path, headers: origin === undefined ? {} : { Origin: origin } }
          })
          const { warm } = await expectUnseen(twin, questions)
          expect(warm).to.deep.equal(origins.map(() => (path === '/broken' ? 'miss' : 'hit')))
        })
      }

      it('answers each preflight itself', async () => {
        const twin = await start.koa(place, () => cors(options), tell)
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

describe('origins that come at once to Koa', () => {
  const start = pairs()

  for (const place of places) {
    it(`read their own names with @koa/cors ${place}`, async () => {
      const twin = await start.koa(place, () => cors({ credentials: true }), tell)
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
