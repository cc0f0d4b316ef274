// A write whose client left before it was done: what it wrote is seen all the same, however its handler tries to answer.
import { pipeline, Readable } from 'node:stream'
import { expect } from 'chai'
import express, { type Response } from 'express'
import { type SinonFakeTimers, useFakeTimers } from 'sinon'
import { createCache } from '../../../src/express.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { get, getAndLeave } from '../../support/http-client.ts'
import { listening } from '../starting.ts'

const answers: Readonly<Record<string, (res: Response) => unknown>> = {
  'end()': (res) => res.end(),
  'end(text)': (res) => res.end('written'),
  'write, end': (res) => {
    res.write('written')
    res.end()
  },
  json: (res) => res.json({ written: true }),
  redirect: (res) => res.redirect(303, '/value'),
  'pipe()': (res) => Readable.from(['written']).pipe(res),
  'pipeline()': (res) => pipeline(Readable.from(['written']), res, () => {}),
  sendFile: (res) => res.sendFile(import.meta.filename),
  download: (res) => res.download(import.meta.filename, () => {}),
}

describe('a write whose client has left', () => {
  const listen = listening()
  let time: SinonFakeTimers
  beforeEach(() => {
    time = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => time.restore())

  /** A write that commits after its client left; resolves when it has tried to answer. */
  async function written(answer: (res: Response) => unknown): Promise<() => Promise<string>> {
    const { cacheRoute, invalidate } = createCache()
    const begun = deferred()
    const closed = deferred()
    const commit = deferred()
    const over = deferred()
    let value = 1
    const app = express().set('env', 'test')
    app.get('/value', cacheRoute('1m'), (_req, res) => void res.send(`value ${value}`))
    app.get('/write', invalidate('/value'), async (_req, res) => {
      res.on('close', closed.resolve)
      begun.resolve()
      await commit.promise
      value = 2
      answer(res)
      over.resolve()
    })
    const port = await listen(app)
    const read = async () => (await get(port, '/value')).text
    const leave = getAndLeave(port, '/write')
    await begun.promise
    leave()
    await closed.promise
    // After the client left and before the write is done the former value is stored (again).
    for (let asked = 0; asked < 2; asked++) expect(await read()).to.equal('value 1')
    commit.resolve()
    await over.promise
    return read
  }

  for (const [title, answer] of Object.entries(answers)) {
    // T61
    it(`bumps once it is done where it would answer by ${title}`, async () => {
      const read = await written(answer)
      await eventually(async () => expect(await read()).to.equal('value 2'))
    })
  }

  // T61
  it('bumps after a while where it says nothing any more', async () => {
    const read = await written(() => undefined)
    expect(await read()).to.equal('value 1')
    time.tick(1_000)
    expect(await read()).to.equal('value 2')
  })
})
