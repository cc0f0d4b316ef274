// koa-static behind us: files, their dates and their codings reach the client as without us.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type Koa from 'koa'
import conditional from 'koa-conditional-get'
import serve from 'koa-static'
import { ask, value } from '../support/wire.ts'
import { folder, text } from './files.ts'
import { pairs } from './pair.ts'
import { decoded, expectUnseen, refusals } from './same.ts'

describe('koa-static behind us', () => {
  const start = pairs()
  const root = folder()
  const pair = (options?: serve.Options) =>
    start.koa(
      'behind us',
      () => serve(root(), options),
      (app: Koa) => {
        app.use((ctx) => {
          ctx.status = 404
          ctx.body = 'nothing there'
        })
      },
    )
  const long = { maxage: 86_400_000 }

  it('answers as without us with files that may be stored', async () => {
    const twin = await pair(long)
    const questions = ['/a.txt', '/a.json', '/empty.txt', '/sub/', '/missing'].map((path) => ({ path }))
    const { warm } = await expectUnseen(twin, questions)
    expect(warm).to.deep.equal(['hit', 'hit', 'hit', 'hit', 'miss'])
  })

  it('does so where it is asked last, too', async () => {
    const twin = await start.koa(
      'behind us',
      () => serve(root(), { ...long, defer: true }),
      () => undefined,
    )
    const { warm } = await expectUnseen(twin, [{ path: '/a.txt' }])
    expect(warm).to.deep.equal(['hit'])
  })

  it('is asked each time where its own max-age is 0', async () => {
    const twin = await pair()
    const { warm } = await expectUnseen(twin, [{ path: '/a.txt' }, { path: '/a.txt', method: 'HEAD' }])
    expect(warm).to.deep.equal(['miss', 'miss'])
    expect(refusals(twin)).to.deep.equal(['max-age-0', 'max-age-0'])
  })

  it('sends large files through, and none of them is kept', async () => {
    const twin = await pair(long)
    await expectUnseen(twin, [{ path: '/large.bin' }])
    expect(refusals(twin)).to.deep.equal(['too-large', 'too-large'])
  })

  it('gives files that lie there coded to nobody who cannot read them', async () => {
    await writeFile(join(root(), 'coded.txt'), text)
    await writeFile(join(root(), 'coded.txt.gz'), gzipSync(text))
    const codings = ['gzip', 'identity', 'gzip', 'br', 'identity']
    const questions = codings.map((coding) => ({ path: '/coded.txt', headers: { 'Accept-Encoding': coding } }))
    const { cached } = await pair(long)
    for (const question of [...questions, ...questions]) {
      const answer = await ask(cached, question)
      const coding = value(answer, 'content-encoding') ?? 'identity'
      expect(coding).to.be.oneOf(['identity', question.headers['Accept-Encoding']])
      expect(decoded(answer)).to.equal(text)
    }
  })

  it('gives 304 for its dates with koa-conditional-get, cold and warm', async () => {
    const twin = await start.koa(
      'before us',
      () => [conditional() as Koa.Middleware],
      (app) => void app.use(serve(root(), long)),
    )
    const modified = value(await ask(twin.bare, { path: '/a.txt' }), 'last-modified')!
    const headers = { 'If-Modified-Since': modified }
    const { answers } = await expectUnseen(twin, [{ path: '/a.txt', headers }])
    expect(answers.map(({ status }) => status)).to.deep.equal([304, 304])
  })
})
