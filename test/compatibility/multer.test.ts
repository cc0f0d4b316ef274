// multer: an upload is never answered from the cache nor stored, even where POST is cached and its fields look the same.
import { expect } from 'chai'
import express, { type Express } from 'express'
import multer from 'multer'
import { pairs, places } from './pair.ts'

async function upload(port: number, content: string, name = 'same'): Promise<object> {
  const form = new FormData()
  form.set('name', name)
  form.set('file', new Blob([content]), 'file.txt')
  const answer = await fetch(`http://127.0.0.1:${port}/upload`, { method: 'POST', body: form })
  return (await answer.json()) as object
}

const tell = (app: Express) =>
  void app.post('/upload', (req, res) => {
    res.json({ name: req.body?.name, file: req.file?.buffer.toString() })
  })

for (const place of places) {
  for (const route of [{}, { methods: ['POST'], body: true }, { methods: ['GET', 'POST'] }]) {
    describe(`multer ${place}, with ${JSON.stringify(route)}`, () => {
      const start = pairs()

      it('reads each upload itself', async () => {
        const twin = await start.express(place, () => [express.json(), multer().single('file')], tell, route)
        for (const content of ['first', 'second', 'first']) {
          expect(await upload(twin.cached, content)).to.deep.equal({ name: 'same', file: content })
        }
        const together = ['a', 'b', 'c', 'a', 'b', 'c']
        const answers = await Promise.all(together.map((content) => upload(twin.cached, content)))
        expect(answers).to.deep.equal(together.map((content) => ({ name: 'same', file: content })))
        expect(twin.events.filter((event) => event.type === 'run' && event.stored)).to.deep.equal([])
      })
    })
  }
}
