// `staleIfError`: a stale answer stands in for a handler that fails, which is then left alone for a while.
import { expect } from 'chai'
import sinon from 'sinon'
import { ask } from '../../support/apps.ts'
import { type CacheTime, cacheTime } from '../../support/cache-time.ts'
import { deferred, eventually } from '../../support/gate.ts'
import { send } from '../../support/http-client.ts'
import { overFrameworks, type Running } from '../middleware.ts'
import { Source } from './source.ts'

// T74
overFrameworks('an answer past its ttl, with staleIfError', (harness) => {
  let source: Source
  let app: Running
  let time: CacheTime

  beforeEach(async () => {
    time = cacheTime()
    source = new Source()
    app = await harness.start(source.tell({ staleIfError: '1h' }))
    await ask(app, '/page')
    time.advance(15_000)
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
  })

  const failures: [what: string, fail: () => void][] = [
    ['throws', () => source.throw()],
    ...[500, 502, 503, 504].map((status): [string, () => void] => [`answers ${status}`, () => source.fail(status)]),
  ]
  for (const [what, fail] of failures) {
    it(`stands in for a handler that ${what}, and says so`, async () => {
      fail()
      const { status, text, headers } = await ask(app, '/page')
      expect([status, text]).to.deep.equal([200, 'run 1'])
      expect(headers['cache-status']).to.match(/^tiercache-l1; fwd=stale; .*detail=stale-if-error$/)
      expect(Number(headers.age)).to.be.at.least(15)
    })
  }

  it('is not used where the handler succeeds', async () => {
    expect((await ask(app, '/page')).text).to.equal('run 2')
  })

  for (const status of [400, 404, 429]) {
    it(`does not stand in for ${status}, which is an answer`, async () => {
      source.fail(status)
      expect((await ask(app, '/page')).status).to.equal(status)
    })
  }

  it('leaves a failing handler alone for 10 s, per key, and says so', async () => {
    source.fail()
    for (let i = 0; i < 5; i++) expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(source.runs).to.equal(2)
    expect((await ask(app, '/page')).headers['cache-status']).to.match(
      /^tiercache-l1; hit; ttl=-\d+; detail=stale-if-error$/,
    )
    time.advance(10_000)
    expect((await ask(app, '/page')).text).to.equal('run 1')
    expect(source.runs).to.equal(3)
    time.advance(10_000)
    source.reply = () => ({ body: 'better' })
    expect((await ask(app, '/page')).text).to.equal('better')
    expect((await ask(app, '/page')).headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=\d/)
  })

  it('is what all get who wait for a run that fails: it is asked once', async () => {
    const gate = deferred<void>()
    source.reply = async () => {
      await gate.promise
      return { status: 500, body: 'broken' }
    }
    const asking = Promise.all(Array.from({ length: 10 }, () => ask(app, '/page')))
    await eventually(() => expect(source.runs).to.equal(2))
    gate.resolve()
    const answers = await asking
    expect(new Set(answers.map(({ text }) => text))).to.deep.equal(new Set(['run 1']))
    expect(source.runs).to.equal(2)
  })

  // C5
  it('does not stand in once it was invalidated, nor while the handler is left alone', async () => {
    source.fail()
    await ask(app, '/page')
    await send(app.port, '/page', { method: 'PUT' })
    const { status, text } = await ask(app, '/page')
    expect([status, text]).to.deep.equal([500, 'broken'])
  })

  it('does not stand in where it was invalidated while the handler ran', async () => {
    const gate = deferred<void>()
    source.reply = async () => {
      await gate.promise
      return { status: 500, body: 'broken' }
    }
    const asking = ask(app, '/page')
    await eventually(() => expect(source.runs).to.equal(2))
    await send(app.port, '/page', { method: 'PUT' })
    gate.resolve()
    expect((await asking).status).to.equal(500)
  })

  it('is over after its time', async () => {
    time.advance(3_600_000)
    source.fail()
    expect((await ask(app, '/page')).status).to.equal(500)
  })

  it('carries nothing of the failure', async () => {
    source.reply = () => ({ status: 500, headers: { 'Set-Cookie': 'a=1', 'X-Error': 'yes' }, body: 'broken' })
    const { headers } = await ask(app, '/page')
    expect(headers).not.to.have.any.keys('set-cookie', 'x-error')
    expect(headers['content-length']).to.equal('5')
  })
})

// T74: what is asked for in another way was seen as well.
overFrameworks('a stale answer, asked for in another way', (harness) => {
  let source: Source
  let app: Running

  beforeEach(async () => {
    const time = cacheTime()
    source = new Source()
    app = await harness.start(source.tell({ staleIfError: '1h', fallback: () => ({ body: 'sorry' }) }))
    await ask(app, '/page')
    time.advance(15_000)
    source.fail(503)
  })
  afterEach(async () => {
    sinon.restore()
    await app.stop()
  })

  it('stands in for a handler that fails HEAD', async () => {
    const { status, headers } = await ask(app, '/page', { method: 'HEAD' })
    expect([status, headers['content-length']]).to.deep.equal([200, '5'])
    expect(headers['cache-status']).to.equal('tiercache-l1; fwd=stale; detail=stale-if-error')
    expect(source.runs).to.equal(2)
  })

  it('stands in for a handler that fails to give a part', async () => {
    // Whole: who asks for a part may get all (RFC 9110 §14.2).
    const { status, text, headers } = await ask(app, '/page', { headers: { range: 'bytes=0-2' } })
    expect([status, text]).to.deep.equal([200, 'run 1'])
    expect(headers['cache-status']).to.equal('tiercache-l1; fwd=stale; detail=stale-if-error')
  })

  it('stands in where an odd flag lets nobody else have the run', async () => {
    source.throw()
    const { status, text } = await ask(app, '/page?is_not_cache=odd')
    expect([status, text]).to.deep.equal([200, 'run 1'])
  })

  it('leaves HEAD to fallback where nothing is stored', async () => {
    const { status, headers } = await ask(app, '/page?other', { method: 'HEAD' })
    expect([status, headers['content-length']]).to.deep.equal([503, '5'])
    expect(headers['cache-status']).to.equal('tiercache-l1; fwd=miss; detail=fallback')
  })
})
