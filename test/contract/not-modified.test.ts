// What a 304 carries, who gets one, and the ETag of ours that it is often about.

import { Readable } from 'node:stream'
import { expect } from 'chai'
import { ask, expectSame, value, values, type WireAnswer } from '../support/wire.ts'
import { overFrameworks, type Reply, type Running } from './middleware.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'

overFrameworks('a client whose copy is good', (harness) => {
  let app: Running
  let seen: unknown[]
  let reply: () => Reply

  beforeEach(async () => {
    seen = []
    app = await harness.start((app) => {
      app.read(
        '/answer',
        ({ headers }) => {
          seen.push(headers['if-none-match'], headers['if-modified-since'])
          return reply()
        },
        '1m',
        { vary: ['Accept-Language'], negativeTtl: '5s' },
      )
    })
  })
  afterEach(() => app.stop())

  const outcomes = () =>
    app.events.flatMap((event) => {
      if (event.type === 'request') return [event.outcome]
      return event.type === 'run' ? [event.stored ? 'stored' : event.reason] : []
    })
  const expectAnswer = (answer: WireAnswer, status: number) => {
    expect(answer.status).to.equal(status)
    expect(answer.body.toString()).to.equal(status === 304 ? '' : 'body')
  }

  // T80
  it('gets a 304 with the fields that matter to a cache and none that describe a body', async () => {
    const kept = {
      ETag: '"v1"',
      'Last-Modified': MODIFIED,
      'Cache-Control': 'public, max-age=60',
      Expires: 'Wed, 21 Oct 2115 07:28:00 GMT',
      Vary: 'Accept-Language',
      'Content-Location': '/answer.en',
    }
    const dropped = {
      'Content-Type': 'text/plain',
      'Content-Language': 'en',
      'Content-Disposition': 'inline',
      'Content-MD5': 'Q2hlY2sgSW50ZWdyaXR5IQ==',
    }
    reply = () => ({ headers: { ...kept, ...dropped }, body: Buffer.from('body') })
    for (const outcome of ['fwd=miss; stored', 'hit; ttl=']) {
      const answer = await ask(app.port, { headers: { 'If-None-Match': '"v1"' } })
      expectAnswer(answer, 304)
      expect(answer.phrase).to.equal('Not Modified')
      for (const [name, text] of Object.entries(kept)) expect(value(answer, name), name).to.equal(text)
      const names = [...Object.keys(dropped), 'Content-Length', 'Transfer-Encoding', 'Content-Range']
      for (const name of names) expect(values(answer, name), name).to.deep.equal([])
      expect(Date.parse(value(answer, 'date') ?? '')).not.to.be.NaN
      expect(value(answer, 'cache-status')).to.contain(outcome)
    }
  })

  // T8
  it('gets a 304 that announces no trailers, which no body would be followed by', async () => {
    reply = () => ({ headers: { ETag: '"v1"', Trailer: 'X-Sum' }, body: Readable.from(['body']) })
    const answer = await ask(app.port, { headers: { 'If-None-Match': '"v1"' } })
    expectAnswer(answer, 304)
    expect(values(answer, 'trailer')).to.deep.equal([])
    expect(outcomes()).to.deep.equal(['miss', 'trailer'])
  })

  it('gets 304 only where the stored answer is a success', async () => {
    for (const [status, query] of [301, 404].map((status) => [status, `?status=${status}`] as const)) {
      reply = () => ({ status, headers: { ETag: '"v1"', Location: '/there' }, body: 'body' })
      const question = { path: `/answer${query}`, headers: { 'If-None-Match': '"v1"' } }
      const cold = await ask(app.port, question)
      const warm = await ask(app.port, question)
      expect([cold.status, warm.status]).to.deep.equal([status, status])
      expect(warm.body.toString()).to.equal('body')
    }
    expect(outcomes()).to.deep.equal(['miss', 'stored', 'hit', 'miss', 'stored', 'hit'])
  })

  it('gets its own answer from the handler where it goes around the cache', async () => {
    reply = () => ({ status: 304, headers: { ETag: '"v1"' } })
    const question = {
      path: '/answer?is_not_cache=1',
      headers: { 'If-None-Match': '"v1"', 'If-Modified-Since': MODIFIED },
    }
    expect((await ask(app.port, question)).status).to.equal(304)
    expect(seen).to.deep.equal(['"v1"', MODIFIED])
    expect(outcomes()).to.deep.equal(['bypass'])
  })

  // T21, T28
  it('never has a 304 of the handler stored', async () => {
    reply = () => ({ status: 304, headers: { ETag: '"v1"' } })
    expect((await ask(app.port)).status).to.equal(304)
    reply = () => ({ headers: { ETag: '"v1"' }, body: 'body' })
    expectAnswer(await ask(app.port), 200)
    expect(outcomes()).to.deep.equal(['miss', 'status-304', 'miss', 'stored'])
  })

  it('may share the answer of one that is not', async () => {
    let open!: () => void
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    await app.stop()
    let runs = 0
    let asked = 0
    app = await harness.start((app) => {
      app.outerHeaders(() => {
        asked++
        if (asked === 3) setImmediate(open)
        return {}
      })
      app.useCache('1m')
      app.plain('get', '/answer', async () => {
        runs++
        await gate
        return { headers: { ETag: '"v1"' }, body: 'body' }
      })
    })
    const answers = await Promise.all([
      ask(app.port, { headers: { 'If-None-Match': '"v1"' } }),
      ask(app.port),
      ask(app.port, { headers: { 'If-None-Match': '"v2"' } }),
    ])
    expect(answers.map(({ status }) => status)).to.deep.equal([304, 200, 200])
    expect(answers.map(({ body }) => body.toString())).to.deep.equal(['', 'body', 'body'])
    expect(runs).to.equal(1)
  })

  // T80, invariant 13: a tag of ours
  it('may use the strong ETag that we give an answer in one piece, on a miss as on a hit', async () => {
    reply = () => ({ body: 'body' })
    if (harness.name === 'Express') reply = () => ({ body: Buffer.from('body') })
    const first = await ask(app.port)
    const etag = value(first, 'etag') ?? ''
    expect(etag).to.match(/^(W\/)?"[^"]+"$/)
    const hit = await ask(app.port)
    expect(value(hit, 'etag')).to.equal(etag)
    expectAnswer(await ask(app.port, { headers: { 'If-None-Match': etag } }), 304)
    const other = await ask(app.port, { path: '/answer?other' })
    expect(value(other, 'etag')).to.equal(etag)
    reply = () => ({ body: Buffer.from('another body') })
    expect(value(await ask(app.port, { path: '/answer?another' }), 'etag')).not.to.equal(etag)
  })

  it('gets no ETag and no Last-Modified of ours for what streams, fails or is not stored', async () => {
    const replies: Record<string, Reply> = {
      '/answer?stream': { body: Readable.from(['body']) },
      '/answer?private': { headers: { 'Cache-Control': 'private', 'Content-Type': 'x/y' }, body: Readable.from(['b']) },
      '/answer?204': { status: 204 },
    }
    for (const [path, one] of Object.entries(replies)) {
      reply = () => one
      const answers = [await ask(app.port, { path })]
      if (path !== '/answer?private') answers.push(await ask(app.port, { path }))
      for (const answer of answers) {
        expect(values(answer, 'etag').concat(values(answer, 'last-modified')), path).to.deep.equal([])
      }
    }
  })

  it('gets 304 for any tag of an entry that has none', async () => {
    reply = () => ({ body: Readable.from(['body']) })
    await ask(app.port)
    expectAnswer(await ask(app.port, { headers: { 'If-None-Match': '"v1"' } }), 200)
    expectAnswer(await ask(app.port, { headers: { 'If-None-Match': '*' } }), 304)
  })

  it('is answered as any other after its 304', async () => {
    reply = () => ({ headers: { ETag: '"v1"', 'Content-Type': 'text/plain' }, body: 'body' })
    const cold = await ask(app.port, { headers: { 'If-None-Match': '"v1"' } })
    expect(cold.status).to.equal(304)
    const [first, second] = [await ask(app.port), await ask(app.port)]
    expectSame(second, first)
    expect(value(first, 'content-type')).to.match(/^text\/plain/)
    expect(value(first, 'content-length')).to.equal('4')
  })
})
