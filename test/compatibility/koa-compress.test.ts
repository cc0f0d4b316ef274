// koa-compress: whichever side it stands on, nothing is coded twice, and nobody gets a coding that he cannot read.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type Koa from 'koa'
import compress from 'koa-compress'
import { ask, values } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { decoded, expectUnseen } from './same.ts'

const items = Array.from({ length: 300 }, (_, i) => ({ id: i, name: `Gerät ${i}` }))

const bodies: Record<string, (ctx: Koa.Context) => void> = {
  '/json': (ctx) => {
    ctx.body = items
  },
  '/small': (ctx) => {
    ctx.body = { small: true }
  },
  '/text': (ctx) => {
    ctx.body = 'text '.repeat(5_000)
  },
  '/bytes': (ctx) => {
    ctx.type = 'html'
    ctx.body = Buffer.alloc(200_000, 'b')
  },
  '/image': (ctx) => {
    ctx.type = 'png'
    ctx.body = Buffer.alloc(5_000, 1)
  },
  '/untouched': (ctx) => {
    ctx.set('Cache-Control', 'public, no-transform')
    ctx.body = items
  },
  '/streamed': (ctx) => {
    ctx.type = 'json'
    ctx.body = Readable.from(JSON.stringify(items).match(/.{1,999}/gs) ?? [])
  },
}

const tell = (app: Koa) =>
  void app.use((ctx) => {
    bodies[ctx.path]!(ctx)
  })

const codings = [
  'gzip',
  'br',
  'deflate',
  'gzip, deflate, br',
  'identity',
  'gzip;q=0, *',
  'gzip;q=0',
  '*',
  '',
  undefined,
]

// T24, T83, T84
for (const place of places) {
  describe(`koa-compress ${place}`, () => {
    const start = pairs()
    const pair = () => start.koa(place, () => compress(), tell)

    for (const path of Object.keys(bodies)) {
      it(`leaves every client what it asked for at ${path}, cold and warm`, async () => {
        const questions = codings.map((coding) => {
          return { path, headers: coding === undefined ? {} : { 'Accept-Encoding': coding } }
        })
        const { warm } = await expectUnseen(await pair(), questions)
        expect(warm).to.deep.equal(questions.map(() => 'hit'))
      })
    }

    it('answers HEAD as GET, and who holds the answer with 304', async () => {
      const twin = await pair()
      const headers = { 'Accept-Encoding': 'gzip' }
      await expectUnseen(twin, [{ path: '/json', headers }])
      // Without us HEAD is not told of the coding that GET would have.
      const allowed = { fields: ['content-encoding'] }
      const { warm } = await expectUnseen(twin, [{ path: '/json', method: 'HEAD', headers }], allowed)
      expect(warm).to.deep.equal(['hit'])
      for (let i = 0; i < 2; i++) {
        const answer = await ask(twin.cached, { path: '/json', headers: { ...headers, 'If-None-Match': '*' } })
        expect(answer).to.deep.include({ status: 304, body: Buffer.alloc(0) })
        expect(values(answer, 'content-encoding')).to.deep.equal([])
      }
    })

    it('decodes to the same text for everyone who comes at once', async () => {
      const twin = await pair()
      const asked = Array.from({ length: 60 }, (_, i) => ['gzip', 'br', 'identity'][i % 3]!)
      for (let round = 0; round < 2; round++) {
        const answers = await Promise.all(
          asked.map((coding) => ask(twin.cached, { path: '/json', headers: { 'Accept-Encoding': coding } })),
        )
        for (const [i, answer] of answers.entries()) {
          expect(values(answer, 'content-encoding')).to.deep.equal(asked[i] === 'identity' ? [] : [asked[i]])
          expect(JSON.parse(Buffer.from(decoded(answer), 'latin1').toString())).to.deep.equal(items)
        }
      }
    })
  })
}
