// Express's own body parsers: a body is part of the key where it was parsed before us, and keeps a request out of the cache where not.
import { expect } from 'chai'
import express, { type Express } from 'express'
import { type Answer, send } from '../support/http-client.ts'
import { pairs, places } from './pair.ts'

const tell = (app: Express) => void app.post('/search', (req, res) => void res.json({ found: req.body }))
const parsers = () => [express.json(), express.urlencoded(), express.text()]
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
  ['text/plain', 'a=1&b=2'],
] as const

for (const place of places) {
  describe(`Express's body parsers ${place}`, () => {
    const start = pairs()

    it('give each body its own answer, cold and warm', async () => {
      const twin = await start.express(place, parsers, tell, route)
      for (let round = 0; round < 2; round++) {
        for (const [type, body] of bodies) {
          const expected = (await post(twin.bare, type, body)).text
          const { text } = await post(twin.cached, type, body)
          expect(JSON.parse(text)).to.deep.equal(JSON.parse(expected))
        }
      }
      const stored = twin.events.filter((event) => event.type === 'run' && event.stored)
      // The first two say the same.
      expect(stored).to.have.length(place === 'before us' ? 6 : 0)
    })

    it('refuse a malformed body as without us', async () => {
      const twin = await start.express(place, parsers, tell, route)
      for (let round = 0; round < 2; round++) {
        const [bare, cached] = await Promise.all(
          [twin.bare, twin.cached].map((port) => post(port, 'application/json', '{"a":')),
        )
        expect([cached!.status, cached!.text]).to.deep.equal([bare!.status, bare!.text])
      }
    })

    it('leave requests without a body to the cache', async () => {
      const twin = await start.express(place, parsers, (app) => void app.get('/page', (_req, res) => void res.json({})))
      for (let i = 0; i < 2; i++) await send(twin.cached, '/page')
      expect(twin.events.flatMap((event) => (event.type === 'request' ? [event.outcome] : []))).to.deep.equal([
        'miss',
        'hit',
      ])
    })
  })
}
