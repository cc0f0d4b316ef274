// `fallback`: the user's answer where the handler fails and nothing stale may stand in.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { ask } from '../../support/apps.ts'
import { deferred } from '../../support/gate.ts'
import { overFrameworks, type ReadOptions, type Running } from '../middleware.ts'
import { eventsOf } from '../starting.ts'
import { Source } from './source.ts'

overFrameworks('fallback', (harness) => {
  let source: Source
  let app: Running

  async function start(fallback: ReadOptions['fallback']): Promise<void> {
    source = new Source()
    app = await harness.start(source.tell({ fallback: fallback! }))
  }
  afterEach(() => app.stop())

  const failures: [what: string, fail: () => void][] = [
    ['answers 503', () => source.fail(503)],
    ['throws', () => source.throw()],
    [
      'streams a failure',
      () => {
        source.reply = () => ({ status: 500, headers: { 'Content-Length': '6' }, body: streamOf('broken') })
      },
    ],
  ]
  for (const isAsync of [false, true]) {
    for (const [what, fail] of failures) {
      it(`answers where the handler ${what}${isAsync ? ', when its promise is kept' : ''}, for its asker alone`, async () => {
        const answer = {
          status: 203,
          headers: { 'X-Shop': 'closed', 'Cache-Control': 'max-age=60' },
          body: { open: false },
        }
        await start((_asked, error) => {
          expect(error).to.be.instanceOf(Error)
          return isAsync ? Promise.resolve(answer) : answer
        })
        fail()
        for (let i = 1; i <= 2; i++) {
          const { status, text, headers } = await ask(app, '/page')
          expect([status, JSON.parse(text)]).to.deep.equal([203, { open: false }])
          expect(headers).to.include({ 'x-shop': 'closed', 'cache-control': 'no-store' })
          expect(headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=fallback')
          expect(headers['content-length']).to.equal(String(text.length))
          expect(headers).not.to.have.any.keys('age', 'etag')
          expect(source.runs).to.equal(i)
        }
      })
    }
  }

  it('is not asked where the handler succeeds, nor for 404', async () => {
    await start(() => ({ body: 'fallback' }))
    expect((await ask(app, '/page')).text).to.equal('run 1')
    source.fail(404)
    expect((await ask(app, '/page?b')).status).to.equal(404)
  })

  // T31
  for (const fallback of [() => ({ body: 'instead' }), async () => ({ body: 'instead' })]) {
    it(`carries nothing of what the failed handler said, as ${fallback.constructor.name}`, async () => {
      await start(fallback)
      const headers = { 'Set-Cookie': 'sid=1', ETag: '"failed"', 'X-Trace': 'failed', 'Content-Language': 'tlh' }
      for (const body of [() => 'broken', () => streamOf('broken')]) {
        source.reply = () => ({ status: 500, headers, body: body() })
        const answered = await ask(app, '/page')
        expect(answered.text).to.equal('instead')
        expect(answered.headers).not.to.have.any.keys('set-cookie', 'etag', 'x-trace', 'content-language')
      }
    })
  }

  it('answers 503 where it names no status', async () => {
    await start(() => ({ body: 'sorry' }))
    source.fail()
    const { status, text } = await ask(app, '/page')
    expect([status, text]).to.deep.equal([503, 'sorry'])
  })

  // T11
  it('frames the answer itself, whatever is said of it, and takes a number for its text', async () => {
    const headers = { 'Retry-After': 30, 'Content-Length': 5, 'Transfer-Encoding': 'chunked', Connection: 'upgrade' }
    await start(() => ({ headers, body: 'for nobody else' }))
    for (const fail of [() => source.fail(), () => source.throw()]) {
      fail()
      const { status, text, headers: sent } = await ask(app, '/page')
      expect([status, text, sent['retry-after']]).to.deep.equal([503, 'for nobody else', '30'])
      expect([sent['content-length'], sent['transfer-encoding']]).to.deep.equal([String(text.length), undefined])
      expect(sent.connection).to.not.equal('upgrade')
    }
  })

  const broken: [what: string, fallback: ReadOptions['fallback']][] = [
    [
      'throws',
      () => {
        throw new Error('second')
      },
    ],
    ['rejects', () => Promise.reject(new Error('second'))],
    ['returns what is no answer', () => 'sorry' as never],
    ['names no status there is', async () => ({ status: 99 })],
    ['names a header that is no text', () => ({ headers: { 'X-A': { a: 1 } as never } })],
    ['names a header there cannot be', () => ({ headers: { 'X-A': 'a\nb' } })],
  ]
  for (const [what, fallback] of broken) {
    it(`lets the failure itself out where it ${what}, and an event tells of the second`, async () => {
      await start(fallback)
      source.fail(502)
      const { status, text } = await ask(app, '/page')
      expect([status, text]).to.deep.equal([502, 'broken'])
      expect(eventsOf(app, 'function-failed')).to.have.length(1)
      expect(eventsOf(app, 'function-failed')[0]).to.include({ function: 'fallback', route: '/page' })
    })
  }

  for (const fallback of [() => undefined, async () => undefined]) {
    it(`lets the failure itself out where it returns ${fallback() instanceof Promise ? 'a promise of ' : ''}nothing`, async () => {
      await start(fallback)
      source.reply = () => ({ status: 500, headers: { 'X-Error': 'yes' }, body: 'broken' })
      const { status, text, headers } = await ask(app, '/page')
      expect([status, text, headers['x-error']]).to.deep.equal([500, 'broken', 'yes'])
      source.throw()
      expect((await ask(app, '/page')).status).to.equal(500)
    })
  }

  it('lets a long failure out whole that was kept back for it', async () => {
    const gate = deferred<undefined>()
    await start(() => gate.promise)
    source.reply = () => ({ status: 500, body: streamOf('x'.repeat(300_000)) })
    const asking = ask(app, '/page')
    setImmediate(() => gate.resolve(undefined))
    expect((await asking).text).to.have.length(300_000)
  })
})

function streamOf(text: string): NodeJS.ReadableStream {
  const parts = Array.from({ length: Math.ceil(text.length / 10_000) }, (_, i) =>
    text.slice(i * 10_000, (i + 1) * 10_000),
  )
  return Readable.from(parts.map((part) => Buffer.from(part)))
}
