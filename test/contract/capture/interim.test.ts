// What goes over the wire before the final head, and a head that goes before the body, are not taken for the answer.
import { expect } from 'chai'
import { expectSameThenReplay, expressTwin, type Twin } from '../../support/compare.ts'
import { deferred } from '../../support/gate.ts'
import { getSlowly } from '../../support/http-client.ts'
import { ask, values } from '../../support/wire.ts'

describe('what precedes the answer', () => {
  let twin: Twin
  afterEach(() => twin.stop())

  // T7
  it('is no answer: 102 and 103', async () => {
    twin = await expressTwin((_req, res) => {
      res.writeProcessing()
      res.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => res.send('body'))
    })
    const { run, replay } = await expectSameThenReplay(twin)
    expect(run.hints).to.deep.equal([102, 103])
    expect(replay.hints).to.deep.equal([])
    expect(values(replay, 'link')).to.deep.equal([])
  })

  it('is no answer: 100 for a client that expects it', async () => {
    twin = await expressTwin((_req, res) => void res.send('body'))
    const { run, replay } = await expectSameThenReplay(twin, { headers: { Expect: '100-continue' } })
    expect([...run.hints, ...replay.hints]).to.deep.equal([100, 100])
  })

  it('is no answer: 100 by the handler', async () => {
    twin = await expressTwin((_req, res) => {
      res.writeContinue()
      res.send('body')
    })
    const { run } = await expectSameThenReplay(twin)
    expect(run.hints).to.deep.equal([100])
  })

  it('may be the head alone: flushHeaders, then the body', async () => {
    const flushed = deferred()
    twin = await expressTwin(async (_req, res) => {
      res.set('X-Early', '1').flushHeaders()
      await flushed.promise
      res.write('bo')
      res.end('dy')
    })
    const early = await getSlowly(twin.cached, '/answer')
    expect(early.headers).to.include({ 'x-early': '1', 'cache-status': 'tiercache-l1; fwd=miss; stored' })
    flushed.resolve()
    expect((await early.read()).toString()).to.equal('body')
    const replay = await ask(twin.cached)
    expect(replay.body.toString()).to.equal('body')
    expect(values(replay, 'x-early')).to.deep.equal(['1'])
  })

  for (const [form, finish] of Object.entries<(res: { end(chunk?: string): unknown }) => unknown>({
    'end(chunk)': (res) => res.end('body'),
    'end()': (res) => res.end(),
  })) {
    it(`may be the head alone: flushHeaders, then ${form}`, async () => {
      twin = await expressTwin((_req, res) => {
        res.flushHeaders()
        finish(res)
      })
      await expectSameThenReplay(twin)
    })
  }

  it('may be the head alone, twice: flushHeaders after writeHead', async () => {
    twin = await expressTwin((_req, res) => {
      res.writeHead(200, { 'X-Early': '1' })
      res.flushHeaders()
      res.flushHeaders()
      res.end('body')
    })
    await expectSameThenReplay(twin)
  })
})
