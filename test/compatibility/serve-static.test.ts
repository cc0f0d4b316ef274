// serve-static behind us: its own ETag, dates, ranges and redirects reach the client as without us.
import { expect } from 'chai'
import type { Express } from 'express'
import serveStatic from 'serve-static'
import { ask, value } from '../support/wire.ts'
import { folder, text } from './files.ts'
import { pairs } from './pair.ts'
import { expectUnseen, refusals } from './same.ts'

describe('serve-static behind us', () => {
  const start = pairs()
  const root = folder()
  const pair = (options?: serveStatic.ServeStaticOptions) =>
    start.express(
      'behind us',
      () => serveStatic(root(), options),
      (app: Express) => {
        app.use((_req, res) => void res.status(404).send('nothing there'))
      },
    )

  const paths = ['/a.txt', '/a.json', '/empty.txt', '/sub/', '/sub', '/missing', '/..%2f..%2fetc']

  it('answers as without us with files that may be stored', async () => {
    const twin = await pair({ maxAge: '1d' })
    const { warm } = await expectUnseen(
      twin,
      paths.map((path) => ({ path })),
    )
    expect(warm).to.deep.equal(['hit', 'hit', 'hit', 'hit', 'hit', 'miss', 'miss'])
  })

  it('is asked each time where its own max-age is 0', async () => {
    const twin = await pair()
    const { warm } = await expectUnseen(twin, [{ path: '/a.txt' }, { path: '/a.json' }])
    expect(warm).to.deep.equal(['miss', 'miss'])
    expect(refusals(twin)).to.deep.equal(Array(4).fill('max-age-0'))
  })

  it('answers HEAD, conditional and partial requests as without us, cold and warm', async () => {
    const twin = await pair({ maxAge: '1d' })
    const known = await ask(twin.bare, { path: '/a.txt' })
    const etag = value(known, 'etag')!
    const modified = value(known, 'last-modified')!
    const path = '/a.txt'
    const questions = [
      { path, method: 'HEAD' },
      { path, headers: { Range: 'bytes=0-9' } },
      { path, headers: { Range: 'bytes=-5' } },
      // By a weak tag nobody may ask for a part (RFC 9110 §13.1.5): we are stricter than serve-static.
      { path, headers: { Range: 'bytes=0-9', 'If-Range': '"other"' } },
      { path, headers: { 'If-None-Match': etag } },
      { path, headers: { 'If-None-Match': '"other"' } },
      { path, headers: { 'If-Modified-Since': modified } },
      { path, headers: { 'If-Modified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' } },
      { path, headers: { 'If-Match': '"other"' } },
      { path, headers: { 'If-Unmodified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' } },
      { path },
    ]
    const { answers } = await expectUnseen(twin, questions)
    expect(answers[1]!).to.deep.include({ status: 206, body: Buffer.from(text.slice(0, 10)) })
    expect(answers.slice(-1)[0]!.body.toString()).to.equal(text)
  })

  it('never has a part stored as the whole', async () => {
    const twin = await pair({ maxAge: '1d' })
    await ask(twin.cached, { path: '/a.txt', headers: { Range: 'bytes=0-0' } })
    expect((await ask(twin.cached, { path: '/a.txt' })).body.toString()).to.equal(text)
    await ask(twin.cached, { path: '/a.txt', headers: { Range: 'bytes=0-0' } })
    expect((await ask(twin.cached, { path: '/a.txt' })).body.toString()).to.equal(text)
  })

  it('sends large files through, and none of them is kept', async () => {
    const twin = await pair({ maxAge: '1d' })
    const { warm } = await expectUnseen(twin, [{ path: '/large.bin' }])
    expect(warm).to.deep.equal(['miss'])
    expect(refusals(twin)).to.deep.equal(['too-large', 'too-large'])
  })
})
