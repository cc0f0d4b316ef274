// helmet: its fields stand on every answer once, be it stored or set anew.
import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import helmet from 'helmet'
import { ask, value } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen } from './same.ts'

const tell = (app: Express) => {
  app.get('/page', (_req, res) => void res.send('<p>page</p>'))
  app.get('/framed', (_req, res) => {
    res.removeHeader('X-Frame-Options')
    res.set('Referrer-Policy', 'origin').send('<p>framed</p>')
  })
}

for (const place of places) {
  describe(`helmet ${place}`, () => {
    const start = pairs()

    it('leaves the same fields on a miss and on a hit as without us', async () => {
      const twin = await start.express(place, () => helmet(), tell)
      const { warm, answers } = await expectUnseen(twin, [{ path: '/page' }, { path: '/framed' }])
      expect(warm).to.deep.equal(['hit', 'hit'])
      for (const answer of answers) expect(value(answer, 'content-security-policy')).to.include("default-src 'self'")
    })

    it('hides X-Powered-By on a miss and on a hit', async () => {
      const twin = await start.express(place, () => helmet(), tell)
      for (let i = 0; i < 2; i++) {
        expect(value(await ask(twin.cached, { path: '/page' }), 'x-powered-by')).to.equal(undefined)
      }
    })
  })
}

describe('helmet with a nonce behind us', () => {
  const start = pairs()

  it('leaves on a hit the policy that the stored page was made for', async () => {
    const makeNonce: RequestHandler = (_req, res, next) => {
      res.locals.nonce = randomBytes(8).toString('hex')
      next()
    }
    const directives = { scriptSrc: [(_req: unknown, res: object) => `'nonce-${nonceOf(res)}'`] }
    const twin = await start.express(
      'behind us',
      () => [makeNonce, helmet({ contentSecurityPolicy: { directives } })],
      (app) => void app.get('/page', (_req, res) => void res.send(`<script nonce="${nonceOf(res)}"></script>`)),
    )
    const miss = await ask(twin.cached, { path: '/page' })
    const hit = await ask(twin.cached, { path: '/page' })
    const nonce = /nonce="(\w+)"/.exec(hit.body.toString())?.[1]
    expect(value(hit, 'content-security-policy')).to.include(`'nonce-${nonce}'`)
    expect(hit.body.equals(miss.body)).to.equal(true)
  })
})

function nonceOf(res: object): string {
  return (res as { locals: { nonce: string } }).locals.nonce
}
