// cookie-parser: a cookie that is set is never stored, and one that was parsed before us can be part of the key.
import { expect } from 'chai'
import cookieParser from 'cookie-parser'
import type { Express, Request } from 'express'
import { ask, values } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { expectUnseen, refusals } from './same.ts'

for (const place of places) {
  describe(`cookie-parser ${place}`, () => {
    const start = pairs()
    const tell = (app: Express) => {
      let counter = 0
      app.get('/page', (_req, res) => void res.json({ page: true }))
      app.get('/setting', (_req, res) => void res.cookie('id', String(++counter), { signed: true }).json({}))
      app.get('/clearing', (_req, res) => void res.clearCookie('id').json({}))
    }

    it('changes nothing in what is cached, where its reading of cookies is said to make no difference', async () => {
      const twin = await start.express(place, () => cookieParser('secret'), tell, { public: true })
      const headers = { Cookie: 'a=1; b=j%3A%7B%22c%22%3A2%7D' }
      const { warm } = await expectUnseen(twin, [{ path: '/page', headers }, { path: '/page' }])
      expect(warm).to.deep.equal(['hit', 'hit'])
    })

    // T31
    it('leaves each client the cookie that was set for it', async () => {
      const twin = await start.express(place, () => cookieParser('secret'), tell)
      const cookies = []
      for (let i = 0; i < 4; i++) cookies.push(...values(await ask(twin.cached, { path: '/setting' }), 'set-cookie'))
      expect(cookies.map((line) => /^id=s%3A(\d)\./.exec(line)?.[1])).to.deep.equal(['1', '2', '3', '4'])
      await expectUnseen(twin, [{ path: '/clearing' }])
      expect(refusals(twin)).to.deep.equal(Array(6).fill('set-cookie'))
    })
  })
}

describe('cookies that cookie-parser read before us', () => {
  const start = pairs()

  it('tell answers apart where the route varies by them', async () => {
    const twin = await start.express(
      'before us',
      () => cookieParser(),
      (app) => void app.get('/page', (req, res) => void res.json({ theme: req.cookies.theme })),
      { varyBy: ((req: Request) => ({ theme: req.cookies.theme })) as never },
    )
    const ofThemes = ['dark', 'light', 'dark'].map((theme, i) => {
      return { path: '/page', headers: { Cookie: `id=${i}; theme=${theme}` } }
    })
    const { cold, warm } = await expectUnseen(twin, [...ofThemes, { path: '/page' }])
    expect(cold).to.deep.equal(['miss', 'miss', 'hit', 'miss'])
    expect(warm).to.deep.equal(['hit', 'hit', 'hit', 'hit'])
  })
})
