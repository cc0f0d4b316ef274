// Range requests that nothing stored can answer: the handler's business alone, of which nothing is kept and for which nobody waits.
import { expect } from 'chai'
import { get, raw, send } from '../../support/http-client.ts'
import { Arrivals, Gates } from '../crowd.ts'
import { overFrameworks, type Reply } from '../middleware.ts'
import { eventsOf, outcomes, starting } from '../starting.ts'

const part: Reply = {
  status: 206,
  headers: { 'Content-Range': 'bytes 0-0/5', 'Content-Type': 'text/plain', ETag: '"part"' },
  body: 'w',
}

overFrameworks('a Range request that nothing stored answers', (harness) => {
  const start = starting(harness)

  // T29
  it('reaches the handler as the client sent it, and comes back as the handler answers it', async () => {
    const seen: unknown[] = []
    const app = await start((app) => {
      app.read('/page', ({ headers }) => {
        seen.push(['range', 'if-range', 'if-none-match'].map((name) => headers[name]))
        return part
      })
    })
    const headers = { Range: 'chapters=1-2, bytes=0-0', 'If-Range': '"x"', 'If-None-Match': '"y"' }
    const answer = await get(app.port, '/page', headers)
    expect(seen).to.deep.equal([['chapters=1-2, bytes=0-0', '"x"', '"y"']])
    expect({ status: answer.status, text: answer.text }).to.deep.equal({ status: 206, text: 'w' })
    expect(answer.headers['content-range']).to.equal('bytes 0-0/5')
    expect(answer.headers.etag).to.equal('"part"')
    expect(answer.headers).to.not.have.any.keys('age', 'accept-ranges', 'cache-control')
    expect(answer.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=range')
    expect(eventsOf(app, 'request')).to.have.length(1)
    expect(eventsOf(app, 'request')[0]).to.include({ outcome: 'bypass', reason: 'range' })
  })

  // T28 T29
  for (const [what, reply] of Object.entries({ part, 'the whole': { body: 'whole' } })) {
    it(`leaves no trace where the handler answers with ${what === 'part' ? 'a part' : what}`, async () => {
      let runs = 0
      const app = await start((app) => {
        app.read('/page', ({ headers: { range } }) => {
          runs++
          return range === undefined ? { body: 'whole' } : reply
        })
      })
      for (let asked = 0; asked < 2; asked++) await get(app.port, '/page', { Range: 'bytes=0-0' })
      expect(runs).to.equal(2)
      for (const { status, text } of [await get(app.port, '/page'), await get(app.port, '/page')]) {
        expect({ status, text }).to.deep.equal({ status: 200, text: 'whole' })
      }
      expect(outcomes(app)).to.deep.equal(['bypass', 'bypass', 'miss', 'hit'])
      expect(app.cache.stats().total).to.include({ bypassCount: 2, missCount: 1, hitCount: 1 })
    })
  }

  // T29
  it('neither waits for a run under way nor lets anyone wait for its own', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await start((app) => {
      app.read(
        '/page',
        async ({ headers: { range } }) => {
          const run = await gates.wait()
          return range === undefined ? { body: `run ${run}` } : part
        },
        '1m',
        { tags: arrivals.tags },
      )
    })
    const first = get(app.port, '/page', { Range: 'bytes=0-0' })
    await gates.reach(1)
    const leader = get(app.port, '/page')
    await gates.reach(2)
    const follower = get(app.port, '/page')
    await arrivals.reach(3)
    const second = get(app.port, '/page', { Range: 'bytes=0-0' })
    await gates.reach(3)
    gates.open(3)
    expect((await second).status).to.equal(206)
    gates.open(2)
    expect((await leader).text).to.equal('run 2')
    expect((await follower).text).to.equal('run 2')
    gates.open(1)
    expect((await first).status).to.equal(206)
    expect((await get(app.port, '/page', { Range: 'bytes=0-2' })).text).to.equal('run')
    expect(outcomes(app)).to.deep.equal(['bypass', 'miss', 'bypass', 'collapsed', 'hit'])
    expect(gates.begun).to.equal(3)
  })

  // T56
  it('gets no slice of what was invalidated', async () => {
    let runs = 0
    const app = await start((app) => {
      app.read('/page', ({ headers: { range } }) => (range === undefined ? { body: `run ${++runs}` } : part))
      app.write('put', '/page', ['/page'], () => ({ status: 204 }))
    })
    await get(app.port, '/page')
    expect((await get(app.port, '/page', { Range: 'bytes=-1' })).text).to.equal('1')
    await send(app.port, '/page', { method: 'PUT' })
    const around = await get(app.port, '/page', { Range: 'bytes=-1' })
    expect([around.text, around.headers['cache-status']]).to.deep.equal(['w', 'tiercache-l1; fwd=bypass; detail=range'])
    await get(app.port, '/page')
    expect((await get(app.port, '/page', { Range: 'bytes=-1' })).text).to.equal('2')
  })

  // T30 T37
  const elsewhere: Record<string, [path: string, headers: Record<string, string>]> = {
    authorization: ['/page', { Authorization: 'Bearer 1' }],
    precondition: ['/page', { 'If-Match': '"x"' }],
    is_not_cache: ['/page?is_not_cache=1', {}],
  }
  for (const [reason, [path, headers]] of Object.entries(elsewhere)) {
    it(`gets no slice of what is stored where it may not meet the cache: ${reason}`, async () => {
      const app = await start((app) => {
        app.read('/page', ({ headers: { range } }) => (range === undefined ? { body: 'whole' } : part))
      })
      await get(app.port, '/page')
      const answer = await get(app.port, path, { ...headers, Range: 'bytes=1-2' })
      expect(answer.text).to.equal('w')
      expect(answer.headers['cache-status']).to.equal(`tiercache-l1; fwd=bypass; detail=${reason}`)
      expect((await get(app.port, '/page', { Range: 'bytes=1-2' })).text).to.equal('ho')
    })
  }

  // T33
  it('gets a slice of the variant that it asks for, and of no other', async () => {
    let parts = 0
    const app = await start((app) => {
      app.read('/page', ({ headers }) => {
        if (headers.range !== undefined) {
          parts++
          return part
        }
        return { headers: { Vary: 'Accept-Language' }, body: `in ${headers['accept-language']}` }
      })
    })
    for (const language of ['en', 'de']) await get(app.port, '/page', { 'Accept-Language': language })
    const asked = (language: string) => get(app.port, '/page', { 'Accept-Language': language, Range: 'bytes=3-' })
    expect((await asked('en')).text).to.equal('en')
    expect((await asked('de')).text).to.equal('de')
    expect(parts).to.equal(0)
    expect((await asked('fr')).text).to.equal('w')
  })

  it('keeps what was said outside of the cache about storing', async () => {
    const app = await start((app) => {
      app.outerHeaders(
        ({ headers: { range } }): Record<string, string> => (range === undefined ? {} : { 'Cache-Control': 'private' }),
      )
      app.useCache()
      app.plain('get', '/page', () => ({ body: 'whole' }))
    })
    await get(app.port, '/page')
    const { status, headers } = await get(app.port, '/page', { Range: 'bytes=0-0' })
    expect([status, headers['cache-control']]).to.deep.equal([206, 'private, no-transform'])
  })

  it('leaves its connection fit for the requests that follow at once', async () => {
    const app = await start((app) => {
      app.read('/page', () => ({ headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('0123456789') }))
    })
    await get(app.port, '/page', { Host: 'a.test' })
    const ask = (range: string, more = '') => `GET /page HTTP/1.1\r\nHost: a.test\r\nRange: ${range}\r\n${more}\r\n`
    const wire = await raw(
      app.port,
      ask('bytes=2-3') + ask('bytes=90-') + ask('bytes=0-0,9-9') + ask('bytes=-1', 'Connection: close\r\n'),
    )
    const text = wire.toString('latin1')
    expect(text.match(/HTTP\/1\.1 \d+/g)).to.deep.equal([206, 416, 206, 206].map((status) => `HTTP/1.1 ${status}`))
    expect(text.split('\r\n\r\n')[1]).to.match(/^23HTTP\/1\.1 416/)
    expect(text).to.match(/\r\n\r\n9$/)
  })
})
