// A write whose client left before it was done: what it wrote is seen all the same, however its handler tries to answer.
import { pipeline, Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type Response } from 'express'
import { createCache } from '../../../src/express.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { get, getAndLeave } from '../../support/http-client.ts'
import { listening } from '../starting.ts'

const answers: Readonly<Record<string, (res: Response) => unknown>> = {
  'end()': (res) => res.end(),
  'end(text)': (res) => res.end('written'),
  'write, end': (res) => (res.write('written'), res.end()),
  json: (res) => res.json({ written: true }),
  redirect: (res) => res.redirect(303, '/value'),
  'pipe()': (res) => Readable.from(['written']).pipe(res),
  'pipeline()': (res) => pipeline(Readable.from(['written']), res, () => {}),
  sendFile: (res) => res.sendFile(import.meta.filename),
  download: (res) => res.download(import.meta.filename, () => {}),
}

describe('a write whose client has left', () => {
  const listen = listening()

  for (const [title, answer] of Object.entries(answers)) {
    // T61
    it(`bumps after it is done where it would answer by ${title}`, async () => {
      const { cacheRoute, invalidate } = createCache()
      const begun = deferred()
      const closed = deferred()
      const commit = deferred()
      let value = 1
      const app = express().set('env', 'test')
      app.get('/value', cacheRoute('1m'), (_req, res) => void res.send(`value ${value}`))
      app.get('/write', invalidate('/value'), async (_req, res) => {
        res.on('close', closed.resolve)
        begun.resolve()
        await commit.promise
        value = 2
        answer(res)
      })
      const port = await listen(app)
      const leave = getAndLeave(port, '/write')
      await begun.promise
      leave()
      await closed.promise
      // After the client left and before the write is done the former value is stored (again).
      for (let asked = 0; asked < 2; asked++) expect((await get(port, '/value')).text).to.equal('value 1')
      commit.resolve()
      await eventually(async () => expect((await get(port, '/value')).text).to.equal('value 2'), { within: 5_000 })
    })
  }
})
