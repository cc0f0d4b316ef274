// compression: whichever side it stands on, nothing is coded twice, and nobody gets a coding that he cannot read.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import compression from 'compression'
import type { Express } from 'express'
import { type Question, values } from '../support/wire.ts'
import { pairs, places } from './pair.ts'
import { decoded, expectUnseen } from './same.ts'

const items = Array.from({ length: 300 }, (_, i) => ({ id: i, name: `Gerät ${i}` }))

const tell = (app: Express) => {
  app.get('/json', (_req, res) => void res.json(items))
  app.get('/small', (_req, res) => void res.json({ small: true }))
  app.get('/image', (_req, res) => void res.type('png').send(Buffer.alloc(5_000, 1)))
  app.get('/untouched', (_req, res) => void res.set('Cache-Control', 'public, no-transform').json(items))
  app.get('/streamed', (_req, res) => {
    res.type('json')
    Readable.from(
      Buffer.from(JSON.stringify(items))
        .toString()
        .match(/.{1,999}/gs) ?? [],
    ).pipe(res)
  })
  app.get('/written', (_req, res) => {
    res.type('text')
    for (let i = 0; i < 500; i++) res.write(`line ${i}\n`)
    res.end('end')
  })
  app.get('/ended', (_req, res) => void res.type('text').end('x'.repeat(20_000)))
}

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
const paths = ['/json', '/small', '/image', '/untouched', '/streamed', '/written', '/ended']

// T83, T84
for (const place of places) {
  describe(`compression ${place}`, () => {
    const start = pairs()
    const pair = () => start.express(place, () => compression(), tell)

    for (const path of paths) {
      it(`leaves every client what it asked for at ${path}, cold and warm`, async () => {
        const questions = codings.map((coding): Question => {
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
      // Without us HEAD is not told of the coding that GET would have, and a 304 not of Vary.
      await expectUnseen(twin, [{ path: '/json', method: 'HEAD', headers }], { fields: ['content-encoding'] })
      const conditional = { path: '/json', headers: { ...headers, 'If-None-Match': '*' } }
      const { answers } = await expectUnseen(twin, [conditional], { fields: ['vary'] })
      for (const answer of answers) expect(answer).to.deep.include({ status: 304, body: Buffer.alloc(0) })
      expect(twin.events.filter(({ type }) => type === 'run')).to.have.length(1)
    })

    it('is asked once a variant where it stands behind us, and for each hit where it stands before', async () => {
      let runs = 0
      const counting = (app: Express) =>
        void app.get('/json', (_req, res) => {
          runs++
          res.json(items)
        })
      const twin = await start.express(place, () => compression(), counting)
      const questions = ['gzip', 'br', 'gzip', 'br'].map((coding) => ({
        path: '/json',
        headers: { 'Accept-Encoding': coding },
      }))
      const { answers } = await expectUnseen(twin, questions)
      expect(runs - questions.length).to.equal(place === 'before us' ? 1 : 2)
      for (const answer of answers) {
        expect(values(answer, 'content-encoding')).to.have.length(1)
        expect(JSON.parse(Buffer.from(decoded(answer), 'latin1').toString())).to.deep.equal(items)
      }
    })
  })
}
