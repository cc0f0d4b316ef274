// Answers over HTTP/2: the same as over HTTP/1.1, without what HTTP/2 does not know.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import type { Http2Answer } from '../../support/http2-client.ts'
import { readMultipart } from '../../support/multipart.ts'
import type { Reply } from '../middleware.ts'
import { outcomes } from '../starting.ts'
import { overHttp2 } from './stage.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'
const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251))
const bodies: Record<string, () => unknown> = { 'in one piece': () => 'body', streamed: () => Readable.from(['body']) }
const plain = { 'Content-Type': 'text/plain', ETag: '"v1"', 'Last-Modified': MODIFIED }

/** Fields of one HTTP/1.1 connection: over HTTP/2 they make an answer malformed (RFC 9113 §8.2.2). */
const connectionFields = ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']

overHttp2('an answer', (start) => {
  const essence = ({ status, headers, body }: Http2Answer) => {
    const { date: _date, age: _age, 'cache-status': _member, etag: _tag, ...others } = headers
    return { status, headers: { ...others, 'content-length': undefined }, body: body.toString('latin1') }
  }

  // T25
  const replies: Record<string, () => Reply> = {
    'a text': () => ({ headers: plain, body: 'zażółć' }),
    bytes: () => ({ headers: { 'Content-Type': 'x/y' }, body: bytes }),
    'a stream': () => ({ headers: { 'Content-Type': 'x/y' }, body: Readable.from([bytes, Buffer.from('end')]) }),
    'an empty stream': () => ({ headers: { 'Content-Type': 'x/y' }, body: Readable.from([]) }),
    'an empty body': () => ({ headers: { 'Content-Type': 'x/y' }, body: Buffer.alloc(0) }),
    'several values of a field': () => ({ headers: { ...plain, Link: ['<a>', '<b>'], 'X-Case': 'Kept' }, body: 'x' }),
    'no content': () => ({ status: 204, headers: { 'X-Made': 'here' } }),
    'a redirect': () => ({ status: 301, headers: { ...plain, Location: '/there' }, body: 'moved' }),
  }
  for (const [what, reply] of Object.entries(replies)) {
    it(`with ${what} is the same from the cache as from the handler`, async () => {
      let runs = 0
      const app = await start({
        '/page': () => {
          runs++
          return reply()
        },
      })
      const client = app.connect()
      const miss = await client.get('/page')
      const hit = await client.get('/page')
      expect(miss.code).to.equal(0)
      expect(hit.code).to.equal(0)
      expect(essence(hit)).to.deep.equal(essence(miss))
      expect(hit.headers['content-length']).to.equal(miss.status === 204 ? undefined : `${hit.body.length}`)
      expect(hit.headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=\d+$/)
      expect(hit.headers.age).to.match(/^\d+$/)
      for (const { headers } of [miss, hit]) {
        expect(headers).to.not.have.any.keys(...connectionFields)
        expect(headers.date).to.be.a('string')
      }
      expect(runs).to.equal(1)
      expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
    })
  }

  // T10, T25
  it('never has fields of a connection, also where the handler sets them', async () => {
    const app = await start({
      '/page': () => ({ headers: { ...plain, 'Proxy-Authenticate': 'Basic', TE: 'trailers' }, body: 'body' }),
    })
    const client = app.connect()
    await client.get('/page')
    const hit = await client.get('/page')
    expect(hit.text).to.equal('body')
    expect(hit.headers).to.not.have.any.keys(...connectionFields, 'proxy-authenticate', 'te')
  })

  it('goes to many streams of one session at once', async () => {
    // Together less than Node lets one session hold.
    const body = bytes.subarray(0, 100_000)
    const app = await start({ '/page': () => ({ headers: { 'Content-Type': 'x/y' }, body }) })
    const client = app.connect()
    await client.get('/page')
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.get('/page')))
    for (const answer of answers) expect(answer.body.equals(body)).to.equal(true)
    expect(outcomes(app).filter((outcome) => outcome === 'hit')).to.have.length(50)
  })

  // T80, T81
  for (const [what, body] of Object.entries(bodies)) {
    it(`${what} is a 304 to whom has it, cold and warm, and fills the cache`, async () => {
      const seen: unknown[] = []
      const app = await start({
        '/page': ({ headers }) => {
          seen.push(headers['if-none-match'], headers['if-modified-since'])
          return { headers: { ...plain, 'Cache-Control': 'max-age=60', Vary: 'Accept' }, body: body() }
        },
      })
      const client = app.connect()
      for (const asked of [
        { 'if-none-match': 'W/"v1"' },
        { 'if-none-match': '"v1"' },
        { 'if-modified-since': MODIFIED },
      ]) {
        const answer = await client.get('/page', asked)
        expect([answer.status, answer.body.length, answer.code]).to.deep.equal([304, 0, 0])
        expect(answer.headers).to.include({ etag: '"v1"', 'cache-control': 'max-age=60', vary: 'Accept' })
        expect(answer.headers).to.not.have.any.keys('content-type', 'content-length', ...connectionFields)
      }
      expect((await client.get('/page', { 'if-none-match': '"v2"' })).text).to.equal('body')
      expect(seen).to.deep.equal([undefined, undefined])
      expect(outcomes(app)).to.deep.equal(['miss', 'hit', 'hit', 'hit'])
    })
  }

  // T26
  it('to HEAD has the fields of the stored one and no body', async () => {
    const app = await start({ '/page': () => ({ headers: plain, body: 'body' }) })
    const client = app.connect()
    const cold = await client.get('/page', { ':method': 'HEAD' })
    expect([cold.status, cold.text, cold.headers['cache-status']]).to.deep.equal([200, '', 'tiercache-l1; fwd=miss'])
    const full = await client.get('/page')
    const head = await client.get('/page', { ':method': 'HEAD' })
    expect(head.headers['content-length']).to.equal('4')
    expect(head.code).to.equal(0)
    expect(essence({ ...head, body: full.body })).to.deep.equal(essence(full))
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit'])
  })

  // T29
  it('to Range is a slice of the stored one, several slices, or 416', async () => {
    let runs = 0
    const app = await start({
      '/page': () => {
        runs++
        return { headers: { ...plain, 'Content-Type': 'x/y' }, body: bytes }
      },
    })
    const client = app.connect()
    const around = await client.get('/page', { range: 'bytes=0-0' })
    expect(around.headers['cache-status']).to.equal('tiercache-l1; fwd=bypass; detail=range')
    await client.get('/page')
    const one = await client.get('/page', { range: 'bytes=1000-250999', 'if-range': '"v1"' })
    expect(one.headers).to.include({ ':status': 206, 'content-range': 'bytes 1000-250999/300000' })
    expect(one.headers['content-length']).to.equal('250000')
    expect(one.body.equals(bytes.subarray(1_000, 251_000))).to.equal(true)
    const two = await client.get('/page', { range: 'bytes=-2,0-1' })
    const parts = readMultipart(two.headers['content-type'], two.body).map(({ body }) => [...body])
    expect(parts).to.deep.equal([[...bytes.subarray(-2)], [...bytes.subarray(0, 2)]])
    const none = await client.get('/page', { range: 'bytes=300000-' })
    expect(none.headers).to.include({ ':status': 416, 'content-range': 'bytes */300000', 'content-length': '0' })
    expect((await client.get('/page', { range: 'bytes=0-0', 'if-range': '"v2"' })).body.equals(bytes)).to.equal(true)
    expect(runs).to.equal(2)
  })

  // T25, T39
  it('is one for each authority, whether that comes as :authority or as host', async () => {
    let runs = 0
    const app = await start({ '/page': () => ({ headers: plain, body: `run ${++runs}` }) })
    const client = app.connect()
    const asked = async (headers: Record<string, string>) => (await client.get('/page', headers)).text
    expect(await asked({ ':authority': 'a.test' })).to.equal('run 1')
    expect(await asked({ ':authority': 'b.test' })).to.equal('run 2')
    expect(await asked({ ':authority': 'A.TEST:80' })).to.equal('run 1')
    expect(await asked({ ':authority': 'a.test', host: 'a.test' })).to.equal('run 1')
    expect(await asked({ ':authority': 'a.test:8080' })).to.equal('run 3')
  })

  // T33
  it('is chosen by the headers it names', async () => {
    const app = await start({
      '/page': ({ headers }) => ({
        headers: { ...plain, Vary: 'Accept-Language' },
        body: `in ${headers['accept-language']}`,
      }),
    })
    const client = app.connect()
    for (const language of ['en', 'de', 'en', 'de']) {
      expect((await client.get('/page', { 'accept-language': language })).text).to.equal(`in ${language}`)
    }
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit'])
  })
})
