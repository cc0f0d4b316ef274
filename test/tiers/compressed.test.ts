// What one process coded stays there: Redis holds the plain answer, and each process codes for its own clients.
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { decoded, JSON_FIELDS, PAGE } from '../contract/compress/coded.ts'
import type { Running } from '../contract/middleware.ts'
import { ask, outcomes, overPairs, storedKey } from '../support/apps.ts'
import { eventually } from '../support/gate.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

overPairs('a route that compresses, with Redis', (firstHarness, secondHarness) => {
  let redis: RedisServer
  let first: Running
  let second: Running

  before(async () => {
    redis = await startRedis()
    const tell: Parameters<typeof firstHarness.start>[0] = (app) => {
      app.read('/page', () => ({ headers: JSON_FIELDS, body: PAGE }), '1m', { compress: true })
      app.read('/encoded', ({ headers }) => {
        const gzip = headers['accept-encoding'] === 'gzip'
        const coded = gzip ? { 'Content-Encoding': 'gzip' } : {}
        return { headers: { Vary: 'Accept-Encoding', ...coded }, body: gzip ? gzipSync(PAGE) : Buffer.from(PAGE) }
      })
    }
    first = await firstHarness.start(tell, { redis: redis.url })
    second = await secondHarness.start(tell, { redis: redis.url })
  })
  after(async () => {
    await Promise.all([first.stop(), second.stop()])
    await redis.stop()
  })

  const untilBrotli = (app: Running) =>
    eventually(async () => {
      const answer = await ask(app, '/page', { headers: { 'Accept-Encoding': 'br' } })
      expect(answer.headers['content-encoding']).to.equal('br')
      return answer
    })

  it('keeps the plain answer in Redis, and codes it in each process', async () => {
    await ask(first, '/page')
    const key = await storedKey(first, redis)
    const length = await redis.cli('STRLEN', key)
    const coded = await untilBrotli(first)
    expect(await redis.cli('STRLEN', key)).to.equal(length)
    const plain = await ask(second, '/page', { headers: { 'Accept-Encoding': 'br' } })
    expect(outcomes(second).at(-1)).to.equal('hit l2')
    expect([plain.headers['content-encoding'], plain.headers.vary, plain.text]).to.deep.equal([
      undefined,
      'Accept-Encoding',
      PAGE,
    ])
    const own = await untilBrotli(second)
    expect(decoded(own)).to.equal(PAGE)
    expect(own.headers.etag).to.equal(coded.headers.etag)
    expect(outcomes(second).at(-1)).to.equal('hit l1')
  })

  // T83
  it('gives an answer that arrived encoded to those alone who asked for the same, across processes', async () => {
    await ask(first, '/encoded', { headers: { 'Accept-Encoding': 'gzip' } })
    await storedKey(first, redis)
    const plain = await ask(second, '/encoded', { headers: { 'Accept-Encoding': 'identity' } })
    expect([plain.headers['content-encoding'], plain.text]).to.deep.equal([undefined, PAGE])
    const coded = await ask(second, '/encoded', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(gunzipSync(coded.body).toString()).to.equal(PAGE)
    expect(outcomes(second).slice(-2)).to.deep.equal(['miss', 'hit l2'])
    await storedKey(second, redis)
    const back = await ask(first, '/encoded', { headers: { 'Accept-Encoding': 'identity' } })
    expect([back.headers['content-encoding'], back.text]).to.deep.equal([undefined, PAGE])
  })
})
