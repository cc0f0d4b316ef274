// A body is coded once, and each client gets it in a form that it can read.
import { expect } from 'chai'
import { eventually } from '../../support/gate.ts'
import { get, send } from '../../support/http-client.ts'
import { overFrameworks, type ReadOptions, type Reply } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { BROWSER, decoded, JSON_FIELDS, PAGE, untilCoded, varyOf } from './coded.ts'

overFrameworks('a route that compresses', (harness) => {
  const start = starting(harness)
  const page = (reply: Reply = { headers: JSON_FIELDS, body: PAGE }, options: ReadOptions = { compress: true }) => {
    return start((app) => {
      app.read('/page', () => reply, '1m', options)
      app.write('put', '/page', ['/page'], () => ({}))
    })
  }

  it('answers the first hit at once and plain, and then in the coding that it wanted', async () => {
    const { port, cache, ...app } = await page()
    await get(port, '/page', { 'Accept-Encoding': BROWSER })
    const before = cache.stats().tiers.l1!.bytes
    const first = await get(port, '/page', { 'Accept-Encoding': BROWSER })
    expect([first.headers['content-encoding'], first.headers.etag, first.text]).to.deep.equal([undefined, '"v1"', PAGE])
    const coded = await untilCoded(port, '/page', 'br', BROWSER)
    expect(decoded(coded)).to.equal(PAGE)
    expect(coded.body.length).to.be.lessThan(PAGE.length / 3)
    expect(coded.headers['content-length']).to.equal(String(coded.body.length))
    expect(coded.headers.etag).to.equal('"v1--br"')
    expect(coded.headers['content-type']).to.equal(JSON_FIELDS['Content-Type'])
    expect(coded.headers['cache-status']).to.match(/^tiercache-l1; hit; ttl=\d+$/)
    expect(coded.headers.age).to.equal('0')
    expect(cache.stats().tiers.l1!.bytes - before).to.be.within(coded.body.length, coded.body.length + 400)
    expect(new Set(outcomes(app).slice(1))).to.deep.equal(new Set(['hit']))
  })

  // T83
  it('gives no client a coding that it does not take', async () => {
    const { port } = await page()
    await get(port, '/page')
    await untilCoded(port, '/page', 'br')
    await untilCoded(port, '/page', 'gzip')
    const cases: [accept: string | undefined, coding: string | undefined][] = [
      [undefined, undefined],
      ['', undefined],
      ['identity', undefined],
      ['gzip;q=0', undefined],
      ['br;q=0, gzip;q=0, *', undefined],
      ['*;q=0', undefined],
      ['deflate, unheard-of', undefined],
      ['gzip;q=nonsense', undefined],
      ['gzip;q=0.1, identity', undefined],
      ['gzip', 'gzip'],
      ['br;q=0.5, gzip', 'gzip'],
      ['br;q=0, *', 'gzip'],
      [BROWSER, 'br'],
      ['*', 'br'],
      ['identity;q=0, gzip', 'gzip'],
    ]
    for (const [accept, coding] of cases) {
      const answer = await get(port, '/page', accept === undefined ? {} : { 'Accept-Encoding': accept })
      const etag = coding === undefined ? '"v1"' : `"v1--${coding}"`
      expect([answer.headers['content-encoding'], answer.headers.etag], accept).to.deep.equal([coding, etag])
      expect(decoded(answer)).to.equal(PAGE)
      expect(varyOf(answer)).to.deep.equal(['accept-encoding'])
    }
  })

  it('offers the codings that it is told to', async () => {
    const { port } = await page(undefined, { compress: { codings: ['gzip'] } })
    await get(port, '/page')
    const answer = await untilCoded(port, '/page', 'gzip', BROWSER)
    expect(decoded(answer)).to.equal(PAGE)
  })

  // T11
  it('tells HEAD what GET would get, without a body', async () => {
    const { port } = await page()
    await get(port, '/page')
    const coded = await untilCoded(port, '/page', 'gzip')
    for (const [accept, length, etag] of [
      ['gzip', coded.body.length, '"v1--gzip"'],
      ['identity', PAGE.length, '"v1"'],
    ] as const) {
      const head = await send(port, '/page', { method: 'HEAD', headers: { 'Accept-Encoding': accept } })
      expect(head.headers['content-length']).to.equal(String(length))
      expect(head.headers['content-encoding']).to.equal(accept === 'gzip' ? 'gzip' : undefined)
      expect([head.headers.etag, varyOf(head), head.text]).to.deep.equal([etag, ['accept-encoding'], ''])
    }
  })

  it('lets the coded body go with its entry', async () => {
    let version = 1
    const { port } = await start((app) => {
      app.read('/page', () => ({ headers: JSON_FIELDS, body: PAGE.replaceAll('Product', `v${version}`) }), '1m', {
        compress: true,
      })
      app.write('put', '/page', ['/page'], () => ({}))
    })
    await get(port, '/page')
    await untilCoded(port, '/page', 'br')
    version++
    await send(port, '/page', { method: 'PUT' })
    for (let i = 0; i < 2; i++) {
      const answer = await get(port, '/page', { 'Accept-Encoding': 'br' })
      expect(decoded(answer)).to.contain('v2')
    }
    const again = await untilCoded(port, '/page', 'br')
    expect(decoded(again)).to.contain('v2').and.not.to.contain('v1 ')
  })

  const untouched: [what: string, headers: Record<string, string>, body?: string | Buffer, options?: ReadOptions][] = [
    ['a type that is compressed already', { 'Content-Type': 'image/png' }, Buffer.alloc(4_096)],
    ['what must not be transformed', { ...JSON_FIELDS, 'Cache-Control': 'max-age=60, no-transform' }],
    ['what has a digest', { ...JSON_FIELDS, 'Repr-Digest': 'sha-256=:AAAA:' }],
    ['an answer of a route without the option', JSON_FIELDS, PAGE, {}],
  ]
  for (const [what, headers, body = PAGE, options] of untouched) {
    it(`leaves ${what} untouched`, async () => {
      const { port } = await page({ headers, body }, options)
      for (let i = 0; i < 3; i++) {
        const answer = await get(port, '/page', { 'Accept-Encoding': BROWSER })
        expect(answer.headers).not.to.have.any.keys('content-encoding', 'vary')
        expect(answer.body.equals(Buffer.from(body))).to.equal(true)
      }
    })
  }

  it('codes nothing that is smaller than it is told, but says that it might', async () => {
    const { port, cache } = await page(undefined, { compress: { from: PAGE.length + 1 } })
    await get(port, '/page')
    const { bytes } = cache.stats().tiers.l1!
    for (let i = 0; i < 3; i++) {
      const answer = await get(port, '/page', { 'Accept-Encoding': BROWSER })
      expect([answer.headers['content-encoding'], varyOf(answer)]).to.deep.equal([undefined, ['accept-encoding']])
    }
    expect(cache.stats().tiers.l1!.bytes).to.equal(bytes)
  })

  it('sends ranges of the plain body, whatever the client takes', async () => {
    const { port } = await page()
    await get(port, '/page')
    await untilCoded(port, '/page', 'br')
    const answer = await get(port, '/page', { 'Accept-Encoding': 'br', Range: 'bytes=0-9' })
    expect(answer.headers['content-encoding']).to.equal(undefined)
    expect(PAGE.startsWith(answer.text)).to.equal(true)
  })

  it('codes each variant of an answer by itself', async () => {
    const { port } = await start((app) => {
      app.read(
        '/page',
        ({ headers }) => ({
          headers: { 'Content-Type': 'text/plain', Vary: 'Accept-Language' },
          body: `${headers['accept-language']} `.repeat(1_000),
        }),
        '1m',
        { compress: true },
      )
    })
    for (const language of ['de', 'en', 'de', 'en']) {
      const answer = await eventually(async () => {
        const answer = await get(port, '/page', { 'Accept-Encoding': 'gzip', 'Accept-Language': language })
        expect(answer.headers['content-encoding']).to.equal('gzip')
        return answer
      })
      expect(decoded(answer)).to.equal(`${language} `.repeat(1_000))
      expect(varyOf(answer)).to.deep.equal(['accept-encoding', 'accept-language'])
    }
  })
})
