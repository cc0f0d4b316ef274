// Whoever keeps an answer of a route that compresses must know that another client may get other bytes.
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { get, send } from '../../support/http-client.ts'
import { Arrivals, crowd, Gates } from '../crowd.ts'
import { type Handler, overFrameworks, type ReadOptions } from '../middleware.ts'
import { outcomes, starting } from '../starting.ts'
import { BROWSER, JSON_FIELDS, PAGE, varyOf } from './coded.ts'

// T83
overFrameworks('Vary on a route that compresses', (harness) => {
  const start = starting(harness)
  const page = (reply: Handler, options: ReadOptions = {}) =>
    start((app) => {
      app.outerHeaders(({ url }) => (url.includes('cors') ? { Vary: 'Origin' } : {}))
      app.read('/page', reply, '1m', { compress: true, ...options })
    })
  const json = () => ({ headers: JSON_FIELDS, body: PAGE })

  it('names Accept-Encoding on misses, hits and their 304s, of GET and HEAD, and for those who go around the cache', async () => {
    const app = await page(json)
    const cases: [path: string, method: string, headers: Record<string, string>, status: number][] = [
      ['/page', 'HEAD', {}, 200],
      ['/page', 'GET', {}, 200],
      ['/page', 'GET', { 'Accept-Encoding': BROWSER }, 200],
      ['/page', 'HEAD', { 'Accept-Encoding': BROWSER }, 200],
      ['/page', 'GET', { 'If-None-Match': '"v1"' }, 304],
      ['/page?cold', 'GET', { 'If-None-Match': '"v1"' }, 304],
      ['/page?is_not_cache=1', 'GET', {}, 200],
      ['/page', 'GET', { Authorization: 'Basic eDp4' }, 200],
    ]
    for (const [path, method, headers, status] of cases) {
      const answer = await send(app.port, path, { method, headers })
      expect([answer.status, varyOf(answer)], `${method} ${path}`).to.deep.equal([status, ['accept-encoding']])
    }
    expect(outcomes(app)).to.deep.equal(['miss', 'miss', 'hit', 'hit', 'hit', 'miss', 'bypass', 'bypass'])
  })

  it('names it where the answer streams through, before its length is known', async () => {
    const { port } = await page(() => ({
      headers: { 'Content-Type': 'text/html' },
      body: Readable.from([Buffer.from('<p>'), Buffer.from('streamed'.repeat(1_000))]),
    }))
    for (let i = 0; i < 2; i++) expect(varyOf(await get(port, '/page'))).to.deep.equal(['accept-encoding'])
  })

  it('names it to those who shared a run', async () => {
    const gates = new Gates()
    const arrivals = new Arrivals()
    const app = await page(
      async () => {
        await gates.wait()
        return json()
      },
      { tags: arrivals.tags },
    )
    const waiting = await crowd(app.port, '/page', 2, arrivals, { headers: { 'Accept-Encoding': BROWSER } })
    await gates.reach(1)
    gates.open()
    for (const answer of await Promise.all(waiting)) {
      expect([varyOf(answer), answer.text]).to.deep.equal([['accept-encoding'], PAGE])
    }
    expect(outcomes(app).sort()).to.deep.equal(['collapsed', 'collapsed', 'miss'])
  })

  it('keeps what others wrote there, and names nothing twice', async () => {
    const { port } = await page(json)
    const varied = await page(() => ({ ...json(), headers: { ...JSON_FIELDS, Vary: 'accept-encoding, Accept' } }))
    for (let i = 0; i < 2; i++) {
      expect((await get(port, '/page?cors')).headers.vary).to.equal('Origin, Accept-Encoding')
      expect((await get(varied.port, '/page')).headers.vary).to.equal('accept-encoding, Accept')
    }
  })

  it('says nothing of it where the answer is never coded, whoever asks', async () => {
    const { port } = await page(() => ({ headers: { 'Content-Type': 'image/png' }, body: Buffer.alloc(2_000) }))
    for (let i = 0; i < 2; i++)
      expect(varyOf(await get(port, '/page', { 'Accept-Encoding': BROWSER }))).to.deep.equal([])
  })

  it('is not on the error page of a handler that failed', async () => {
    const { port } = await page(() => {
      throw Object.assign(new Error('no tea'), { status: 418 })
    })
    const answer = await get(port, '/page')
    expect(answer.headers['content-encoding']).to.equal(undefined)
    expect(answer.status).to.equal(418)
  })
})
