// @koa/bodyparser: a body is part of the key where it was parsed before us, and keeps a request out of the cache where not.
import { bodyParser } from '@koa/bodyparser'
import { expect } from 'chai'
import type Koa from 'koa'
import { type Answer, send } from '../support/http-client.ts'
import { pairs, places } from './pair.ts'

const tell = (app: Koa) =>
  void app.use((ctx) => {
    ctx.body = { found: (ctx.request as { body?: unknown }).body ?? null }
  })

const route = { methods: ['POST'], body: true }

function post(port: number, type: string, body: string): Promise<Answer> {
  return send(port, '/search', {
    method: 'POST',
    headers: { host: 'shop.test', 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) },
    body,
  })
}

const bodies = [
  ['application/json', '{"a":1,"b":2}'],
  ['application/json', '{"b":2,"a":1}'],
  ['application/json', '{"a":"1","b":2}'],
  ['application/json', '[]'],
  ['application/x-www-form-urlencoded', 'a=1&b=2'],
  ['application/x-www-form-urlencoded', 'a=2&b=1'],
] as const

for (const place of places) {
  describe(`@koa/bodyparser ${place}`, () => {
    const start = pairs()

    it('gives each body its own answer, cold and warm', async () => {
      const twin = await start.koa(place, () => bodyParser(), tell, route)
      for (let round = 0; round < 2; round++) {
        for (const [type, body] of bodies) {
          const expected = (await post(twin.bare, type, body)).text
          expect(JSON.parse((await post(twin.cached, type, body)).text)).to.deep.equal(JSON.parse(expected))
        }
      }
      const stored = twin.events.filter((event) => event.type === 'run' && event.stored)
      // The first two say the same.
      expect(stored).to.have.length(place === 'before us' ? 5 : 0)
    })

    it('refuses a malformed body as without us', async () => {
      const twin = await start.koa(place, () => bodyParser(), tell, route)
      for (let round = 0; round < 2; round++) {
        const [bare, cached] = await Promise.all(
          [twin.bare, twin.cached].map((port) => post(port, 'application/json', '{"a":')),
        )
        expect([cached!.status, cached!.text]).to.deep.equal([bare!.status, bare!.text])
        expect(bare!.status).to.equal(400)
      }
    })
  })
}
