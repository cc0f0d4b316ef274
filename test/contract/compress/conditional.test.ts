// A client's copy is good in the form that it has, as long as it takes that form.
import { expect } from 'chai'
import { get } from '../../support/http-client.ts'
import { type Harness, overFrameworks } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { BROWSER, decoded, JSON_FIELDS, PAGE, untilCoded, varyOf } from './coded.ts'

const MODIFIED = 'Wed, 21 Oct 2015 07:28:00 GMT'

// T80, T82, T83; RFC 9110 §8.8.3, §13.1.2
overFrameworks('a client with a copy of an answer that is coded', (harness) => {
  const start = starting(harness)
  const page = (headers: Record<string, string> = JSON_FIELDS): ReturnType<Harness['start']> =>
    start((app) => app.read('/page', () => ({ headers, body: PAGE }), '1m', { compress: true }))

  const cases: [accept: string, tag: string, status: number, etag: string][] = [
    ['br', '"v1--br"', 304, '"v1--br"'],
    ['br', 'W/"v1--br"', 304, '"v1--br"'],
    [BROWSER, '"v0", "v1--br"', 304, '"v1--br"'],
    [BROWSER, '"v1--gzip"', 304, '"v1--gzip"'],
    [BROWSER, '"v1"', 304, '"v1"'],
    [BROWSER, '*', 304, '"v1--br"'],
    ['identity', '"v1"', 304, '"v1"'],
    // What it has is in a coding that it does not take (any more).
    ['identity', '"v1--br"', 200, '"v1"'],
    ['gzip', '"v1--br"', 200, '"v1--gzip"'],
    ['gzip;q=0', '"v1--gzip"', 200, '"v1"'],
    ['br, identity;q=0', '"v1"', 200, '"v1--br"'],
    ['br', '"v0--br"', 200, '"v1--br"'],
    ['br', 'v1--br', 200, '"v1--br"'],
  ]
  it('is told so by a hit, with the tag of what it has', async () => {
    const { port } = await page()
    await get(port, '/page')
    await untilCoded(port, '/page', 'br')
    await untilCoded(port, '/page', 'gzip')
    for (const [accept, tag, status, etag] of cases) {
      const answer = await get(port, '/page', { 'Accept-Encoding': accept, 'If-None-Match': tag })
      expect([answer.status, answer.headers.etag], `${tag} for ${accept}`).to.deep.equal([status, etag])
      expect(varyOf(answer)).to.deep.equal(['accept-encoding'])
      expect(decoded(answer)).to.equal(status === 304 ? '' : PAGE)
      if (status === 304)
        expect(answer.headers).not.to.have.any.keys('content-encoding', 'content-length', 'content-type')
    }
  })

  it('is told so where the coded body is not at hand: no bytes are needed for that', async () => {
    const app = await page()
    await get(app.port, '/page')
    const hit = await get(app.port, '/page', { 'Accept-Encoding': 'gzip', 'If-None-Match': '"v1--gzip"' })
    expect([hit.status, hit.headers.etag]).to.deep.equal([304, '"v1--gzip"'])
    const other = await get(app.port, '/page', { 'Accept-Encoding': 'identity', 'If-None-Match': '"v1--gzip"' })
    expect([other.status, other.text]).to.deep.equal([200, PAGE])
  })

  it('is told so by a cold cache, which is filled with the whole plain answer', async () => {
    const app = await page()
    const cold = await get(app.port, '/page', { 'Accept-Encoding': 'br', 'If-None-Match': '"v1--br"' })
    expect([cold.status, cold.headers.etag, varyOf(cold)]).to.deep.equal([304, '"v1--br"', ['accept-encoding']])
    const warm = await get(app.port, '/page')
    expect([warm.status, warm.headers.etag, warm.text]).to.deep.equal([200, '"v1"', PAGE])
    expect(outcomes(app)).to.deep.equal(['miss', 'hit'])
  })

  it('is not told so by a cold cache where it does not take its own copy', async () => {
    const { port } = await page()
    const cold = await get(port, '/page', { 'Accept-Encoding': 'gzip', 'If-None-Match': '"v1--br"' })
    expect([cold.status, cold.headers.etag, cold.text]).to.deep.equal([200, '"v1"', PAGE])
  })

  it('keeps weak tags weak', async () => {
    const { port } = await page({ ...JSON_FIELDS, ETag: 'W/"v1"' })
    await get(port, '/page')
    expect((await untilCoded(port, '/page', 'br')).headers.etag).to.equal('W/"v1--br"')
    const again = await get(port, '/page', { 'Accept-Encoding': 'br', 'If-None-Match': 'W/"v1--br"' })
    expect([again.status, again.headers.etag]).to.deep.equal([304, 'W/"v1--br"'])
  })

  it('may ask by date', async () => {
    const { port } = await page({ ...JSON_FIELDS, 'Last-Modified': MODIFIED })
    await get(port, '/page')
    await untilCoded(port, '/page', 'br')
    const answer = await get(port, '/page', { 'Accept-Encoding': 'br', 'If-Modified-Since': MODIFIED })
    expect([answer.status, answer.headers.etag]).to.deep.equal([304, '"v1--br"'])
  })

  it('finds no tag on a coded answer whose own tag is none', async () => {
    const { port } = await page({ ...JSON_FIELDS, ETag: 'v1' })
    await get(port, '/page')
    expect((await untilCoded(port, '/page', 'br')).headers).not.to.have.property('etag')
    expect((await get(port, '/page')).headers.etag).to.equal('v1')
  })
})
